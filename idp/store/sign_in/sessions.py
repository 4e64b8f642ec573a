"""Hub sessions as rows, found by the digest of their cookie's token."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    bindparam,
    exists,
    insert,
    select,
    update,
)

from idp.domain.people.account import AccountStanding, AccountState
from idp.domain.sign_in.origin import Origin
from idp.domain.sign_in.session import ACR_PASSWORD, Session
from idp.ports import BATCH
from idp.store.account.stored_account import standing_of
from idp.store.sign_in.devices import open_origin, seal_origin
from idp.store.sql.batches import delete_some
from idp.store.sql.columns import Utc
from idp.store.sql.prepared import Prepared, Row, Statement
from idp.store.sql.sealing import Sealing
from idp.store.sql.tables import accounts, grants, session_visits, sessions
from idp.store.sql.upserts import insert_for

ORIGIN_PURPOSE = "session_origin"
_STANDING = ("state", "epoch", "roles")
_LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)
_NOBODYS = Session(
    id="00000000-0000-0000-0000-000000000000",
    account_id="00000000-0000-0000-0000-000000000000",
    auth_time=_LONG_AGO,
    acr=ACR_PASSWORD,
    amr=("pwd",),
    password_at=_LONG_AGO,
    epoch=0,
    created_at=_LONG_AGO,
    last_seen_at=_LONG_AGO,
    origin=Origin("chrome", "android", "198.51.100.0/24"),
)
_WITH_ACCOUNT = Prepared(
    lambda _: (
        select(sessions, *(accounts.c[name].label(f"account_{name}") for name in _STANDING))
        .outerjoin(accounts, accounts.c.id == sessions.c.account_id)
        .where(sessions.c.token_digest == bindparam("token_digest"))
    )
)


def _visit(dialect: str) -> Statement:
    """Return the INSERT of a visit for a session that has not ended.

    The share lock on the session's row waits for an end under way, and a later end waits for this
    transaction: ending the session finds every client that got tokens in it. SQLite has one writer.
    """
    key = {"session_id": sessions.c.id, "client_id": bindparam("client_id", type_=String)}
    now = bindparam("now", type_=Utc)
    alive = (
        select(*key.values(), now)
        .where(sessions.c.id == bindparam("session_id"), sessions.c.ended_at.is_(None))
        .with_for_update(read=True)
    )
    return (
        insert_for(dialect, session_visits)
        .from_select([*key, "last_at"], alive)
        .on_conflict_do_update(index_elements=[*key], set_={"last_at": now})
        .returning(session_visits.c.session_id)
    )


_VISIT = Prepared(_visit)
_ADD = Prepared(
    lambda _: insert(sessions).values({one.name: bindparam(one.name) for one in sessions.columns})
)


class Sessions:
    """Hub sessions. The cookie's token is looked up by its digest."""

    def __init__(self, connection: Connection, sealing: Sealing) -> None:
        self._connection = connection
        self._sealing = sealing

    def add(self, session: Session, token: str) -> None:
        """Insert with the digest of ``token``; the token itself is kept nowhere."""
        _ADD.run(self._connection, **self.row(session, token))

    def find_with_account(self, token: str) -> tuple[Session, AccountStanding | None] | None:
        """Return the session, ended ones too, and its account's standing; None for no session.

        The caller must refuse what has ended. Without a row, the decoy is opened: a portal that
        sends ``prompt=none`` must not learn from the response time whether a citizen is signed in
        (attack R16).
        """
        digest = self._sealing.token_digest(token)
        row = _WITH_ACCOUNT.first(self._connection, token_digest=digest)
        session, standing = self._with_account(row or _decoy_row(self._sealing))
        return (session, standing) if row else None

    def known_tokens(self, tokens: Sequence[str]) -> Sequence[str]:
        """Return the tokens of sessions that are not ended, in their order, by one statement."""
        by_digest = {self._sealing.token_digest(one): one for one in tokens}
        statement = select(sessions.c.token_digest).where(
            sessions.c.token_digest.in_(by_digest), sessions.c.ended_at.is_(None)
        )
        found = set(self._connection.execute(statement).scalars())
        return [token for digest, token in by_digest.items() if digest in found]

    def find(self, session_id: str) -> Session | None:
        """Return the session, ended ones too, or None."""
        statement = select(sessions).where(sessions.c.id == session_id)
        row = self._connection.execute(statement).mappings().first()
        return self._session(row) if row else None

    def touch(self, session_id: str, now: datetime) -> None:
        """Move ``last_seen_at`` forward; concurrent requests never move it back."""
        self._connection.execute(
            update(sessions)
            .where(sessions.c.id == session_id, sessions.c.last_seen_at < now)
            .values(last_seen_at=now)
        )

    def step_up(self, session: Session, token: str) -> None:
        """Write the session's new proof and replace its token: the old cookie is void (SE01).

        Raises KeyError: the session has ended.
        """
        row = self.row(session, token)
        # A session that has ended meanwhile stays ended: only a live one is updated.
        alive = (sessions.c.id == session.id) & sessions.c.ended_at.is_(None)
        if not self._connection.execute(update(sessions).where(alive).values(row)).rowcount:
            raise KeyError(session.id)

    def end(self, session_id: str, now: datetime) -> bool:
        """End one session; False when it had ended before or does not exist."""
        return bool(self._end(sessions.c.id == session_id, now))

    def end_all(self, account_id: str, now: datetime) -> Sequence[str]:
        """End every session of the account; return the ids of those that were not ended."""
        return self._end(sessions.c.account_id == account_id, now)

    def of_account(self, account_id: str) -> Sequence[Session]:
        """Return all sessions, newest first, ended ones too."""
        statement = (
            select(sessions)
            .where(sessions.c.account_id == account_id)
            .order_by(sessions.c.created_at.desc(), sessions.c.id)
        )
        return [self._session(row) for row in self._connection.execute(statement).mappings()]

    def visit(self, session_id: str, client_id: str, now: datetime) -> bool:
        """Record that the client got tokens in this session; False when it has ended."""
        visit = {"session_id": session_id, "client_id": client_id, "now": now}
        return _VISIT.first(self._connection, **visit) is not None

    def visited(self, session_id: str) -> Sequence[str]:
        """Return the ids of the clients that got tokens in the session, sorted."""
        statement = (
            select(session_visits.c.client_id)
            .where(session_visits.c.session_id == session_id)
            .order_by(session_visits.c.client_id)
        )
        return list(self._connection.execute(statement).scalars())

    def forget_opened(self, before: datetime, limit: int = BATCH) -> int:
        """Delete at most ``limit`` sessions opened before ``before``; return how many.

        A session that still has a grant stays: ending it must find the portals to notify.
        """
        used = exists().where(grants.c.session_id == sessions.c.id)
        old = (sessions.c.created_at < before) & ~used
        return delete_some(self._connection, sessions, old, limit)

    def _end(self, condition: ColumnElement[bool], now: datetime) -> list[str]:
        statement = (
            update(sessions)
            .where(condition, sessions.c.ended_at.is_(None))
            .values(ended_at=now)
            .returning(sessions.c.id)
        )
        return list(self._connection.execute(statement).scalars())

    def _with_account(self, row: Row) -> tuple[Session, AccountStanding | None]:
        account = {name: row[f"account_{name}"] for name in _STANDING}
        standing = standing_of(account) if account["state"] is not None else None
        return self._session(row), standing

    def row(self, session: Session, token: str) -> dict[str, Any]:
        """Return the row, for a statement of this package."""
        return {
            **_row(session, self._sealing),
            "token_digest": self._sealing.token_digest(token),
        }

    def _session(self, row: Row) -> Session:
        return Session(
            id=row["id"],
            account_id=row["account_id"],
            auth_time=row["auth_time"],
            acr=row["acr"],
            amr=tuple(row["amr"]),
            password_at=row["password_at"],
            epoch=row["epoch"],
            created_at=row["created_at"],
            last_seen_at=row["last_seen_at"],
            ended_at=row["ended_at"],
            origin=open_origin(self._sealing, row["sealed_origin"], ORIGIN_PURPOSE, row["id"]),
        )


def _row(session: Session, sealing: Sealing) -> dict[str, Any]:
    return {
        "id": session.id,
        "account_id": session.account_id,
        "auth_time": session.auth_time,
        "acr": session.acr,
        "amr": list(session.amr),
        "password_at": session.password_at,
        "epoch": session.epoch,
        "created_at": session.created_at,
        "last_seen_at": session.last_seen_at,
        "ended_at": session.ended_at,
        "sealed_origin": seal_origin(sealing, session.origin, ORIGIN_PURPOSE, session.id),
    }


@lru_cache(maxsize=1)
def _decoy_row(sealing: Sealing) -> Mapping[str, Any]:
    """Return the row of the decoy, as large as an ordinary one; made once a process."""
    account = {"account_state": AccountState.ACTIVE.value, "account_epoch": 0, "account_roles": []}
    return _row(_NOBODYS, sealing) | account
