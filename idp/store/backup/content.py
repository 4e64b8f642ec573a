"""What a backup has of each table, and its manifest."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, inspect, select

from idp.ports import BrokenBackup, Manifest
from idp.store import migrate
from idp.store.sql.tables import metadata
from idp.store.sql.transactions import opened
from idp.store.upkeep.audit_tables import audit_heads

REVISIONS = "alembic_version"
WITHOUT_ROWS = frozenset(
    {
        # What gives a right and may have been used or revoked after the backup. None of it is
        # inside, so nothing of it can come back to life (fault F28).
        *("codes", "contexts", "known_devices", "pending_sign_ins"),
        *("recoveries", "refresh_tokens", "step_ones"),
        # May vanish.
        "ephemeral",
        # Written when all else of a restore is done: without it no hub starts.
        REVISIONS,
    }
)


def manifest_of(connection: Connection, made_at: datetime, version: str) -> Manifest:
    """Return the manifest of the database as this transaction sees it.

    Raises BrokenBackup: the database is at a revision that this version does not know.
    """
    revision = migrate.revision_of(connection)
    if revision not in migrate.revisions():
        raise BrokenBackup(f"the database is at revision {revision or 'none'}, not known here")
    return Manifest(
        engine=connection.dialect.name,
        revision=revision,
        made_at=made_at,
        version=version,
        rows=row_counts(connection),
        head=_head(connection),
    )


def tables_in(connection: Connection) -> Sequence[str]:
    """Return the hub's tables that are there, by name; an older revision lacks some."""
    there = set(inspect(connection).get_table_names())
    return sorted(there & {*metadata.tables, REVISIONS})


def row_counts(connection: Connection) -> dict[str, int]:
    """Return the rows of each table that a backup has with its rows."""
    counts = {}
    for name in tables_in(connection):
        if name not in WITHOUT_ROWS:
            counted = select(func.count()).select_from(metadata.tables[name])
            counts[name] = connection.execute(counted).scalar_one()
    return counts


def counted_rows(url: str) -> dict[str, int]:
    """Return ``row_counts`` of the database at ``url``. Raises DatabaseUnavailable."""
    with opened(url) as transactions, transactions.begin() as connection:
        be_patient(connection)
        return row_counts(connection)


def be_patient(connection: Connection) -> None:
    """Let the statements of this transaction take their time."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(
            "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"
        )


def _head(connection: Connection) -> tuple[int, str]:
    row = connection.execute(select(audit_heads.c.number, audit_heads.c.chain)).first()
    return (row.number, row.chain) if row else (0, "")
