"""Reads addresses in settings, and decides whether they may leave this machine."""

import re
from collections.abc import Collection, Iterator
from ipaddress import ip_address
from urllib.parse import SplitResult, parse_qs, urlsplit

WEB = frozenset({"http", "https"})
_PORT = re.compile(r":[0-9]+$")


def address(text: str, schemes: Collection[str]) -> SplitResult | None:
    """Return the parts of an address of one of ``schemes`` that names a host, or None."""
    found = parts(text, schemes)
    return found if found and found.hostname else None


def parts(text: str, schemes: Collection[str]) -> SplitResult | None:
    """Return the parts of an address of one of ``schemes``, whose host may be empty, or None."""
    try:
        found = urlsplit(text)
        _ = found.port  # raises ValueError for an invalid port
    except ValueError:
        return None
    return found if found.scheme in schemes else None


def is_loopback(host: str) -> bool:
    """Return whether ``host`` can only be this machine: ``localhost``, 127.0.0.0/8 or ``::1``."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def listens_here_alone(bind: str) -> bool:
    """Return whether ``host:port`` or ``unix:/path`` can be reached from this machine alone."""
    return bind.startswith("unix:") or is_loopback(_PORT.sub("", bind))


def query(url: str, name: str) -> list[str]:
    """Return every value that the query of ``url`` gives to ``name``, in lower case."""
    return [one.lower() for one in parse_qs(urlsplit(url).query).get(name, [])]


def database_leaves_the_machine(url: str) -> bool:
    """Return whether any of the hosts of a PostgreSQL address may be another machine.

    libpq also takes hosts from the query, several of them, and whole addresses from a service file,
    which is treated as another machine. A path as a host is the folder of a local socket.
    """
    if query(url, "service"):
        return True
    return not all(is_loopback(host) for host in _database_hosts(url))


def _database_hosts(url: str) -> Iterator[str]:
    named = [urlsplit(url).hostname or "", *query(url, "host"), *query(url, "hostaddr")]
    for host in ",".join(named).split(","):
        bare = host if host.count(":") > 1 else _PORT.sub("", host)
        if bare and not bare.startswith(("/", "@")):
            yield bare
