"""Single-use rights as rows (D2, D6)."""

from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection

from idp.ports import BATCH
from idp.store.sql.batches import delete_some
from idp.store.sql.tables import once
from idp.store.sql.upserts import insert_new


class SingleUse:
    """Single-use rights: ids of assertions and handles (D2, D6); a code becomes its grant."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def take(self, kind: str, value: str, *, expires_at: datetime) -> bool:
        """Take the right; False when it was taken before. Waits for a concurrent transaction.

        The row keeps a digest: a portal's ``jti`` may be of any length.
        """
        digest = sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
        row = {"kind": kind, "digest": digest, "expires_at": expires_at}
        return insert_new(self._connection, once, row)

    def forget_expired(self, now: datetime, limit: int = BATCH) -> int:
        """Delete at most ``limit`` rows of expired rights; return how many."""
        return delete_some(self._connection, once, once.c.expires_at <= now, limit)
