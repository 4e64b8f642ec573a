"""Single-use rights as rows (D2, D6)."""

from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, String, bindparam, delete, insert, select

from idp.ports import BATCH
from idp.store.sql.batches import delete_some
from idp.store.sql.columns import Utc
from idp.store.sql.prepared import Prepared, Statement
from idp.store.sql.tables import once
from idp.store.sql.upserts import insert_for

_FIND = Prepared(
    lambda _: select(once.c.digest).where(
        once.c.kind == bindparam("kind"), once.c.digest == bindparam("digest")
    )
)


FENCE = "fence"
_FENCES = once.c.kind == FENCE


def _take(dialect: str) -> Statement:
    kind, expires_at = bindparam("kind", type_=String), bindparam("expires_at", type_=Utc)
    fence = once.alias("fence")
    is_fenced = (
        select(fence.c.kind)
        .where(fence.c.kind == FENCE, fence.c.digest == kind, fence.c.expires_at >= expires_at)
        .exists()
    )
    right = select(kind, bindparam("digest", type_=String), expires_at).where(~is_fenced)
    return (
        insert_for(dialect, once)
        .from_select(["kind", "digest", "expires_at"], right)
        .on_conflict_do_nothing()
        .returning(once.c.digest)
    )


_TAKE = Prepared(_take)


class SingleUse:
    """Single-use rights: ids of assertions and handles (D2, D6); a code becomes its grant."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def take(self, kind: str, value: str, *, expires_at: datetime) -> bool:
        """Take the right; False when it was taken before, or expires within the kind's fence.

        Waits for a concurrent transaction. The row keeps a digest: a portal's ``jti`` may be of any
        length.
        """
        row = {"kind": kind, "digest": _digest(value), "expires_at": expires_at}
        return _TAKE.first(self._connection, **row) is not None

    def fence(self, kind: str, *, until: datetime) -> None:
        """Refuse all rights of the kind that expire by ``until``: some may have been taken before.

        The rows that would say so were lost with a database that was restored (fault F28).
        """
        self._connection.execute(delete(once).where(_FENCES & (once.c.digest == kind)))
        row = {"kind": FENCE, "digest": kind, "expires_at": until}
        self._connection.execute(insert(once).values(row))

    def is_taken(self, kind: str, value: str) -> bool:
        """Return whether the right was taken, and its row is still kept."""
        return _FIND.first(self._connection, kind=kind, digest=_digest(value)) is not None

    def forget_expired(self, now: datetime, limit: int = BATCH) -> int:
        """Delete at most ``limit`` rows of expired rights; return how many."""
        return delete_some(self._connection, once, once.c.expires_at <= now, limit)


def _digest(value: str) -> str:
    return sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
