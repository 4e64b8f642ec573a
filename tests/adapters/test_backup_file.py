"""A backup's file is private from its first byte, and is there only when it is whole."""

import pytest

from idp.adapters.backup_file import read_private, write_private


def test_the_file_is_its_owners_alone(tmp_path):
    file = tmp_path / "backup"
    assert write_private(file, [b"one", b"two"]) == 6
    assert (file.stat().st_mode & 0o777, file.read_bytes()) == (0o600, b"onetwo")


def test_a_file_is_never_replaced(tmp_path):
    file = tmp_path / "backup"
    file.write_text("older")
    with pytest.raises(FileExistsError):
        write_private(file, [b"newer"])
    assert file.read_text() == "older"


def test_nothing_is_left_of_a_backup_that_failed(tmp_path):
    def failing():
        yield b"half"
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_private(tmp_path / "backup", failing())
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_backup_left_is_no_obstacle(tmp_path):
    (tmp_path / ".backup.part").write_text("half")
    write_private(tmp_path / "backup", [b"whole"])
    assert [one.name for one in tmp_path.iterdir()] == ["backup"]


def test_a_key_that_others_may_read_is_refused(tmp_path):
    file = tmp_path / "key"
    file.write_text("key")
    file.chmod(0o640)
    with pytest.raises(PermissionError, match="chmod 0600"):
        read_private(file)
