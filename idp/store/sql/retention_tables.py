"""Tables of what is kept for a time that the organisation decides."""

from sqlalchemy import Column, Integer, String, Table

from idp.store.sql.columns import BIG_ID, Utc
from idp.store.sql.tables import metadata

# At most one row: the last entry that was cut off at the beginning, which the first one follows.
audit_cuts = Table(
    "audit_cuts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", BIG_ID, nullable=False),
    Column("chain", String(64), nullable=False),
    Column("seal", String(64), nullable=False),
)

# Found by this time, for the accounts have no index that would find the few closed ones.
closed_accounts = Table(
    "closed_accounts",
    metadata,
    Column("account_id", String(36), primary_key=True),
    Column("closed_at", Utc, nullable=False, index=True),
)
