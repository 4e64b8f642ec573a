"""The table of the key reports."""

from sqlalchemy import JSON, Column, String, Table

from idp.store.sql.columns import Utc
from idp.store.sql.tables import metadata

key_reports = Table(
    "key_reports",
    metadata,
    Column("process", String(200), primary_key=True),
    Column("seen_at", Utc, nullable=False),
    Column("published", JSON, nullable=False),
    Column("idle", JSON, nullable=False),
)
