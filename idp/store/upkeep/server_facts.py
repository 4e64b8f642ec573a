"""What PostgreSQL says about itself that decides whether what was acknowledged can be lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

_ASKED = (
    "synchronous_commit",
    "fsync",
    "full_page_writes",
    "archive_mode",
    "synchronous_standby_names",
)
_SETTINGS = text("SELECT name, setting FROM pg_settings WHERE name = ANY(:names)")
_ENCRYPTED = text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
_ARCHIVED = text("SELECT last_archived_time FROM pg_stat_archiver")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFacts:
    """Settings of the server as this hub's connections have them, and its state."""

    settings: Mapping[str, str]
    is_encrypted: bool
    """Whether this connection is TLS."""
    last_archived_at: datetime | None
    """When the server last copied a part of its log (WAL) to the archive."""


def server_facts(connection: Connection) -> ServerFacts:
    """Return the facts of PostgreSQL.

    Source: PostgreSQL documentation, pg_settings, pg_stat_ssl and pg_stat_archiver.
    """
    rows = connection.execute(_SETTINGS, {"names": list(_ASKED)})
    return ServerFacts(
        settings={row.name: row.setting for row in rows},
        is_encrypted=bool(connection.execute(_ENCRYPTED).scalar()),
        last_archived_at=connection.execute(_ARCHIVED).scalar(),
    )
