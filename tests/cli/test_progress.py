"""Long work shows how far it is on standard error, and its result alone on standard output."""

import os
import pty
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from idp.cli.progress import TerminalProgress, each
from tests.cli.conftest import CommandLine

ROOT = Path(__file__).resolve().parents[2]


def test_a_step_without_a_terminal_is_one_line(capsys):
    with TerminalProgress().step("counting") as advance:
        advance(1500)
        advance(500)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("counting: 2,000 in ")
    assert shown.err.count("\n") == 1


def test_a_step_that_fails_has_no_line(capsys):
    with pytest.raises(KeyError), TerminalProgress().step("counting"):
        raise KeyError
    assert capsys.readouterr().err == ""


def test_items_are_counted_while_they_are_used(capsys):
    assert list(each("reading", "abc", 3)) == ["a", "b", "c"]
    assert "reading: 3 in " in capsys.readouterr().err


WORK = """
from idp.cli.progress import TerminalProgress
with TerminalProgress().step("restoring", 4) as advance:
    advance(4)
with TerminalProgress().step("dumping") as advance:
    advance(7)
"""


@pytest.mark.slow
def test_a_terminal_gets_a_bar():
    parent, child = pty.openpty()
    subprocess.run([sys.executable, "-c", WORK], stderr=child, cwd=ROOT, check=True)
    os.close(child)
    shown = b""
    with suppress(OSError):  # the end of a terminal
        while piece := os.read(parent, 4096):
            shown += piece
    os.close(parent)
    assert b"restoring" in shown
    assert b"4/4" in shown
    assert b"dumping" in shown


LONG_WORK = {
    "keys reseal": "looking at rows: ",
    "audit verify": "verifying: ",
    "seed --accounts 2": "seeding: 2 in ",
}


@pytest.mark.parametrize("command", LONG_WORK)
def test_long_work_shows_its_progress(run: CommandLine, command: str):
    result = run(*command.split())
    assert result.exit_code == 0
    assert LONG_WORK[command] in result.stderr
    assert LONG_WORK[command] not in result.stdout
