"""The listening socket that systemd opened for this process (sd_listen_fds(3))."""

import os
import socket

FIRST = 3
"""The number of the first passed file descriptor."""


def passed_socket() -> socket.socket | None:
    """Return the socket that was passed to this process, or None; the variables stay as they are.

    A passed socket outlives the server: connections wait in it while another server starts.
    """
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or os.environ.get("LISTEN_FDS") != "1":
        return None
    return socket.socket(fileno=FIRST)
