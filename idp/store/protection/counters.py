"""Counters that guard an account or a phone, as rows."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import (
    Connection,
    Delete,
    String,
    Update,
    bindparam,
    case,
    delete,
    null,
    or_,
    select,
    update,
)

from idp.ports import BATCH, Backoff, Settlement, Taken
from idp.store.sql.batches import delete_some
from idp.store.sql.columns import Utc
from idp.store.sql.prepared import Prepared, Statement
from idp.store.sql.tables import counters
from idp.store.sql.upserts import insert_for

_KEY, _NOW = bindparam("key", type_=String), bindparam("now", type_=Utc)
_ENDS_AT = bindparam("ends_at", type_=Utc)
_ROW = {"key": _KEY, "hits": 1, "wait_until": None, "ends_at": _ENDS_AT}
_OVER = counters.c.ends_at <= _NOW
_ONE_MORE = case((_OVER, 1), else_=counters.c.hits + 1)


def _count(dialect: str) -> Statement:
    ends_at = case((_OVER, _ENDS_AT), else_=counters.c.ends_at)
    statement = insert_for(dialect, counters).values(_ROW)
    return statement.on_conflict_do_update(
        index_elements=["key"], set_={"hits": _ONE_MORE, "ends_at": ends_at}
    ).returning(counters.c.hits, counters.c.ends_at)


def _count_unless_waiting(dialect: str) -> Statement:
    """Return the INSERT that counts a try and locks the row; no row while a wait runs."""
    statement = insert_for(dialect, counters).values(_ROW)
    return statement.on_conflict_do_update(
        index_elements=["key"],
        set_={"hits": _ONE_MORE, "wait_until": null(), "ends_at": _ENDS_AT},
        where=or_(_OVER, counters.c.wait_until.is_(None), counters.c.wait_until <= _NOW),
    ).returning(counters.c.hits)


def given_back() -> Update:
    """Return the UPDATE that takes back one count of the key ``given_back``."""
    is_it = counters.c.key == bindparam("given_back")
    return update(counters).where(is_it, counters.c.hits > 0).values(hits=counters.c.hits - 1)


def cleared() -> Delete:
    """Return the DELETE of the key ``cleared``."""
    return delete(counters).where(counters.c.key == bindparam("cleared"))


_COUNT, _COUNT_UNLESS_WAITING = Prepared(_count), Prepared(_count_unless_waiting)
_GIVE_BACK, _CLEAR = Prepared(lambda _: given_back()), Prepared(lambda _: cleared())


class Counters:
    """Counters that guard an account or a phone: rows, so that no restart or flush resets them.

    A row stays locked until the transaction ends: keep those short.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def take(self, key: str, *, limit: int, per: timedelta, now: datetime) -> Taken:
        """Count one action; allow it while at most ``limit`` happened since the window opened.

        The window opens with its first action and lasts ``per``. It is one statement.
        """
        values = {"key": key, "now": now, "ends_at": now + per}
        (row,) = _COUNT.all(self._connection, **values)
        hits: int = row["hits"]
        if hits <= limit:
            return Taken(allowed=True, count=hits)
        return Taken(allowed=False, retry_after=row["ends_at"] - now, count=hits)

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
        """Take back one action that was counted and did not happen; it is one statement."""
        _GIVE_BACK.run(self._connection, given_back=key)

    def settle(self, settlement: Settlement) -> None:
        """Take back or clear what a right try leaves."""
        if settlement.given_back:
            self.give_back(settlement.given_back)
        if settlement.cleared:
            self.clear(settlement.cleared)

    def take_try(self, key: str, backoff: Backoff, now: datetime) -> Taken:
        """Count one try before its result is known and allow it unless a wait is running.

        A refused try is not counted: it could not have been right. The try after ``free`` ones
        waits ``backoff.first``, each later one twice as long, at most ``backoff.longest``.
        """
        values = {"key": key, "now": now, "ends_at": now + backoff.memory}
        row = _COUNT_UNLESS_WAITING.first(self._connection, **values)
        if row is None:
            wait_until = self._connection.execute(
                select(counters.c.wait_until).where(counters.c.key == key)
            ).scalar_one()
            return Taken(allowed=False, retry_after=wait_until - now)
        hits: int = row["hits"]
        wait = _wait_after(hits, backoff)
        if wait:
            self._connection.execute(
                update(counters).where(counters.c.key == key).values(wait_until=now + wait)
            )
        return Taken(allowed=True, count=hits)

    def clear(self, key: str) -> None:
        """Forget the key (the try was right)."""
        _CLEAR.run(self._connection, cleared=key)

    def forget_expired(self, now: datetime, limit: int = BATCH) -> int:
        """Delete at most ``limit`` counters whose window is over; return how many."""
        return delete_some(self._connection, counters, counters.c.ends_at <= now, limit)


def _wait_after(tries: int, backoff: Backoff) -> timedelta:
    """Return the wait before the next try. The exponent is bounded: a timedelta overflows."""
    if tries < backoff.free:
        return timedelta(0)
    doublings = min(tries - backoff.free, int(backoff.longest / backoff.first).bit_length())
    return min(backoff.first * (1 << doublings), backoff.longest)
