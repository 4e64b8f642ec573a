"""``idp clients apply`` and ``diff``: the registrations equal a folder of reviewed files."""

import json

import pytest

from tests.cli.conftest import CommandLine


@pytest.fixture
def applied(run: CommandLine) -> CommandLine:
    """Two portals, registered from a folder."""
    run.portal("first")
    run.portal("second")
    run.done("clients", "apply", run.portals)
    return run


def names(run: CommandLine) -> list[str]:
    return [row["client_id"] for row in run.read("clients", "list")]


def versions(run: CommandLine) -> list[int]:
    return [run.read("clients", "show", name)["version"] for name in names(run)]


def test_new_portals_get_secrets_that_are_printed_once(run: CommandLine):
    run.portal("first")
    done = json.loads(run.done("clients", "apply", run.portals, "--json"))
    assert len(done[0]["client_secret"]) == 43
    assert json.loads(run.done("clients", "apply", run.portals, "--json")) == []


def test_a_second_time_changes_nothing(applied: CommandLine):
    before = versions(applied)
    said = applied.done("clients", "apply", applied.portals)
    assert versions(applied) == before
    assert "No new portal." in said


def test_the_plan_is_shown_first(applied: CommandLine):
    applied.portal("first", 'contacts = ["a@b.example"]\n')
    applied.portal("third")
    said = applied.done("clients", "apply", applied.portals)
    assert "~ first" in said
    assert "contacts" in said
    assert "  second" in said
    assert "+ third" in said


def test_a_portal_without_a_file_stays_unless_pruned(applied: CommandLine):
    (applied.portals / "second.toml").unlink()
    applied.done("clients", "apply", applied.portals)
    assert names(applied) == ["first", "second"]


def test_pruning_asks_and_a_no_changes_nothing(applied: CommandLine):
    (applied.portals / "second.toml").unlink()
    applied.portal("third")
    refused = applied("clients", "apply", applied.portals, "--prune", typed="n\n")
    assert refused.exit_code == 1
    assert "- second" in refused.stdout
    assert names(applied) == ["first", "second"]


def test_pruning_removes_after_a_yes(applied: CommandLine):
    (applied.portals / "second.toml").unlink()
    applied.done("clients", "apply", applied.portals, "--prune", typed="y\n")
    assert names(applied) == ["first"]


def test_scripts_prune_without_a_question(applied: CommandLine):
    (applied.portals / "second.toml").unlink()
    applied.done("clients", "apply", applied.portals, "--prune", "--yes")
    assert names(applied) == ["first"]


def test_one_wrong_file_applies_none(run: CommandLine):
    run.portal("first")
    run.portal("second", "first_party = 7\n")
    refused = run("clients", "apply", run.portals)
    assert refused.exit_code == 2
    assert "second.toml" in refused.stderr
    assert names(run) == []


def test_an_empty_folder_is_a_mistake_and_prunes_nobody(applied: CommandLine):
    for file in applied.portals.iterdir():
        file.unlink()
    assert applied("clients", "apply", applied.portals, "--prune", "--yes").exit_code == 2
    assert names(applied) == ["first", "second"]


def test_diff_says_by_its_exit_code_whether_something_would_change(applied: CommandLine):
    assert applied("clients", "diff", applied.portals).exit_code == 0
    applied.portal("first", 'contacts = ["a@b.example"]\n')
    differs = applied("clients", "diff", applied.portals)
    assert differs.exit_code == 1
    assert "~ first" in differs.stdout


def test_diff_for_scripts(applied: CommandLine):
    applied.portal("third")
    plan = json.loads(applied("clients", "diff", applied.portals, "--json").stdout)
    changes = {row["client_id"]: row["change"] for row in plan}
    assert changes["third"] != changes["first"] == changes["second"]


def test_the_demos_own_client_files_are_right(run: CommandLine):
    run.done("clients", "apply", "clients")
    assert names(run) == [
        "contributions-api",
        "electronic-copy",
        "insurance-records",
        "pension-estimate",
    ]
