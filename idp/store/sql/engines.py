"""SQLAlchemy engines of SQLite and PostgreSQL; an acknowledged commit is durable (fault F09)."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, make_url

from idp.store.sql.extension import open_engines

VANISHING = "vanishing"
READING = "reading"
BUSY_TIMEOUT = timedelta(seconds=5)
STATEMENT_TIMEOUT = timedelta(seconds=2.5)
POOL_WAIT = timedelta(seconds=1)
LOOKING_FOR_US = {
    "tcp_keepalives_idle": 10,
    "tcp_keepalives_interval": 3,
    "tcp_keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""The server's side of ``postgresql.NETWORK``: a node whose line was cut silently leaves
connections, which count against ``max_connections`` for two hours by Linux's keepalives (F29)."""

Engines = Mapping[str | None, Engine]
Pools = Mapping[str | None, Mapping[str, Any]]


def build_engines(
    url: str, *, pool_size: int = 5, pool_wait: timedelta, patient: bool = False
) -> Engines:
    """Return the engines by their bind; they open no connection yet.

    None is the bind of durable rows. Connections of READING cannot write, and each statement is a
    transaction of its own: a look needs no round trip for BEGIN and ROLLBACK. Commits of VANISHING
    do not wait for the disk; its pool has half as many connections. ``patient``: statements may
    take as long as they need.

    Raises ValueError for SQLite in memory.
    """
    address = make_url(url)
    pools = {
        None: _pool(pool_size, pool_wait),
        READING: {**_pool(pool_size, pool_wait), "pool_reset_on_return": None},
        VANISHING: _pool(max(1, pool_size // 2), pool_wait),
    }
    if address.get_backend_name() == "postgresql":
        return _postgresql(address, pools, patient=patient)
    return _sqlite(address, pools)


def _pool(size: int, wait: timedelta) -> dict[str, Any]:
    return {
        "pool_size": size,
        "max_overflow": 0,
        "pool_timeout": wait.total_seconds(),
        "hide_parameters": True,  # an error's text may hold no personal value
    }


def _postgresql(url: URL, pools: Pools, *, patient: bool) -> Engines:
    # Imported here: with SQLite alone the driver need not be installed.
    from idp.store.sql import postgresql  # noqa: PLC0415

    address = url.set(drivername="postgresql+psycopg")
    engines = open_engines(
        {
            bind: {
                **pool,
                "url": address,
                "isolation_level": "AUTOCOMMIT" if bind == READING else "READ COMMITTED",
                "connect_args": {
                    "options": _options(bind, patient=patient),
                    **postgresql.network(url.query, only_reads=bind == READING),
                },
            }
            for bind, pool in pools.items()
        }
    )
    postgresql.watch(engines, patient=patient)
    return engines


def _options(bind: str | None, *, patient: bool) -> str:
    settings: dict[str, object] = {
        "TimeZone": "UTC",
        "statement_timeout": 0 if patient else _milliseconds(STATEMENT_TIMEOUT),
        "idle_in_transaction_session_timeout": _milliseconds(timedelta(seconds=30)),
        **LOOKING_FOR_US,
    }
    if bind == VANISHING:
        settings["synchronous_commit"] = "off"
    if bind == READING:
        settings["default_transaction_read_only"] = "on"
    return " ".join(f"-c {name}={value}" for name, value in settings.items())


def _sqlite(url: URL, pools: Pools) -> Engines:
    # Imported here: a hub on PostgreSQL does not load the driver.
    from idp.store.sql import sqlite  # noqa: PLC0415

    if url.database in {None, "", ":memory:"}:
        raise ValueError("in memory, every connection would have a database of its own")
    # Flask-SQLAlchemy would look for a relative path below the application's instance folder.
    file = Path(str(url.database)).absolute()
    engines = open_engines(
        {bind: {**pool, "url": url.set(database=str(file))} for bind, pool in pools.items()}
    )
    for bind, engine in engines.items():
        sqlite.watch(
            engine,
            file,
            busy=BUSY_TIMEOUT,
            synchronous="NORMAL" if bind == VANISHING else "FULL",
            only_reads=bind == READING,
        )
    return engines


def _milliseconds(span: timedelta) -> int:
    return int(span.total_seconds() * 1000)
