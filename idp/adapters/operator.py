"""The operator who runs a command, as the operating system knows them."""

import os
import pwd
import socket
from pathlib import Path

from idp.ports import Operator

LOGIN_UID = Path("/proc/self/loginuid")
NOBODY_LOGGED_IN = 2**32 - 1


def this_operator(login_uid: Path = LOGIN_UID) -> Operator:
    """Return the user who logged in, also under ``sudo``, and the machine's name.

    The kernel keeps the login user (pam_loginuid) through every change of user. Without a login (a
    container, a job) it is the user of the process. Environment variables are not read: the
    operator could set them.
    """
    uid = _logged_in(login_uid)
    try:
        user = pwd.getpwuid(uid).pw_name
    except KeyError:
        user = str(uid)
    return Operator(user, socket.gethostname())


def _logged_in(login_uid: Path) -> int:
    try:
        uid = int(login_uid.read_text("ascii"))
    except (OSError, ValueError):
        return os.getuid()
    return os.getuid() if uid == NOBODY_LOGGED_IN else uid
