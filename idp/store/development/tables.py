"""Tables of the embedded registry and of the development pages; production leaves them empty."""

from sqlalchemy import Column, Integer, String, Table, Text

from idp.store.sql.columns import BIG_ID, Utc
from idp.store.sql.tables import metadata

registry_people = Table(
    "registry_people",
    metadata,
    Column("national_id_hash", String(64), primary_key=True),
    Column("council_number_hash", String(64), index=True),
    Column("sealed", Text, nullable=False),
)

mail_inbox = Table(
    "mail_inbox",
    metadata,
    Column("uid", BIG_ID, primary_key=True, autoincrement=False),
    Column("sealed", Text, nullable=False),
    Column("at", Utc, nullable=False, index=True),
)

sms_inbox = Table(
    "sms_inbox",
    metadata,
    Column("uid", BIG_ID, primary_key=True, autoincrement=False),
    Column("sealed", Text, nullable=False),
    Column("at", Utc, nullable=False, index=True),
)

clock_shift = Table(
    "clock_shift",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seconds", BIG_ID, nullable=False),
)
