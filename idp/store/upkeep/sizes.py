"""How large the tables are, by the database's own books: no table is read."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Table, func, inspect, select, text
from sqlalchemy.exc import OperationalError

from idp.ports import TableSize
from idp.store.sql.tables import metadata
from idp.store.sql.transactions import Transactions

_BY_TIME = ("created_at", "expires_at", "ends_at", "asked_at", "last_at", "closed_at", "at")
_POSTGRESQL = text(
    "SELECT c.relname AS name, CASE WHEN c.reltuples < 0 THEN NULL ELSE c.reltuples END AS rows,"
    " pg_table_size(c.oid) AS bytes, pg_indexes_size(c.oid) AS index_bytes"
    " FROM pg_class c WHERE c.relkind = 'r' AND pg_table_is_visible(c.oid)"
)
_SQLITE = text("SELECT name, sum(pgsize) AS bytes FROM dbstat GROUP BY name")


def table_sizes(transactions: Transactions) -> Sequence[TableSize]:
    """Return the size of each of the hub's tables, the largest first.

    Rows are PostgreSQL's estimate; SQLite counts them, and knows bytes only where it was built with
    ``dbstat``. Raises DatabaseUnavailable.
    """
    with transactions.begin(read_only=True) as connection:
        if connection.dialect.name == "postgresql":
            found = list(_of_postgresql(connection))
        else:
            found = list(_of_sqlite(connection))
    return sorted(found, key=lambda one: -((one.bytes or 0) + (one.index_bytes or 0)))


def _of_postgresql(connection: Connection) -> Iterator[TableSize]:
    for row in connection.execute(_POSTGRESQL).mappings():
        table = metadata.tables.get(row["name"])
        if table is not None:
            yield TableSize(
                table=table.name,
                rows=None if row["rows"] is None else int(row["rows"]),
                bytes=row["bytes"],
                index_bytes=row["index_bytes"],
                oldest=_oldest(connection, table),
            )


def _of_sqlite(connection: Connection) -> Iterator[TableSize]:
    pages = _pages(connection)
    for name in inspect(connection).get_table_names():
        table = metadata.tables.get(name)
        if table is None:
            continue
        indexes = [one["name"] or "" for one in inspect(connection).get_indexes(name)]
        indexes += [one for one in pages if one.startswith(f"sqlite_autoindex_{name}_")]
        yield TableSize(
            table=name,
            rows=connection.execute(select(func.count()).select_from(table)).scalar_one(),
            bytes=pages.get(name),
            index_bytes=sum(pages.get(one, 0) for one in indexes) if pages else None,
            oldest=_oldest(connection, table),
        )


def _pages(connection: Connection) -> Mapping[str, int]:
    try:
        return {row.name: int(row.bytes) for row in connection.execute(_SQLITE)}
    except OperationalError:  # no such table: dbstat is an option of SQLite's build
        return {}


def _oldest(connection: Connection, table: Table) -> datetime | None:
    """Return the smallest time of the table where an index knows it, or of its first row."""
    for name in _BY_TIME:
        column = table.c.get(name)
        if column is None:
            continue
        if any(column is index.expressions[0] for index in table.indexes):
            found: datetime | None = connection.scalar(select(func.min(column)))
            return found
        if "id" in table.c and table.name in {"audit", "jobs"}:
            first: datetime | None = connection.scalar(select(column).order_by(table.c.id).limit(1))
            return first
    return None
