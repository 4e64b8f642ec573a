"""Tables of the audit."""

from sqlalchemy import JSON, Column, Index, Integer, String, Table

from idp.store.sql.columns import BIG_ID, Utc
from idp.store.sql.tables import metadata

audit = Table(
    "audit",
    metadata,
    Column("id", BIG_ID, primary_key=True, autoincrement=False),
    Column("at", Utc, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("details", JSON, nullable=False),
    Column("chain", String(64), nullable=False),
    Index("ix_audit_subject_id", "subject", "id"),
)

# One row, the head: how far the audit has been written.
audit_heads = Table(
    "audit_heads",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", BIG_ID, nullable=False),
    Column("chain", String(64), nullable=False),
    Column("seal", String(64), nullable=False),
)
