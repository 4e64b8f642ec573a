"""Counters that guard an account or a phone, as rows."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, case, delete, literal, null, or_, select, update

from idp.ports import BATCH, Backoff, Taken
from idp.store.sql.batches import delete_some
from idp.store.sql.columns import Utc
from idp.store.sql.tables import counters
from idp.store.sql.upserts import insert_into


class Counters:
    """Counters that guard an account or a phone: rows, so that no restart or flush resets them.

    A row stays locked until the transaction ends: keep those short.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def take(self, key: str, *, limit: int, per: timedelta, now: datetime) -> Taken:
        """Count one action; allow it while at most ``limit`` happened since the window opened.

        The window opens with its first action and lasts ``per``.
        """
        over = counters.c.ends_at <= now
        ends_at = literal(now + per, Utc)
        statement = insert_into(self._connection, counters).values(
            key=key, hits=1, wait_until=None, ends_at=ends_at
        )
        counted = statement.on_conflict_do_update(
            index_elements=["key"],
            set_={
                "hits": case((over, 1), else_=counters.c.hits + 1),
                "ends_at": case((over, ends_at), else_=counters.c.ends_at),
            },
        ).returning(counters.c.hits, counters.c.ends_at)
        row = self._connection.execute(counted).one()
        if row.hits <= limit:
            return Taken(allowed=True, count=row.hits)
        return Taken(allowed=False, retry_after=row.ends_at - now, count=row.hits)

    def counts(self, keys: Sequence[str], now: datetime) -> Mapping[str, int]:
        """Return how many actions were counted, without counting; a key without any is missing."""
        running = select(counters.c.key, counters.c.hits).where(
            counters.c.key.in_(keys), counters.c.ends_at > now
        )
        return {row.key: row.hits for row in self._connection.execute(running)}

    def full_until(self, key: str, limit: int, now: datetime) -> datetime | None:
        """Return when the window of a key that reached ``limit`` ends; None below it."""
        statement = select(counters.c.ends_at).where(
            counters.c.key == key, counters.c.hits >= limit, counters.c.ends_at > now
        )
        return self._connection.execute(statement).scalar_one_or_none()

    def give_back(self, key: str) -> None:
        """Take back one action that was counted and did not happen."""
        counted = update(counters).where(counters.c.key == key, counters.c.hits > 0)
        self._connection.execute(counted.values(hits=counters.c.hits - 1))

    def take_try(self, key: str, backoff: Backoff, now: datetime) -> Taken:
        """Count one try before its result is known and allow it unless a wait is running.

        A refused try is not counted: it could not have been right. The try after ``free`` ones
        waits ``backoff.first``, each later one twice as long, at most ``backoff.longest``.
        """
        hits = self._count_unless_waiting(key, now + backoff.memory, now)
        if hits is None:
            wait_until = self._connection.execute(
                select(counters.c.wait_until).where(counters.c.key == key)
            ).scalar_one()
            return Taken(allowed=False, retry_after=wait_until - now)
        wait = _wait_after(hits, backoff)
        if wait:
            self._connection.execute(
                update(counters).where(counters.c.key == key).values(wait_until=now + wait)
            )
        return Taken(allowed=True, count=hits)

    def clear(self, key: str) -> None:
        """Forget the key (the try was right)."""
        self._connection.execute(delete(counters).where(counters.c.key == key))

    def forget_expired(self, now: datetime, limit: int = BATCH) -> int:
        """Delete at most ``limit`` counters whose window is over; return how many."""
        return delete_some(self._connection, counters, counters.c.ends_at <= now, limit)

    def _count_unless_waiting(self, key: str, ends_at: datetime, now: datetime) -> int | None:
        """Return the count of tries with this one, and lock the row; None while a wait runs."""
        forgotten = counters.c.ends_at <= now
        statement = insert_into(self._connection, counters).values(
            key=key, hits=1, wait_until=None, ends_at=ends_at
        )
        counted = statement.on_conflict_do_update(
            index_elements=["key"],
            set_={
                "hits": case((forgotten, 1), else_=counters.c.hits + 1),
                "wait_until": null(),
                "ends_at": ends_at,
            },
            where=or_(forgotten, counters.c.wait_until.is_(None), counters.c.wait_until <= now),
        ).returning(counters.c.hits)
        return self._connection.execute(counted).scalar_one_or_none()


def _wait_after(tries: int, backoff: Backoff) -> timedelta:
    """Return the wait before the next try. The exponent is bounded: a timedelta overflows."""
    if tries < backoff.free:
        return timedelta(0)
    doublings = min(tries - backoff.free, int(backoff.longest / backoff.first).bit_length())
    return min(backoff.first * (1 << doublings), backoff.longest)
