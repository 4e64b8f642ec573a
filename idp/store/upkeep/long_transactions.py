"""Transactions of PostgreSQL that a migration would have to wait for."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, text

LONG = timedelta(seconds=5)
_LONG = text(
    "SELECT pid, usename, coalesce(nullif(application_name, ''), backend_type) AS program,"
    " extract(epoch FROM clock_timestamp() - xact_start) AS seconds"
    " FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND xact_start < clock_timestamp() - make_interval(secs => :least)"
    " ORDER BY xact_start"
)


@dataclass(frozen=True, slots=True)
class LongTransaction:
    """A transaction that has run for ``LONG`` and more; its statements may hold personal data."""

    process: int
    user: str
    program: str
    seconds: int


def long_transactions(connection: Connection) -> list[LongTransaction]:
    """Return the long transactions of this database, the longest first; none on SQLite.

    Without the role ``pg_read_all_stats``, PostgreSQL shows those of the hub's own user only.
    """
    if connection.dialect.name != "postgresql":
        return []
    rows = connection.execute(_LONG, {"least": LONG.total_seconds()})
    return [
        LongTransaction(row.pid, row.usename or "PostgreSQL", row.program, int(row.seconds))
        for row in rows
    ]


def database_bytes(connection: Connection) -> int | None:
    """Return the size of PostgreSQL's database, None for SQLite, whose size is its file's."""
    if connection.dialect.name != "postgresql":
        return None
    return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
