"""Deleting and updating rows in batches, so that no sweep holds its locks for long (D05)."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, select, tuple_
from sqlalchemy.sql.dml import ReturningDelete, ReturningUpdate


def some_of(table: Table, condition: ColumnElement[bool], limit: int) -> ColumnElement[bool]:
    """Return the condition that holds for at most ``limit`` rows of those that ``condition`` names.

    Rows locked by another transaction are left to the next sweep (SKIP LOCKED): concurrent sweeps
    never wait, and share the work.
    """
    key = tuple(table.primary_key.columns)
    held = select(*key).where(condition).limit(limit)
    # A common table expression, for PostgreSQL may run a subquery that locks rows more than once.
    chosen = held.with_for_update(skip_locked=True, of=table).cte()
    return tuple_(*key).in_(select(*chosen.c))


def delete_some(
    connection: Connection, table: Table, condition: ColumnElement[bool], limit: int
) -> int:
    """Delete at most ``limit`` rows of those that ``condition`` names; return how many."""
    deleted = delete(table).where(some_of(table, condition, limit))
    return counted(connection, deleted.returning(*table.primary_key.columns))


def counted(connection: Connection, changing: ReturningDelete[Any] | ReturningUpdate[Any]) -> int:
    """Execute and return how many rows came back.

    The driver of SQLite leaves ``rowcount`` at -1 for a statement that begins with WITH.
    """
    return len(connection.execute(changing).all())
