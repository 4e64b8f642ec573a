"""``idp audit``."""

import sqlite3

import pytest

from tests.cli.conftest import CommandLine


@pytest.fixture
def acted(run: CommandLine) -> CommandLine:
    """An administrator who registered two portals."""
    for name in ("one-portal", "two-portal"):
        run.done("clients", "register", run.portal(name))
    return run


def tamper(run: CommandLine, statement: str) -> None:
    connection = sqlite3.connect(run.folder / "hub.sqlite3")
    with connection:
        connection.execute(statement)
    connection.close()


def test_what_nobody_touched_follows_each_other(acted: CommandLine):
    assert "entries follow each other" in acted.done("audit", "verify")


def test_an_empty_audit_follows_itself(bare: CommandLine):
    bare.done("db", "upgrade")
    assert bare.done("audit", "verify") == "0 entries follow each other.\nhead -\n"


def test_a_changed_entry_is_named_and_ends_with_1(acted: CommandLine):
    tamper(acted, "UPDATE audit SET actor = 'somebody' WHERE subject = 'one-portal'")
    found = acted("audit", "verify")
    assert found.exit_code == 1
    assert "one-portal" in found.stdout
    assert "1 entries do not follow" in found.stderr


def test_scripts_read_what_is_broken(acted: CommandLine):
    tamper(acted, "DELETE FROM audit WHERE subject = 'one-portal'")
    found = acted("audit", "verify", "--json")
    assert '"subject": "two-portal"' in found.stdout


def test_a_head_of_before_must_still_be_there(acted: CommandLine):
    head = acted.read("audit", "verify")["head"]
    acted.done("clients", "suspend", "one-portal", "--reason", "a test")
    assert acted.read("audit", "verify", "--head", head)["head_found"]


def test_an_end_that_was_cut_off_is_found_by_its_head(acted: CommandLine):
    head = acted.read("audit", "verify")["head"]
    tamper(acted, "DELETE FROM audit WHERE subject = 'two-portal'")
    found = acted("audit", "verify", "--head", head)
    assert found.exit_code == 1
    assert "cut off" in found.stderr
