"""What lies on the disk is for the hub's user alone (OP14)."""

import fcntl
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from idp.private_files import private_file, private_folder
from tests.cli.conftest import CommandLine


@pytest.fixture(autouse=True)
def careless() -> None:
    """An administrator whose umask hides nothing."""
    before = os.umask(0o000)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_attack_OP14_everything_that_a_hub_makes_is_its_users_alone(run: CommandLine):
    run.done("maintenance", "begin")
    run.done("clients", "register", run.portal("one"))
    made = [run.folder / name for name in ("hub.sqlite3", "keys", "run", "run/hashing")]
    assert {path.name: oct(mode(path)) for path in made} == {
        "hub.sqlite3": "0o600",
        "keys": "0o700",
        "run": "0o700",
        "hashing": "0o700",
    }


def test_attack_OP14_a_database_that_others_could_read_is_closed_to_them(run: CommandLine):
    database = run.folder / "hub.sqlite3"
    database.chmod(0o644)
    run.done("db", "current")
    assert mode(database) == 0o600


@pytest.mark.parametrize("wide", [0o755, 0o750, 0o701, 0o770, 0o777])
@pytest.mark.parametrize(("folder", "command"), [("keys", "list"), ("run", "list")])
def test_attack_OP14_a_folder_that_others_may_open_is_refused_with_what_to_type(
    run: CommandLine, folder, command, wide
):
    (run.folder / folder).chmod(wide)
    refused = run("keys", command)
    assert refused.exit_code == 4
    assert f"chmod 0700 {run.folder / folder}" in refused.stderr
    assert mode(run.folder / folder) == wide  # it may be somebody else's, too


def test_attack_OP14_folders_above_are_private_too(tmp_path: Path):
    private_folder(tmp_path / "a" / "b" / "c")
    assert [mode(tmp_path / name) for name in ("a", "a/b", "a/b/c")] == [0o700] * 3


@pytest.mark.parametrize("command", ["demo", "conformance"])
def test_attack_OP14_a_folder_of_a_demo_that_others_may_open_is_refused(
    bare: CommandLine, tmp_path: Path, command
):
    folder = tmp_path / "wide"
    folder.mkdir(mode=0o755)
    refused = bare(command, "--folder", folder)
    assert refused.exit_code == 4
    assert f"chmod 0700 {folder}" in refused.stderr


def test_attack_OP14_a_file_in_use_keeps_its_locks(tmp_path: Path):
    """POSIX frees a process's locks on a file when it closes any descriptor of it."""
    file = tmp_path / "hub.sqlite3"
    private_file(file)
    with file.open("rb+") as opened:
        fcntl.lockf(opened, fcntl.LOCK_EX)
        private_file(file)
        tries = (
            f"import fcntl; fcntl.lockf(open({str(file)!r}, 'rb+'), fcntl.LOCK_EX | fcntl.LOCK_NB)"
        )
        other = subprocess.run([sys.executable, "-c", tries], capture_output=True, check=False)
    assert b"BlockingIOError" in other.stderr
