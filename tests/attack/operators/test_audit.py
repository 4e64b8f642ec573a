"""Whoever writes in the database takes newest entries of the audit away (OP13)."""

import sqlite3
from contextlib import closing

import pytest

from tests.cli.conftest import CommandLine


@pytest.fixture
def acted(run: CommandLine) -> CommandLine:
    """An administrator whose acts are anchored in a file."""
    run.variables["IDP__AUDIT__ANCHOR_FILE"] = str(run.folder / "heads")
    for name in ("one-portal", "two-portal", "bad-portal"):
        run.done("clients", "register", run.portal(name))
    return run


def tamper(run: CommandLine, *statements: str) -> None:
    with closing(sqlite3.connect(run.folder / "hub.sqlite3")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


CUT = "DELETE FROM audit WHERE subject = 'bad-portal'"


def complaint(run: CommandLine, *more: str) -> str:
    found = run("audit", "verify", *more)
    assert found.exit_code == 1, found.stdout
    return found.stderr


def test_attack_OP13_what_nobody_touched_is_content(acted: CommandLine):
    assert "entries follow each other" in acted.done("audit", "verify")


def test_attack_OP13_a_cut_end_is_seen_at_once(acted: CommandLine):
    tamper(acted, CUT)
    assert "is not the last one written" in complaint(acted)


def test_attack_OP13_a_cut_end_is_seen_when_the_hub_has_written_on(acted: CommandLine):
    tamper(acted, CUT)
    acted.done("clients", "register", acted.portal("new-portal"))
    assert "1 numbers are missing" in complaint(acted)


def test_attack_OP13_a_number_is_missing_in_the_listing_for_scripts(acted: CommandLine):
    tamper(acted, CUT)
    acted.done("clients", "register", acted.portal("new-portal"))
    found = acted("audit", "verify", "--json")
    assert '"missing_before": 1' in found.stdout


EARLIER = (
    "CREATE TABLE kept AS SELECT * FROM audit_heads",
    "DELETE FROM audit_heads",
    "INSERT INTO audit_heads SELECT * FROM kept",
)


@pytest.fixture
def put_back(acted: CommandLine) -> CommandLine:
    """An end that was put back together with the note of its head: whole by itself."""
    tamper(acted, EARLIER[0])
    acted.done("clients", "suspend", "bad-portal", "--reason", "a test")
    tamper(acted, "DELETE FROM audit WHERE action = 'client.suspended'", *EARLIER[1:])
    return acted


def test_attack_OP13_an_end_that_was_put_back_is_seen_by_the_file_of_heads(put_back: CommandLine):
    assert "1 heads kept outside are not in the audit" in complaint(put_back)


def test_attack_OP13_a_copy_of_the_file_serves(put_back: CommandLine, tmp_path):
    copy = tmp_path / "copy"
    copy.write_bytes((put_back.folder / "heads").read_bytes())
    (put_back.folder / "heads").unlink()
    assert "kept outside" in complaint(put_back, "--anchor", str(copy))


def test_attack_OP13_an_end_that_was_written_anew_is_seen_by_the_file(put_back: CommandLine):
    put_back.done("clients", "suspend", "one-portal", "--reason", "a test")
    assert "kept outside" in complaint(put_back)


def test_attack_OP13_everything_taken_away_is_seen_by_the_file(acted: CommandLine):
    tamper(acted, "DELETE FROM audit", "DELETE FROM audit_heads")
    assert "kept outside" in complaint(acted)


def test_attack_OP13_each_act_of_an_officer_is_kept_outside(acted: CommandLine):
    before = len((acted.folder / "heads").read_text("utf-8").splitlines())
    acted.done("clients", "suspend", "bad-portal", "--reason", "a test")
    assert len((acted.folder / "heads").read_text("utf-8").splitlines()) == before + 1


@pytest.mark.parametrize("line", ["no json", "[]", '{"number": "x", "chain": ""}', "{}"])
def test_attack_OP13_a_damaged_file_of_heads_is_told(acted: CommandLine, line):
    with (acted.folder / "heads").open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
    assert "1 lines of the file of heads cannot be read" in complaint(acted)
