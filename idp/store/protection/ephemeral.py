"""The ephemeral store in a table of the database (D2), for installations without Redis."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, case, delete, literal, select, update

from idp.ports import BATCH, Clock, Count, Forget, GiveBack, Hit, Once, Put, Step
from idp.store.sql.batches import delete_some
from idp.store.sql.columns import Utc
from idp.store.sql.tables import ephemeral
from idp.store.sql.transactions import Transactions
from idp.store.sql.upserts import insert_into


class SqlEphemeral:
    """The port ``Ephemeral``. Every call is a transaction that does not wait for the disk."""

    def __init__(self, transactions: Transactions, clock: Clock) -> None:
        self._transactions = transactions
        self._clock = clock

    def hit(self, key: str, *, window: timedelta) -> int:
        """Count one more for ``key`` and return the count."""
        with self._transactions.begin() as connection:
            return _Steps(connection, self._clock()).hit(key, window)

    def count(self, key: str) -> int:
        """Return the count of ``key``."""
        with self._transactions.begin(read_only=True) as connection:
            return _Steps(connection, self._clock()).count(key)

    def together(self, steps: Sequence[Step]) -> Sequence[int]:
        """Take the steps in one transaction, and return the count of each."""
        if not steps:
            return []
        with self._transactions.begin() as connection:
            return _Steps(connection, self._clock()).take_all(steps)

    def give_back(self, key: str) -> None:
        """Take back one count of ``key``."""
        with self._transactions.begin() as connection:
            _Steps(connection, self._clock()).give_back(key)

    def line_up(self, key: str, *, now: int, ttl: timedelta) -> int:
        """Return the next place in the queue."""
        ends_at = literal(self._clock() + ttl, Utc)
        is_empty = ephemeral.c.hits <= now
        with self._transactions.begin() as connection:
            statement = insert_into(connection, ephemeral).values(
                key=key, hits=now + 1, expires_at=ends_at
            )
            lined_up = statement.on_conflict_do_update(
                index_elements=["key"],
                set_={
                    "hits": case((is_empty, now + 1), else_=ephemeral.c.hits + 1),
                    "expires_at": ends_at,
                },
            )
            tail: int = connection.execute(lined_up.returning(ephemeral.c.hits)).scalar_one()
        return tail

    def add(self, key: str, *, ttl: timedelta) -> bool:
        """Insert ``key``; False when it exists already."""
        with self._transactions.begin() as connection:
            return _Steps(connection, self._clock()).add(key, ttl)

    def put(self, key: str, value: str, *, ttl: timedelta) -> None:
        """Keep ``value`` for at most ``ttl``."""
        with self._transactions.begin() as connection:
            _Steps(connection, self._clock()).put(key, value, ttl)

    def find(self, key: str) -> str | None:
        """Return the value of ``key``, or None."""
        wanted = select(ephemeral.c.value).where(
            ephemeral.c.key == key, ephemeral.c.expires_at > self._clock()
        )
        with self._transactions.begin(read_only=True) as connection:
            return connection.execute(wanted).scalar_one_or_none()

    def forget(self, key: str) -> None:
        """Remove ``key``."""
        with self._transactions.begin() as connection:
            _Steps(connection, self._clock()).forget(key)

    def forget_expired(self, limit: int = BATCH) -> int:
        """Delete at most ``limit`` expired rows; return how many."""
        expired = ephemeral.c.expires_at <= self._clock()
        with self._transactions.begin() as connection:
            return delete_some(connection, ephemeral, expired, limit)


class _Steps:
    """The statements of one transaction at the time ``now``."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def take_all(self, steps: Sequence[Step]) -> list[int]:
        counts: dict[str, int] = {}
        taken = []
        for step in steps:
            counts[step.key] = self._take(step, counts)
            taken.append(counts[step.key])
            if isinstance(step, Once) and not counts[step.key]:
                break
        return [*taken, *[0] * (len(steps) - len(taken))]

    def hit(self, key: str, window: timedelta) -> int:
        over = ephemeral.c.expires_at <= self._now
        ends_at = literal(self._now + window, Utc)
        statement = insert_into(self._connection, ephemeral).values(
            key=key, hits=1, expires_at=ends_at
        )
        counted = statement.on_conflict_do_update(
            index_elements=["key"],
            set_={
                "hits": case((over, 1), else_=ephemeral.c.hits + 1),
                "expires_at": case((over, ends_at), else_=ephemeral.c.expires_at),
            },
        )
        hits: int = self._connection.execute(counted.returning(ephemeral.c.hits)).scalar_one()
        return hits

    def count(self, key: str) -> int:
        wanted = select(ephemeral.c.hits).where(
            ephemeral.c.key == key, ephemeral.c.expires_at > self._now
        )
        return self._connection.execute(wanted).scalar_one_or_none() or 0

    def give_back(self, key: str) -> None:
        counted = update(ephemeral).where(ephemeral.c.key == key, ephemeral.c.hits > 0)
        self._connection.execute(counted.values(hits=ephemeral.c.hits - 1))

    def forget(self, key: str) -> None:
        self._connection.execute(delete(ephemeral).where(ephemeral.c.key == key))

    def add(self, key: str, ttl: timedelta) -> bool:
        fresh = {"value": "", "hits": 0, "expires_at": self._now + ttl}
        statement = insert_into(self._connection, ephemeral).values(key=key, **fresh)
        added = statement.on_conflict_do_update(
            index_elements=["key"], set_=fresh, where=ephemeral.c.expires_at <= self._now
        )
        return self._connection.execute(added.returning(ephemeral.c.key)).first() is not None

    def put(self, key: str, value: str, ttl: timedelta) -> None:
        fresh = {"value": value, "hits": 0, "expires_at": self._now + ttl}
        statement = insert_into(self._connection, ephemeral).values(key=key, **fresh)
        kept = statement.on_conflict_do_update(index_elements=["key"], set_=fresh)
        self._connection.execute(kept)

    def _take(self, step: Step, counts: Mapping[str, int]) -> int:
        match step:
            case Hit(key, window, first_of) if first_of is None or counts[first_of] == 1:
                return self.hit(key, window)
            case Hit(key) | Count(key):
                return self.count(key)
            case Once(key, ttl):
                return self.add(key, ttl)
            case GiveBack(key):
                self.give_back(key)
            case Forget(key):
                self.forget(key)
            case Put(key, value, ttl):
                self.put(key, value, ttl)
        return 0
