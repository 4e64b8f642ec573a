"""Probes of the services that the hub depends on, for ``idp check``."""

import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

SECONDS = 3.0
_DEFAULT_PORTS = {
    "http": 80,
    "https": 443,
    "redis": 6379,
    "rediss": 6379,
    "postgresql": 5432,
    "smtp": 25,
}


def connection_problem(url: str) -> str | None:
    """Return why no connection to the host of ``url`` is made within three seconds, or None.

    No request is sent: a gateway would count it, a registry would bill it.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS[parts.scheme.partition("+")[0]]
    except (ValueError, KeyError):
        return "the setting is no address"
    if not parts.hostname:
        return "the setting is no address"
    try:
        socket.create_connection((parts.hostname, port), timeout=SECONDS).close()
    except OSError as error:
        return f"{parts.hostname}:{port} cannot be reached ({error.strerror or error})"
    return None


def taken_ports(ports: Iterable[int]) -> list[int]:
    """Return the ``ports`` on 127.0.0.1 on which a process already listens."""
    return [port for port in ports if connection_problem(f"http://127.0.0.1:{port}") is None]
