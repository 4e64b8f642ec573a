"""Folders and files that nobody but the hub's user may open (attack OP14)."""

import errno
import os
from contextlib import suppress
from pathlib import Path

OTHERS_MAY = 0o077
FOLDER, FILE = 0o700, 0o600


def private_folder(folder: Path) -> None:
    """Make the folder and what is missing above it, mode 0700.

    Raises:
        OSError: it cannot be made, or it was there and others may open it; ``strerror`` says what
            to type. It is not changed: it may be somebody else's too, as /tmp is.
    """
    for one in (*reversed(folder.parents), folder):
        one.mkdir(mode=FOLDER, exist_ok=True)
    if problem := opened_to_others(folder):
        raise PermissionError(errno.EPERM, problem, str(folder))


def opened_to_others(folder: Path) -> str | None:
    """Return what to do about a folder that others may open; None where nobody else may."""
    mode = folder.stat().st_mode & 0o777
    if not mode & OTHERS_MAY:
        return None
    return f"is open to other users (mode {mode:04o}): chmod 0700 {folder}"


def private_file(file: Path) -> None:
    """Make the file, empty, with mode 0600; take from others what they may do to one of ours.

    One that is there is never opened: to close it again would free every lock (fcntl) that this
    process holds on it, SQLite's among them. Raises OSError where it is another user's.
    """
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE))
    close_to_others(file)


def close_to_others(file: Path) -> None:
    """Take from others what they may do to the file, if it is there. Raises OSError as above."""
    with suppress(FileNotFoundError):
        if file.stat().st_mode & OTHERS_MAY:
            file.chmod(FILE)
