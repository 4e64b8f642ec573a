"""Who is at work on this machine, by the operating system."""

import os
import pwd
import socket
from pathlib import Path

from idp.ports import Operator

LOGIN_UID = Path("/proc/self/loginuid")
NOBODY_LOGGED_IN = 2**32 - 1


def this_operator(login_uid: Path = LOGIN_UID) -> Operator:
    """Return the user who logged in, also through ``sudo``, and the machine's name.

    The kernel keeps the user of the login (pam_loginuid) through every change of user. Where nobody
    logged in (a container, a job), it is the user of the process. No variable is asked: whoever
    types commands sets those.
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
