"""What migrations do on tables that are in use, without keeping a running hub waiting (F27)."""

from typing import Any

from alembic import op


def add_index(name: str, table: str, columns: list[str], **options: Any) -> None:  # noqa: ANN401
    """Build an index while the table is written to; safe to run again after a failure.

    ``options`` are those of ``op.create_index``. PostgreSQL does it outside of a transaction
    (``CREATE INDEX CONCURRENTLY``), so what the migration did before is committed first.
    """
    if op.get_context().dialect.name != "postgresql":
        op.create_index(name, table, columns, **options)
        return
    with op.get_context().autocommit_block():
        # It waits for the transactions of now, and keeps nobody waiting meanwhile.
        op.execute("SET lock_timeout = 0")
        # What a build that failed has left behind is no index.
        op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
        op.create_index(name, table, columns, postgresql_concurrently=True, **options)
        op.execute("RESET lock_timeout")
