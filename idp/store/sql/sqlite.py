"""Connections to SQLite: durable, private, and with the write lock from a transaction's begin on.

Loaded only for an address of SQLite: a hub on PostgreSQL does not need its driver.
"""

import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError

from idp.private_files import close_to_others, private_file

_BEGIN = "BEGIN IMMEDIATE"


def watch(
    engine: Engine, file: Path, *, busy: timedelta, synchronous: str, only_reads: bool
) -> None:
    """Prepare each connection of the engine, and keep the file private.

    ``busy``: how long one connection waits for another's lock. ``synchronous``: SQLite's word for
    which commits wait for the disk. ``only_reads``: the connections cannot write.
    """

    def prepare(connection: DBAPIConnection, _record: object) -> None:
        # The driver begins no transaction of its own; "begin" below does.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {int(busy.total_seconds() * 1000)}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute(f"PRAGMA synchronous = {synchronous}")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute(f"PRAGMA query_only = {int(only_reads)}")
        cursor.close()

    def make_private(*_: object) -> None:
        # SQLite creates the file by the umask; -wal and -shm get the mode of the file.
        _private(file)

    event.listen(engine, "do_connect", make_private)
    event.listen(engine, "connect", prepare)
    if not only_reads:
        event.listen(engine, "begin", _begin)


def _private(file: Path) -> None:
    try:
        private_file(file)
        for end in ("-wal", "-shm"):
            close_to_others(Path(f"{file}{end}"))
    except OSError as error:
        raise sqlite3.OperationalError(f"{file}: {error.strerror}") from error


def _begin(connection: Connection) -> None:
    """Take the write lock at once: upgrading a read lock later could only fail (SQLITE_BUSY).

    By the driver alone: a statement of SQLAlchemy's would take a sixth of a transaction's time.
    """
    driver: Any = connection.connection.dbapi_connection
    try:
        driver.execute(_BEGIN)
    except sqlite3.Error as error:
        raise OperationalError(_BEGIN, None, error, hide_parameters=True) from error
