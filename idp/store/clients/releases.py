"""The release log as rows: one for each account, client and set of claims."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, bindparam, select

from idp.domain.authorization.release import RELEASE_STEP, Release
from idp.store.sql.columns import Utc
from idp.store.sql.prepared import Prepared, Statement
from idp.store.sql.tables import releases
from idp.store.sql.upserts import insert_for
from idp.telemetry.catalogue import CACHE_LOOKUPS

MOST_NOTED = 20_000
_Key = tuple[str, str, str]
_KEY = ("account_id", "client_id", "claims_digest")


def _note(dialect: str) -> Statement:
    now = bindparam("now", type_=Utc)
    row: dict[str, Any] = {name: bindparam(name) for name in (*_KEY, "claims")}
    return (
        insert_for(dialect, releases)
        .values(**row, first_at=now, last_at=now)
        .on_conflict_do_update(
            index_elements=_KEY,
            set_={"last_at": now},
            where=releases.c.last_at <= bindparam("before"),
        )
    )


_NOTE = Prepared(_note)
_LAST_AT = Prepared(
    lambda _: select(releases.c.last_at).where(
        *(releases.c[name] == bindparam(name) for name in _KEY)
    )
)


class NotedReleases:
    """Keys of releases that this process has written, with their time.

    Tokens of a session release the same claims again and again: most need no statement. Only
    committed releases are in it.
    """

    def __init__(self) -> None:
        self._noted: dict[_Key, datetime] = {}

    def has(self, key: _Key, now: datetime) -> bool:
        """Return whether the release was written within the last hour."""
        at = self._noted.get(key)
        is_noted = at is not None and timedelta(0) <= now - at < RELEASE_STEP
        CACHE_LOOKUPS.add("releases", "hit" if is_noted else "miss")
        return is_noted

    def remember(self, written: Mapping[_Key, datetime]) -> None:
        """Add releases; the oldest go when there are ``MOST_NOTED``."""
        for key, at in written.items():
            self._noted.pop(key, None)
            self._noted[key] = at
        while len(self._noted) > MOST_NOTED:
            with suppress(StopIteration, KeyError, RuntimeError):  # another thread does the same
                del self._noted[next(iter(self._noted))]


class Releases:
    """The release log: names of the claims that each client got of each account, first and last."""

    def __init__(self, connection: Connection, noted: NotedReleases) -> None:
        self._connection = connection
        self._noted = noted
        self.written: dict[_Key, datetime] = {}
        """What this transaction has written, or has found."""

    def is_noted(
        self, account_id: str, client_id: str, claims: Sequence[str], now: datetime
    ) -> bool:
        """Return whether the release was written within the last hour."""
        key = _key(account_id, client_id, claims)
        if self._noted.has(key, now):
            return True
        row = _LAST_AT.first(self._connection, **dict(zip(_KEY, key, strict=True)))
        if row is None or now - row["last_at"] >= RELEASE_STEP:
            return False
        self.written[key] = row["last_at"]
        return True

    def note(self, account_id: str, client_id: str, claims: Sequence[str], now: datetime) -> None:
        """Write the release, or its ``last_at``, unless that was done within the last hour."""
        key = _key(account_id, client_id, claims)
        if self._noted.has(key, now):
            return
        values = {"claims": sorted(claims), "now": now, "before": now - RELEASE_STEP}
        _NOTE.run(self._connection, **dict(zip(_KEY, key, strict=True)), **values)
        self.written[key] = now

    def of_account(self, account_id: str) -> Sequence[Release]:
        """Return the releases by client, the latest of each first."""
        statement = (
            select(releases)
            .where(releases.c.account_id == account_id)
            .order_by(releases.c.client_id, releases.c.last_at.desc(), releases.c.claims_digest)
        )
        return [
            Release(
                account_id=row["account_id"],
                client_id=row["client_id"],
                claims=tuple(row["claims"]),
                first_at=row["first_at"],
                last_at=row["last_at"],
            )
            for row in self._connection.execute(statement).mappings()
        ]


def _key(account_id: str, client_id: str, claims: Sequence[str]) -> _Key:
    return account_id, client_id, sha256(" ".join(sorted(claims)).encode()).hexdigest()
