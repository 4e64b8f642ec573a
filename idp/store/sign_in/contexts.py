"""Sealed contexts that are too long for a URL, as rows (D3)."""

from datetime import datetime

from sqlalchemy import Connection, select

from idp.ports import BATCH
from idp.store.sql.batches import delete_some
from idp.store.sql.tables import contexts
from idp.store.sql.upserts import insert_into


class Contexts:
    """Rows for sealed contexts over 4 KiB, one a request and browser."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, handle: str, sealed: str, expires_at: datetime) -> None:
        """Insert, or replace the row of this handle."""
        fresh = {"sealed": sealed, "expires_at": expires_at}
        statement = insert_into(self._connection, contexts).values(handle=handle, **fresh)
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=["handle"], set_=fresh)
        )

    def find(self, handle: str, now: datetime) -> str | None:
        """Return the sealed context, or None when it is unknown or expired."""
        statement = select(contexts.c.sealed).where(
            contexts.c.handle == handle, contexts.c.expires_at > now
        )
        return self._connection.execute(statement).scalar_one_or_none()

    def forget_expired(self, now: datetime, limit: int = BATCH) -> int:
        """Delete at most ``limit`` expired contexts; return how many."""
        return delete_some(self._connection, contexts, contexts.c.expires_at <= now, limit)
