"""Folders and files that only the hub's operating-system user may open (attack OP14)."""

import errno
import os
from contextlib import suppress
from pathlib import Path

OTHERS_MAY = 0o077
FOLDER, FILE = 0o700, 0o600


def private_folder(folder: Path) -> None:
    """Create the folder and its missing parents, mode 0700.

    Raises:
        OSError: the folder cannot be created, or exists and is open to others; ``strerror`` says
            what to type. An existing folder keeps its mode: it may be shared, as /tmp is.
    """
    for one in (*reversed(folder.parents), folder):
        one.mkdir(mode=FOLDER, exist_ok=True)
    if problem := opened_to_others(folder):
        raise PermissionError(errno.EPERM, problem, str(folder))


def opened_to_others(folder: Path) -> str | None:
    """Return what to do about a folder that is open to other users; None for a private one."""
    mode = folder.stat().st_mode & 0o777
    if not mode & OTHERS_MAY:
        return None
    return f"is open to other users (mode {mode:04o}): chmod 0700 {folder}"


def private_file(file: Path) -> None:
    """Create the file, empty, with mode 0600; remove other users' access to an existing file.

    An existing file is never opened: closing it would release every lock (fcntl) that this process
    holds on it, SQLite's among them. Raises OSError when another user's file is open to others.
    """
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE))
    close_to_others(file)


def close_to_others(file: Path) -> None:
    """Remove other users' access to the file, if it exists. Raises OSError as above."""
    with suppress(FileNotFoundError):
        if file.stat().st_mode & OTHERS_MAY:
            file.chmod(FILE)
