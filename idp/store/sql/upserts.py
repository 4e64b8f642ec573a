"""INSERT ... ON CONFLICT, which SQLite and PostgreSQL spell alike and SQLAlchemy keeps apart."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_into(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return the dialect's INSERT, which has ``on_conflict_do_nothing`` and ``..._do_update``."""
    return insert_for(connection.dialect.name, table)


def insert_for(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return ``insert_into`` for the dialect of this name, for a statement to prepare."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def insert_new(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert unless a unique index has such a row already; return whether it was inserted.

    Waits for another transaction that inserts the same row. RETURNING tells which one inserted it:
    the ``rowcount`` of an INSERT is -1 on PostgreSQL in either case.
    """
    statement = insert_into(connection, table).values(row).on_conflict_do_nothing()
    key = tuple(table.primary_key.columns)
    return connection.execute(statement.returning(*key)).first() is not None
