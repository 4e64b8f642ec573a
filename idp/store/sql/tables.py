"""All tables, as ``migrations/`` builds them: a test compares the two."""

# ``sealed`` columns hold personal values; ``*_hash`` their look-up digests, or argon2id hashes.

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from idp.store.sql.columns import BIG_ID, Utc
from idp.store.sql.extension import db

metadata = db.metadata

_NOT_CLOSED = text("state != 'closed'")
_OPEN = text("state IN ('received', 'checking', 'branch')")
_WAITING = text("state = 'waiting'")
_REPEATABLE = text("successor IS NOT NULL")


def _index_of_waiting(name: str, *columns: str) -> Index:
    """Return an index of the jobs that wait: those that ended are many more."""
    return Index(name, *columns, sqlite_where=_WAITING, postgresql_where=_WAITING)


accounts = Table(
    "accounts",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("national_id_hash", String(64), nullable=False),
    Column("sealed", Text, nullable=False),
    Column("phone_proven", Boolean, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("password_cost", String(40), nullable=False, index=True),
    Column("answer_hash", Text, nullable=False),
    Column("answer_cost", String(40), nullable=False, index=True),
    Column("question_id", String(32), nullable=False),
    Column("password_changed_at", Utc, nullable=False),
    Column("roles", JSON, nullable=False),
    Column("assurance_method", String(16), nullable=False),
    Column("assurance_mobile", String(16), nullable=False),
    Column("assured_at", Utc, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("email_confirmed_at", Utc),
    Column("recovery_held_until", Utc),
    Index(
        "uq_accounts_national_id_hash",
        "national_id_hash",
        unique=True,
        sqlite_where=_NOT_CLOSED,
        postgresql_where=_NOT_CLOSED,
    ),
)

council_numbers = Table(
    "council_numbers",
    metadata,
    Column("number_hash", String(64), primary_key=True),
    Column("account_id", String(36), nullable=False, unique=True),
)

cases = Table(
    "cases",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("tracking_number", String(16), nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("source", String(16), nullable=False),
    Column("national_id_hash", String(64), nullable=False),
    Column("mobile_hash", String(64)),
    Column("tracking_hash", String(64)),
    Column("sealed", Text),
    Column("password_hash", Text),
    Column("answer_hash", Text),
    Column("notice_version", String(32), nullable=False),
    Column("notice_at", Utc, nullable=False),
    Column("submitted_at", Utc, nullable=False),
    Column("phone_proven", Boolean, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("overdue", Boolean, nullable=False),
    Column("decided_at", Utc, index=True),
    Index(
        "uq_cases_national_id_hash_mobile_hash",
        "national_id_hash",
        "mobile_hash",
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    ),
    Index("ix_cases_state_submitted_at", "state", "submitted_at"),
)

step_ones = Table(
    "step_ones",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("sealed", Text, nullable=False),
    Column("expires_at", Utc, nullable=False, index=True),
    Column("proven_at", Utc),
    Column("case_id", String(36)),
)

recoveries = Table(
    "recoveries",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("sealed", Text, nullable=False),
    Column("account_id", String(36)),
    Column("question_id", String(32), nullable=False),
    Column("expires_at", Utc, nullable=False, index=True),
    Column("proven_at", Utc),
    Column("used_at", Utc),
)

pending_sign_ins = Table(
    "pending_sign_ins",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("sealed", Text, nullable=False),
    Column("account_id", String(36), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("password_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False, index=True),
)

codes = Table(
    "codes",
    metadata,
    Column("flow_id", String(64), primary_key=True),
    Column("purpose", String(16), primary_key=True),
    Column("phone", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("asked_at", Utc, nullable=False, index=True),
    Column("good_until", Utc, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("used_at", Utc),
)

counters = Table(
    "counters",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("hits", Integer, nullable=False),
    Column("wait_until", Utc),
    Column("ends_at", Utc, nullable=False, index=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("token_digest", String(64), nullable=False, unique=True),
    Column("account_id", String(36), nullable=False, index=True),
    Column("auth_time", Utc, nullable=False),
    Column("acr", String(100), nullable=False),
    Column("amr", JSON, nullable=False),
    Column("password_at", Utc, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("created_at", Utc, nullable=False, index=True),
    Column("last_seen_at", Utc, nullable=False),
    Column("ended_at", Utc),
    Column("sealed_origin", Text, nullable=False),
)

session_visits = Table(
    "session_visits",
    metadata,
    Column("session_id", ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("client_id", String(100), primary_key=True),
    Column("last_at", Utc, nullable=False),
)

known_devices = Table(
    "known_devices",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("account_id", String(36), nullable=False, index=True),
    Column("epoch", Integer, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("sealed", Text, nullable=False),
    Column("proven_at", Utc, nullable=False),
    Column("last_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False, index=True),
)

grants = Table(
    "grants",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("client_id", String(100), nullable=False, index=True),
    Column("account_id", String(36), nullable=False, index=True),
    Column("session_id", String(64), nullable=False, index=True),
    Column("account_epoch", Integer, nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("auth_time", Utc, nullable=False),
    Column("acr", String(100), nullable=False),
    Column("amr", JSON, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False, index=True),
    Column("requested_claims", JSON, nullable=False),
    Column("nonce", Text),
    Column("resources", JSON, nullable=False),
    Column("offline", Boolean, nullable=False),
    Column("revoked_at", Utc, index=True),
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("grant_id", ForeignKey("grants.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("used_at", Utc),
    Column("successor", Text),
    Index(
        "ix_refresh_tokens_used_at",
        "used_at",
        sqlite_where=_REPEATABLE,
        postgresql_where=_REPEATABLE,
    ),
)

once = Table(
    "once",
    metadata,
    Column("kind", String(32), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("expires_at", Utc, nullable=False, index=True),
)

contexts = Table(
    "contexts",
    metadata,
    Column("handle", String(64), primary_key=True),
    Column("sealed", Text, nullable=False),
    Column("expires_at", Utc, nullable=False, index=True),
)

consents = Table(
    "consents",
    metadata,
    Column("account_id", String(36), primary_key=True),
    Column("client_id", String(100), primary_key=True),
    Column("scopes", JSON, nullable=False),
    Column("claims", JSON, nullable=False),
    Column("client_version", Integer, nullable=False),
    Column("text_version", String(32), nullable=False),
    Column("given_at", Utc, nullable=False),
    Column("revoked_at", Utc),
)

releases = Table(
    "releases",
    metadata,
    Column("account_id", String(36), primary_key=True),
    Column("client_id", String(100), primary_key=True),
    Column("claims_digest", String(64), primary_key=True),
    Column("claims", JSON, nullable=False),
    Column("first_at", Utc, nullable=False),
    Column("last_at", Utc, nullable=False),
)

clients = Table(
    "clients",
    metadata,
    Column("client_id", String(100), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", JSON, nullable=False),
)

invitations = Table(
    "invitations",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("invited", Text, nullable=False),
    Column("officer", Text, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False, index=True),
    Column("uses_left", Integer, nullable=False),
)

client_logos = Table(
    "client_logos",
    metadata,
    Column("client_id", String(100), primary_key=True),
    Column("png", LargeBinary, nullable=False),
)

changes = Table(
    "changes",
    metadata,
    Column("topic", String(32), primary_key=True),
    Column("number", Integer, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", BIG_ID, primary_key=True, autoincrement=True),
    Column("kind", String(64), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("unique_key", String(300), nullable=False),
    Column("payload", JSON, nullable=False),
    Column("message_id", String(64)),
    Column("sealed_message", Text),
    Column("expires_at", Utc),
    Column("state", String(16), nullable=False),
    Column("run_at", Utc, nullable=False),
    Column("lease_until", Utc),
    Column("fence", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("worker", String(100)),
    Column("reason", Text),
    Column("created_at", Utc, nullable=False),
    Column("ended_at", Utc),
    UniqueConstraint("unique_key"),
    _index_of_waiting("ix_jobs_run_at_id", "run_at", "id"),
    _index_of_waiting("ix_jobs_kind_run_at_id", "kind", "run_at", "id"),
    _index_of_waiting("ix_jobs_expires_at", "expires_at"),
    Index("ix_jobs_state_ended_at", "state", "ended_at"),
    sqlite_autoincrement=True,
)

# Unlogged on PostgreSQL (the migration): a crash of the server may empty it.
ephemeral = Table(
    "ephemeral",
    metadata,
    Column("key", String(300), primary_key=True),
    Column("value", Text),
    Column("hits", Integer, nullable=False),
    Column("expires_at", Utc, nullable=False, index=True),
)

branches = Table(
    "branches",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("province", String(60), nullable=False, index=True),
    Column("city", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("hours", Text, nullable=False),
)

mobile_changes = Table(
    "mobile_changes",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account_id", String(36), nullable=False, index=True),
    Column("epoch", Integer, nullable=False),
    Column("sealed", Text),
    Column("state", String(16), nullable=False),
    Column("asked_at", Utc, nullable=False),
    Column("decided_at", Utc, index=True),
    Column("reason", String(32)),
    Index(
        "uq_mobile_changes_account_id",
        "account_id",
        unique=True,
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    ),
)

refusals = Table(
    "refusals",
    metadata,
    Column("client_id", String(100), primary_key=True),
    Column("endpoint", String(32), primary_key=True),
    Column("reason", String(40), primary_key=True),
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("fingerprint", String(64), nullable=False),
    Column("error", String(60), nullable=False),
    Column("details", JSON, nullable=False),
    Column("is_proven", Boolean, nullable=False),
    Column("count", Integer, nullable=False),
    Column("first_at", Utc, nullable=False),
    Column("last_at", Utc, nullable=False, index=True),
)
