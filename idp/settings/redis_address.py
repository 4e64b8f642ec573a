"""Reads ``redis.url``: one server, Sentinels that know the present one, or a cluster."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from urllib.parse import parse_qsl, unquote, urlsplit

REDIS_PORT, SENTINEL_PORT = 6379, 26379


class RedisKind(Enum):
    """What answers at the hosts of the address; the value is the end of its scheme."""

    SINGLE = ""
    SENTINEL = "+sentinel"
    CLUSTER = "+cluster"


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """The parts of ``redis.url``; ``plain`` has scheme, user, path and query of one server."""

    kind: RedisKind
    hosts: tuple[tuple[str, int], ...]
    is_tls: bool
    service: str
    """The name of the primary at the Sentinels; else empty."""
    plain: str
    query: Mapping[str, str]


def redis_address(url: str) -> RedisAddress:
    """Return the parts of ``url``. Raises ValueError when it is no address of Redis.

    ``redis://user:password@host:6379/0``; ``redis+sentinel://user:password@s1,s2:26379/primary/0``;
    ``redis+cluster://user:password@host1:6379,host2:6379``; with ``rediss`` TLS is spoken.
    """
    parts = urlsplit(url)
    scheme, plus, kind = parts.scheme.partition("+")
    if scheme not in {"redis", "rediss"}:
        raise ValueError("the scheme is not redis or rediss")
    of_kind = RedisKind(plus + kind)
    user, at, places = parts.netloc.rpartition("@")
    hosts = tuple(_hosts(places, SENTINEL_PORT if of_kind is RedisKind.SENTINEL else REDIS_PORT))
    if of_kind is RedisKind.SINGLE and len(hosts) > 1:
        raise ValueError("several hosts are Sentinels or a cluster")
    service, number = _path(of_kind, parts.path)
    plain = f"{scheme}://{user}{at}host{number}"
    return RedisAddress(
        of_kind, hosts, scheme == "rediss", service, plain, dict(parse_qsl(parts.query))
    )


def _hosts(places: str, default_port: int) -> list[tuple[str, int]]:
    return [_host(place, default_port) for place in places.split(",")]


def _host(place: str, default_port: int) -> tuple[str, int]:
    found = urlsplit(f"//{place}")
    if not found.hostname or found.path:
        raise ValueError("a host is missing")
    return found.hostname, found.port or default_port


def _path(kind: RedisKind, path: str) -> tuple[str, str]:
    """Return the Sentinels' name of the primary, and the number of the database with its slash."""
    if kind is RedisKind.SINGLE:
        return "", path
    first, slash, number = path.removeprefix("/").partition("/")
    if kind is RedisKind.CLUSTER:
        if first.strip("0") or slash:
            raise ValueError("a cluster has the database 0 alone")
        return "", ""
    if not first:
        raise ValueError("the Sentinels' name of the primary is missing")
    return unquote(first), slash + number
