"""What stands on a command line is seen by everybody on the machine (OP10, OP14)."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from idp.adapters.operator import NOBODY_LOGGED_IN, this_operator
from idp.adapters.randomness import SystemRandomness
from idp.cli import words
from idp.cli.main import idp
from idp.domain.errors import Invalid
from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from tests.cli.conftest import CommandLine

NATIONAL_ID = "9994863177"
CHECKED = (
    words.Words,
    words.Name,
    words.CaseName,
    words.AccountName,
    words.FromInput,
    words.DatabaseAddress,
    click.Choice,
    click.IntRange,
    click.Path,
)
"""Types that take no personal value; a plain text takes any."""


def commands(group: click.Group, above: str = "idp") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        yield f"{above} {name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{above} {name}")


PARAMETERS = [
    pytest.param(parameter, id=f"{name} {parameter.name}")
    for name, command in commands(idp)
    for parameter in command.params
    if not getattr(parameter, "is_flag", False)
]


@pytest.mark.parametrize("parameter", PARAMETERS)
def test_attack_OP10_no_parameter_of_any_command_takes_a_personal_value(parameter):
    assert isinstance(parameter.type, CHECKED)


PERSONAL = [
    NATIONAL_ID,
    "۹۹۹۴۸۶۳۱۷۷",
    "999-486317-7",
    "09121234567",
    "+989121234567",
    "0912 123 4567",
    "12927104 7",
]


@pytest.mark.parametrize("number", PERSONAL)
@pytest.mark.parametrize(
    "kind",
    [words.WORDS, words.NAME, words.CASE, words.ACCOUNT, words.INPUT],
    ids=lambda kind: type(kind).__name__,
)
def test_attack_OP10_a_number_of_a_person_is_refused_wherever_it_is_written(kind, number):
    with pytest.raises(click.BadParameter):
        kind.convert(number, None, None)


@pytest.mark.parametrize("number", PERSONAL)
def test_attack_OP10_a_reason_names_nobody_by_number(number):
    with pytest.raises(click.BadParameter):
        words.WORDS.convert(f"came in, {number}, with the card", None, None)


@pytest.mark.parametrize(
    "line",
    [
        ["citizens", "show", NATIONAL_ID],
        ["citizens", "suspend", NATIONAL_ID, "--branch", "4", "--reason", "x"],
        ["citizens", "change-mobile", "--mobile", "09121234567"],
        ["cases", "show", NATIONAL_ID],
        ["cases", "activate", "1000000003", "--code", "482913"],
        ["registry", "lookup", NATIONAL_ID],
    ],
    ids=" ".join,
)
def test_attack_OP10_a_personal_value_on_the_command_line_is_wrong_use(bare: CommandLine, line):
    refused = bare(*line)
    assert refused.exit_code == 2
    assert NATIONAL_ID not in refused.stdout


def test_attack_OP10_the_audit_names_user_and_machine_beside_the_typed_officer(run: CommandLine):
    run.done("clients", "register", run.portal("one"), "--officer", "whoever I say")
    run.done("keys", "new", "--officer", "whoever I say")
    entries = run.read("audit", "tail")
    operator = f"operator={this_operator()}"
    assert [operator in entry["details"] for entry in entries] == [True] * len(entries)
    assert len(entries) > 2


def test_attack_OP10_no_variable_changes_who_is_at_work(monkeypatch: pytest.MonkeyPatch):
    before = this_operator()
    for name in ("USER", "LOGNAME", "SUDO_USER", "SUDO_UID", "HOSTNAME"):
        monkeypatch.setenv(name, "somebody")
    assert this_operator() == before


@pytest.mark.parametrize("said", [str(NOBODY_LOGGED_IN), "", "none", None])
def test_attack_OP10_without_a_login_the_user_of_the_process_is_at_work(tmp_path: Path, said):
    file = tmp_path / "loginuid"
    if said is not None:
        file.write_text(said, "ascii")
    assert this_operator(file) == this_operator(tmp_path / "absent")


def test_attack_OP10_who_logged_in_stays_so_through_sudo(tmp_path: Path):
    file = tmp_path / "loginuid"
    file.write_text("1", "ascii")
    assert this_operator(file).user == "daemon"


def test_attack_OP10_a_user_without_a_name_is_a_number(tmp_path: Path):
    file = tmp_path / "loginuid"
    file.write_text("3123456789", "ascii")
    assert this_operator(file).user == "3123456789"


def test_attack_OP10_a_tracking_number_is_never_a_number_of_a_person():
    randomness = SystemRandomness()
    for number in (randomness.tracking_number() for _ in range(3000)):
        for kind in (NationalId, Mobile):
            with pytest.raises(Invalid):
                kind.parse(number)


def test_attack_OP10_at_a_terminal_what_is_typed_is_asked_for():
    """Through a terminal of its own: what is hidden does not come back."""
    parent, child = os.openpty()
    asks = (
        "from idp.cli.words import typed; raise SystemExit(typed('Code', hidden=True) != '482913')"
    )
    with subprocess.Popen(
        [sys.executable, "-c", asks],
        stdin=child,
        stdout=child,
        stderr=child,
        start_new_session=True,
    ) as asked:
        os.close(child)
        shown = b""
        while not shown.endswith(b": "):
            shown += os.read(parent, 1024)
        os.write(parent, b"482913\n")
        assert asked.wait(timeout=30) == 0
    assert b"482913" not in shown + os.read(parent, 1024)
    os.close(parent)


def test_attack_OP14_no_id_begins_as_an_option_does():
    randomness = SystemRandomness()
    made = (make() for make in (randomness.token, randomness.identifier) for _ in range(2000))
    assert not [one for one in made if one.startswith("-")]


def test_attack_OP14_what_begins_as_an_option_does_is_taken_behind_two_hyphens(run: CommandLine):
    refused = run("keys", "promote", "--", "-abc")
    assert (refused.exit_code, "there is no key -abc" in refused.stderr) == (3, True)


def test_attack_OP14_no_client_is_called_as_an_option(run: CommandLine):
    refused = run("clients", "register", run.portal("-x").resolve())
    assert refused.exit_code == 2
    assert json.loads(run.done("clients", "list", "--json")) == []
