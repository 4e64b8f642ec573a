"""redis-py's clients of one server, of Sentinels and of a cluster; none retries or waits long."""

from collections.abc import Callable
from threading import Lock
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode, RedisCluster
from redis.connection import SSLConnection, parse_url
from redis.exceptions import RedisClusterException
from redis.retry import Retry
from redis.sentinel import Sentinel

from idp.settings.redis_address import RedisAddress, RedisKind, redis_address

Client = redis.Redis | RedisCluster
AWAY = (redis.RedisError, RedisClusterException, OSError)
"""What a client raises when Redis cannot be used."""
_OF_SENTINELS = "sentinel_"
"""Options of the address that are for the Sentinels themselves: ``sentinel_password``."""


class RedisClients:
    """Gives the client for ``redis.url``. Nothing is connected before it is asked for.

    ``tag`` is the beginning of every key: in a cluster, commands and scripts with several keys need
    all of them in one slot, which the part in braces decides.
    """

    def __init__(self, url: str, *, seconds: float) -> None:
        """``seconds`` bounds each connect and each reply. Raises ValueError for no address."""
        address = redis_address(url)
        self.tag = "{hub}" if address.kind is RedisKind.CLUSTER else ""
        self._open = _opener(address, _options(address, seconds))
        self._lock = Lock()
        self._client: Client | None = None

    def __call__(self) -> Client:
        """Return the client. Raises one of ``AWAY`` when no node of a cluster answers."""
        client = self._client
        if client is None:
            with self._lock:
                client = self._client = self._client or self._open()
        return client


def redis_problem(url: str, *, seconds: float) -> str | None:
    """Return why Redis cannot be used, or None when it answers."""
    try:
        RedisClients(url, seconds=seconds)().get("ping")
    except (*AWAY, ValueError) as error:
        return f"Redis cannot be reached or used ({type(error).__name__})"
    return None


def _options(address: RedisAddress, seconds: float) -> dict[str, Any]:
    query = "&".join(
        f"{name}={value}"
        for name, value in address.query.items()
        if not name.startswith(_OF_SENTINELS)
    )
    found: dict[str, Any] = {
        "socket_timeout": seconds,
        "socket_connect_timeout": seconds,
        "decode_responses": True,
        "encoding_errors": "surrogatepass",
        # redis-py's own retries repeat writes, and wait.
        "retry": Retry(NoBackoff(), 0),
        **parse_url(f"{address.plain}?{query}"),  # type: ignore[no-untyped-call]
    }
    del found["host"]
    found["ssl"] = found.pop("connection_class", None) is SSLConnection
    return found


def _opener(address: RedisAddress, options: dict[str, Any]) -> Callable[[], Client]:
    if address.kind is RedisKind.CLUSTER:
        nodes = [ClusterNode(*place) for place in address.hosts]  # type: ignore[no-untyped-call]
        return lambda: RedisCluster(startup_nodes=nodes, **options)
    if address.kind is RedisKind.SENTINEL:
        return lambda: _of_sentinels(address, options)
    ((host, port),) = address.hosts
    return lambda: redis.Redis(host=host, port=port, **options)


def _of_sentinels(address: RedisAddress, options: dict[str, Any]) -> Client:
    """Return a client that asks the Sentinels at each connect which server is the primary."""
    own = {
        name.removeprefix(_OF_SENTINELS): value
        for name, value in address.query.items()
        if name.startswith(_OF_SENTINELS)
    }
    shared = {
        name: value
        for name, value in options.items()
        if name.startswith(("socket_", "ssl", "retry"))
    }
    sentinels = Sentinel(  # type: ignore[no-untyped-call]
        address.hosts, sentinel_kwargs={**shared, **own}, **options
    )
    primary: redis.Redis = sentinels.master_for(address.service)  # type: ignore[no-untyped-call]
    return primary
