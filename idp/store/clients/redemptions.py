"""What the token endpoint stores, each in one statement where the database can.

PostgreSQL changes several tables in one statement, so that nothing stands around it: no BEGIN, no
COMMIT, one round trip. SQLite runs the same steps in the transaction that it is given.
"""

from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    Connection,
    String,
    bindparam,
    case,
    exists,
    insert,
    null,
    select,
    update,
)
from sqlalchemy.dialects import postgresql

from idp.domain.authorization.grant import Grant, RefreshToken
from idp.ports import RefreshOutcome
from idp.store.clients.grants import Grants, grant_row
from idp.store.sign_in.sessions import Sessions
from idp.store.sql.columns import Utc
from idp.store.sql.prepared import Prepared, Statement
from idp.store.sql.sealing import Sealing
from idp.store.sql.tables import grants, refresh_tokens, session_visits, sessions


class Redemption(StrEnum):
    """``new``: the code is redeemed. ``replayed``: it was before. ``ended``: its session has ended.

    After ``ended`` the code is used up: its grant is stored revoked.
    """

    NEW = "new"
    REPLAYED = "replayed"
    ENDED = "ended"


class Redemptions:
    """Redeems codes and rotates refresh tokens."""

    def __init__(self, connection: Connection, sealing: Sealing) -> None:
        self._connection = connection
        self._sealing = sealing
        self._is_postgresql = connection.dialect.name == "postgresql"

    def redeem(self, grant: Grant, refresh: RefreshToken | None, now: datetime) -> Redemption:
        """Store the grant that a code names, its refresh token, and its client's visit.

        Of concurrent calls for one code exactly one is ``new`` (D6). The share lock on the
        session's row waits for an end under way, and a later end waits for this transaction: ending
        the session finds every client that got tokens in it.
        """
        if not self._is_postgresql:
            return self._redeem_in_steps(grant, refresh, now)
        values = {**grant_row(grant), "now": now}
        if refresh is not None:
            values |= {"digest": refresh.digest, "refresh_expires_at": refresh.expires_at}
        (row,) = _redeem(has_refresh=refresh is not None).all(self._connection, **values)
        if not row["is_new"]:
            return Redemption.REPLAYED
        return Redemption.NEW if row["is_visited"] else Redemption.ENDED

    def rotate(
        self, digest: str, *, sealed_successor: str, successor: RefreshToken, now: datetime
    ) -> bool:
        """Use a refresh token and store its successor; False when it cannot be used (any more).

        Of concurrent calls exactly one is True; ``Grants.take_refresh`` says what the others get.
        """
        if not self._is_postgresql:
            return self._rotate_in_steps(digest, sealed_successor, successor, now)
        values = {
            "digest": digest,
            "sealed_successor": sealed_successor,
            "now": now,
            "new_digest": successor.digest,
            "new_expires_at": successor.expires_at,
        }
        return _ROTATE.first(self._connection, **values) is not None

    def _redeem_in_steps(
        self, grant: Grant, refresh: RefreshToken | None, now: datetime
    ) -> Redemption:
        stored = Grants(self._connection)
        if not stored.add(grant):
            return Redemption.REPLAYED
        visits = Sessions(self._connection, self._sealing)
        if not visits.visit(grant.session_id, grant.client_id, now):
            stored.revoke(grant.id, now)
            return Redemption.ENDED
        if refresh is not None:
            stored.add_refresh(refresh)
        return Redemption.NEW

    def _rotate_in_steps(
        self, digest: str, sealed_successor: str, successor: RefreshToken, now: datetime
    ) -> bool:
        stored = Grants(self._connection)
        take = stored.take_refresh(digest, sealed_successor=sealed_successor, now=now)
        if take.outcome is not RefreshOutcome.TAKEN:
            return False
        stored.add_refresh(successor)
        return True


_NOW = bindparam("now", type_=Utc)
_REFRESH = ("digest", "grant_id", "created_at", "expires_at")


@lru_cache(maxsize=2)
def _redeem(*, has_refresh: bool) -> Prepared:
    return Prepared(lambda _: _redemption(has_refresh=has_refresh))


def _redemption(*, has_refresh: bool) -> Statement:
    alive = (
        select(sessions.c.id)
        .where(sessions.c.id == bindparam("session_id"), sessions.c.ended_at.is_(None))
        .with_for_update(read=True)
        .cte("alive")
    )
    made = _made(alive)
    visit = _visited(alive, made)
    found = select(
        exists(select(made.c.id)).label("is_new"),
        exists(select(visit.c.session_id)).label("is_visited"),
    )
    return found.add_cte(_kept(alive, made)) if has_refresh else found


def _made(alive: CTE) -> CTE:
    """Return the INSERT of the grant, revoked unless its session is alive."""
    row: dict[str, Any] = {column.name: bindparam(column.name) for column in grants.columns}
    row["revoked_at"] = case((exists(select(alive.c.id)), null()), else_=_NOW)
    statement = postgresql.insert(grants).values(row).on_conflict_do_nothing()
    return statement.returning(grants.c.id).cte("made")


def _visited(alive: CTE, made: CTE) -> CTE:
    key = ("session_id", "client_id")
    row = select(alive.c.id, bindparam("client_id", type_=String), _NOW)
    return (
        postgresql.insert(session_visits)
        .from_select([*key, "last_at"], row.where(exists(select(made.c.id))))
        .on_conflict_do_update(index_elements=key, set_={"last_at": _NOW})
        .returning(session_visits.c.session_id)
        .cte("visit")
    )


def _kept(alive: CTE, made: CTE) -> CTE:
    expires_at = bindparam("refresh_expires_at", type_=Utc)
    row = select(bindparam("digest", type_=String), made.c.id, _NOW, expires_at)
    statement = insert(refresh_tokens).from_select(_REFRESH, row.where(exists(select(alive.c.id))))
    return statement.returning(refresh_tokens.c.digest).cte("kept")


def _rotation(_dialect: str) -> Statement:
    taken = (
        update(refresh_tokens)
        .where(
            refresh_tokens.c.digest == bindparam("digest"),
            refresh_tokens.c.used_at.is_(None),
            refresh_tokens.c.expires_at > _NOW,
        )
        .values(used_at=_NOW, successor=bindparam("sealed_successor"))
        .returning(refresh_tokens.c.grant_id)
        .cte("taken")
    )
    expires_at = bindparam("new_expires_at", type_=Utc)
    row = select(bindparam("new_digest", type_=String), taken.c.grant_id, _NOW, expires_at)
    statement = insert(refresh_tokens).from_select(_REFRESH, row)
    return statement.returning(refresh_tokens.c.digest)


_ROTATE = Prepared(_rotation)
