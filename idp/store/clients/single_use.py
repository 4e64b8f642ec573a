"""Single-use rights as rows (D2, D6)."""

from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, bindparam, select

from idp.ports import BATCH
from idp.store.sql.batches import delete_some
from idp.store.sql.prepared import Prepared
from idp.store.sql.tables import once
from idp.store.sql.upserts import insert_new

_FIND = Prepared(
    lambda _: select(once.c.digest).where(
        once.c.kind == bindparam("kind"), once.c.digest == bindparam("digest")
    )
)


class SingleUse:
    """Single-use rights: ids of assertions and handles (D2, D6); a code becomes its grant."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def take(self, kind: str, value: str, *, expires_at: datetime) -> bool:
        """Take the right; False when it was taken before. Waits for a concurrent transaction.

        The row keeps a digest: a portal's ``jti`` may be of any length.
        """
        row = {"kind": kind, "digest": _digest(value), "expires_at": expires_at}
        return insert_new(self._connection, once, row)

    def is_taken(self, kind: str, value: str) -> bool:
        """Return whether the right was taken, and its row is still kept."""
        return _FIND.first(self._connection, kind=kind, digest=_digest(value)) is not None

    def forget_expired(self, now: datetime, limit: int = BATCH) -> int:
        """Delete at most ``limit`` rows of expired rights; return how many."""
        return delete_some(self._connection, once, once.c.expires_at <= now, limit)


def _digest(value: str) -> str:
    return sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
