"""The commands of docs/operate/backup.md, in their order, do what the document says."""

import re
from pathlib import Path

import pytest

from idp.ports import BrokenBackup
from tests.cli.conftest import CommandLine
from tests.migrated import migrated

ROOT = Path(__file__).resolve().parents[2]
COMMAND = re.compile(r"^    idp (.+)$", re.MULTILINE)
PUBLIC = re.compile(r'public_key = "(age1[a-z0-9]+)"')
DOCUMENT = (ROOT / "docs" / "operate" / "backup.md").read_text("utf-8")


@pytest.fixture
def operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """An operator in a folder of their own, with a hub on SQLite."""
    monkeypatch.chdir(tmp_path)
    found = CommandLine(tmp_path)
    found.write_settings()
    migrated(f"sqlite:///{tmp_path / 'hub.sqlite3'}")
    return found


def test_the_commands_of_the_document_run_one_after_the_other(operator: CommandLine):
    made = operator.done(*commands()["backup-key"])
    operator.variables["IDP__BACKUP__PUBLIC_KEY"] = PUBLIC.search(made)[1]
    operator.done(*commands()["backup"])
    drill, restore = (one.split() for one in COMMAND.findall(DOCUMENT) if "restore hub" in one)
    assert "test person" in operator.done(*drill)
    (operator.folder / "hub.sqlite3").unlink()
    operator.done(*restore)
    for name in ("audit", "db", "citizens"):
        operator.done(*commands()[name])


def commands() -> dict[str, list[str]]:
    """Return the words of each command, by its first one; of `restore` the last."""
    return {line.split()[0]: line.split() for line in COMMAND.findall(DOCUMENT)}


def test_every_command_of_the_document_is_run():
    run = {"backup-key", "backup", "restore", "check", "audit", "db", "citizens"}
    assert set(commands()) == run


def test_the_document_says_what_is_wrong_with_a_file_of_another_format(operator: CommandLine):
    file = operator.folder / "hub-1.age"
    file.write_bytes(b"no backup")
    operator.done(*commands()["backup-key"])
    refused = operator(*commands()["restore"])
    assert refused.exit_code == 4
    assert "no file of age" in refused.stderr
    assert BrokenBackup.__name__ not in refused.stderr
