"""The commands of docs/operate, as they stand there, in their order."""

import re
import shlex
from pathlib import Path

import pytest

from idp.cli.context import Hub
from tests import factories
from tests.cli.conftest import CommandLine, furnished, run

__all__ = ["furnished", "run"]

OPERATE = Path(__file__).resolve().parents[2] / "docs" / "operate"
COMMAND = re.compile(r"^    idp (.+)$", re.MULTILINE)
BRANCHES = "name,province,city,address,phone,hours\nشعبه یک,یزد,یزد,خیابان امام,,\n"
MANY, FEW = "2000000", "50"
RUN_ELSEWHERE = {
    "backup.md": "tests/docs/test_backup_document.py",
    "conformance.md": "tests/e2e/test_conformance_mode.py",
}
"""Pages whose commands need more than an administrator's folder."""
UNWELL = 4


def commands(page: str) -> list[list[str]]:
    """Return the words of each command of a page that stands on a line of its own."""
    return [shlex.split(line) for line in COMMAND.findall((OPERATE / page).read_text("utf-8"))]


@pytest.fixture
def operator(run: CommandLine, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """An operator in the folder where the file of branches lies."""
    monkeypatch.chdir(run.folder)
    (run.folder / "branches.csv").write_text(BRANCHES, "utf-8")
    return run


def give_up_on(hub: Hub, client_id: str) -> None:
    """Leave a delivery of a logout token that the worker has given up."""
    with hub.begin() as work:
        work.sessions.add(factories.session(), "token")
        work.sessions.visit("session-1", client_id, hub.clock())
        work.deliveries.put("session-1", hub.clock())
        job = work.outbox.claim("w", hub.clock(), lease=hub.settings.session_idle)
        work.outbox.bury(job, hub.clock(), reason="status_500")


def test_the_commands_of_running_run_one_after_the_other(operator: CommandLine):
    give_up_on(operator.hub(), "insurance-records")
    for words in commands("running.md"):
        operator.done(*(FEW if word == MANY else word for word in words))


def test_the_commands_of_install_say_what_production_needs(operator: CommandLine):
    for words in commands("install.md"):
        listed = operator(*words)
        assert listed.exit_code == UNWELL, "these are settings of development"
        assert "production: issuer" in listed.stdout


def test_the_commands_of_the_desk_that_read_the_audit_run(operator: CommandLine):
    reading = [words for words in commands("desk.md") if words[0] != "citizens"]
    for words in reading:
        operator.done(*words)
    assert reading


def test_the_commands_of_keys_run_one_after_the_other(operator: CommandLine):
    signing = kid_of(operator, "active")
    for words in commands("keys.md"):
        kid = signing if "retire" in words else ""
        if "promote" in words:
            kid = kid_of(operator, "next")
        # The document says how long to wait; who does not wait says so.
        operator.done(
            *(kid if word == "KID" else word for word in words), *(["--now"] if kid else [])
        )


def kid_of(operator: CommandLine, state: str) -> str:
    return next(str(row["kid"]) for row in operator.read("keys", "list") if row["state"] == state)


def test_every_page_with_commands_of_idp_is_run():
    here = set(re.findall(r'commands\("(\S+)"\)', Path(__file__).read_text("utf-8")))
    pages = {page.name for page in OPERATE.glob("*.md") if commands(page.name)}
    assert pages == here | set(RUN_ELSEWHERE)
    assert all((OPERATE.parents[1] / place).exists() for place in RUN_ELSEWHERE.values())
