"""Databases with the newest tables, and nothing in them; migrated once a process."""

import functools
import tempfile
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from idp.store import migrate
from idp.store.sql.tables import metadata

DRIVER = "+psycopg"
_READY: set[str] = set()
"""The databases that have the newest tables."""


def migrated(url: str) -> str:
    """Give the database at ``url`` the newest tables, and return ``url``."""
    if url in _READY:
        return url
    file = Path(make_url(url).database or "")
    if url.startswith("sqlite:///") and not file.exists():
        file.write_bytes(_empty_sqlite())
    else:
        migrate.upgrade(url)
    _READY.add(url)
    return url


def emptied(url: str) -> str:
    """Empty the tables of a PostgreSQL database that is used again and again, and return ``url``.

    Who is still connected is thrown out. Deleted, not truncated, for that takes eight times as
    long with so few rows, and a database made anew thirty times.
    """
    with psycopg.connect(url.replace(DRIVER, ""), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.execute("; ".join(_emptying()))
    return url


@functools.cache
def _emptying() -> tuple[str, ...]:
    tables = reversed(metadata.sorted_tables)
    return (
        *(f'DELETE FROM "{table.name}"' for table in tables),
        "ALTER SEQUENCE jobs_id_seq RESTART",
    )


@functools.cache
def _empty_sqlite() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.sqlite3"
        migrate.upgrade(f"sqlite:///{path}")
        return path.read_bytes()
