"""Engines: how SQLite and PostgreSQL are opened so that acknowledged means durable (fault F09)."""

import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection

from idp.private_files import close_to_others, private_file

READ_ONLY = "idp_read_only"
BUSY_TIMEOUT = timedelta(seconds=5)
STATEMENT_TIMEOUT = timedelta(seconds=2.5)
CONNECT_TIMEOUT = timedelta(seconds=2)


def build_engine(
    url: str, *, pool_size: int = 5, pool_wait: timedelta, durable: bool = True
) -> Engine:
    """Return an engine that opens nothing yet.

    ``durable`` False is for rows that may vanish: commits do not wait for the disk.
    """
    parsed = make_url(url)
    pool = {
        "pool_size": pool_size,
        "max_overflow": 0,
        "pool_timeout": pool_wait.total_seconds(),
        "hide_parameters": True,  # an error's text may hold no personal value
    }
    if parsed.get_backend_name() == "postgresql":
        return _postgresql(parsed, durable, pool)
    return _sqlite(parsed, durable, pool)


def _postgresql(url: URL, durable: bool, pool: dict[str, Any]) -> Engine:  # noqa: FBT001
    settings = {
        "TimeZone": "UTC",
        "statement_timeout": _milliseconds(STATEMENT_TIMEOUT),
        "idle_in_transaction_session_timeout": _milliseconds(timedelta(seconds=30)),
    }
    if not durable:
        settings["synchronous_commit"] = "off"
    arguments = {
        "connect_timeout": int(CONNECT_TIMEOUT.total_seconds()),
        "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
    }
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        isolation_level="READ COMMITTED",
        connect_args=arguments,
        **pool,
    )


def _sqlite(url: URL, durable: bool, pool: dict[str, Any]) -> Engine:  # noqa: FBT001
    engine = create_engine(url, **pool)

    def prepare(connection: DBAPIConnection, _record: object) -> None:
        # The driver begins no transaction of its own; "begin" below does.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {_milliseconds(BUSY_TIMEOUT)}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    def make_private(*_: object) -> None:
        # SQLite makes the file as the umask says; its log and index get the mode of the file.
        _private(url.database or "")

    event.listen(engine, "do_connect", make_private)
    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _private(file: str) -> None:
    try:
        private_file(Path(file))
        for end in ("-wal", "-shm"):
            close_to_others(Path(f"{file}{end}"))
    except OSError as error:
        raise sqlite3.OperationalError(f"{file}: {error.strerror}") from error


def _begin(connection: Connection) -> None:
    """Take the write lock at once: a lock taken in the middle could only fail (SQLITE_BUSY)."""
    read_only = connection.get_execution_options().get(READ_ONLY, False)
    connection.exec_driver_sql(f"PRAGMA query_only = {int(read_only)}")
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _milliseconds(span: timedelta) -> int:
    return int(span.total_seconds() * 1000)
