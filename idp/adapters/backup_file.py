"""Files of backups and of their keys: private from the first byte, in place only when whole."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from idp.private_files import FILE, OTHERS_MAY


def write_private(file: Path, content: Iterable[bytes]) -> int:
    """Write a new file of mode 0600 and return its size; it appears with its last byte.

    Raises:
        FileExistsError: a file of that name is there; none is ever replaced.
        OSError: the folder cannot be written, or is full; nothing is left.
    """
    if file.exists():
        raise FileExistsError(f"{file} is there already")
    part = file.with_name(f".{file.name}.part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE)
    try:
        with os.fdopen(handle, "wb") as opened:
            for piece in content:
                opened.write(piece)
            opened.flush()
            os.fsync(opened.fileno())
            size = opened.tell()
        part.replace(file)
        _sync(file.parent)
    finally:
        with suppress(OSError):
            part.unlink()
    return size


def read_private(file: Path) -> str:
    """Return the text of a file that its owner alone may read.

    Raises:
        PermissionError: others may open it; the text says what to type.
        OSError: it cannot be read.
    """
    if file.stat().st_mode & OTHERS_MAY:
        raise PermissionError(f"{file} is open to other users: chmod 0600 {file}")
    return file.read_text("utf-8")


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
