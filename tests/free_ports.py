"""Ports for servers that tests start, which nobody takes between the look and the start."""

import itertools
import os
import socket

FIRST_PORT, PORTS_A_PROCESS = 20_000, 600
NEIGHBOURS = 5
"""Most ports in a row that somebody asks for."""
OF_NO_WORKER = "gw20"
_steps = itertools.count(os.getpid())


def free_port() -> int:
    """Return a port that nobody listens on."""
    return free_ports(1)


def free_ports(count: int = NEIGHBOURS) -> int:
    """Return the first of so many neighbouring ports that nobody listens on.

    They lie below the ports that the kernel gives to outgoing connections, and each test process
    has a range of its own: no other connection or test takes them before they are used.
    """
    assert count <= NEIGHBOURS
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", OF_NO_WORKER).removeprefix("gw"))
    for _ in range(PORTS_A_PROCESS // NEIGHBOURS):
        step = next(_steps) * NEIGHBOURS % PORTS_A_PROCESS
        first = FIRST_PORT + worker * PORTS_A_PROCESS + step
        if are_free(first, count):
            return first
    raise AssertionError(f"no {count} free ports in a row")


def are_free(first: int, count: int = NEIGHBOURS) -> bool:
    """Return whether nobody listens on any of these ports."""
    return all(map(_is_free, range(first, first + count)))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: connections that are over do not hold a port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
