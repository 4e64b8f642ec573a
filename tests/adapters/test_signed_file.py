"""A signed file is read only by whoever has the key that wrote it."""

import pytest

from idp.adapters.signed_file import SignedFile

KEY = b"k" * 32


@pytest.fixture
def file(tmp_path):
    return tmp_path / "cache"


def test_what_was_written_is_read(file):
    SignedFile(file, KEY).write(b"content")
    assert SignedFile(file, KEY).read() == b"content"


def test_a_missing_file_is_empty(file):
    assert SignedFile(file, KEY).read() == b""


def test_another_key_reads_nothing(file):
    SignedFile(file, KEY).write(b"content")
    assert SignedFile(file, b"o" * 32).read() == b""


@pytest.mark.parametrize("at", [0, -1])
def test_a_changed_byte_leaves_nothing_to_read(file, at):
    SignedFile(file, KEY).write(b"content")
    written = bytearray(file.read_bytes())
    written[at] ^= 1
    file.write_bytes(written)
    assert SignedFile(file, KEY).read() == b""


@pytest.mark.parametrize("left", [b"", b"short"])
def test_a_truncated_file_is_empty(file, left):
    file.write_bytes(left)
    assert SignedFile(file, KEY).read() == b""


def test_no_other_user_reads_the_file(file):
    SignedFile(file, KEY).write(b"content")
    assert file.stat().st_mode & 0o077 == 0
