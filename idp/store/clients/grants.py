"""Grants and refresh families as rows."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, exists, insert, select, update

from idp.domain.authorization.grant import REFRESH_GRACE, Grant, RefreshToken
from idp.ports import BATCH, RefreshOutcome, RefreshTake
from idp.store.sql.batches import counted, delete_some, some_of
from idp.store.sql.prepared import Prepared, Row
from idp.store.sql.tables import grants, refresh_tokens
from idp.store.sql.upserts import insert_for

SPAN = 5000
"""Grants that one statement looks at when a client's are revoked."""

_FIND = Prepared(lambda _: select(grants).where(grants.c.id == bindparam("id")))
_ADD = Prepared(
    lambda dialect: (
        insert_for(dialect, grants)
        .values({column.name: bindparam(column.name) for column in grants.columns})
        .on_conflict_do_nothing()
        .returning(grants.c.id)
    )
)
_FIND_REFRESH = Prepared(
    lambda _: select(refresh_tokens).where(refresh_tokens.c.digest == bindparam("digest"))
)
_ADD_REFRESH = Prepared(
    lambda _: insert(refresh_tokens).values(
        {column.name: bindparam(column.name) for column in refresh_tokens.columns}
    )
)
_TAKE_REFRESH = Prepared(
    lambda _: (
        update(refresh_tokens)
        .where(
            refresh_tokens.c.digest == bindparam("digest"),
            refresh_tokens.c.used_at.is_(None),
            refresh_tokens.c.expires_at > bindparam("now"),
        )
        .values(used_at=bindparam("now"), successor=bindparam("successor"))
        .returning(refresh_tokens)
    )
)


class Grants:
    """Grants and their refresh families."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, grant: Grant) -> bool:
        """Insert; False when the grant exists, once a concurrent transaction has inserted it."""
        return _ADD.first(self._connection, **grant_row(grant)) is not None

    def find(self, grant_id: str) -> Grant | None:
        """Return the grant, dead ones too, or None."""
        row = _FIND.first(self._connection, id=grant_id)
        return grant_in(row) if row else None

    def revoke(self, grant_id: str, now: datetime) -> bool:
        """Revoke the grant; False when it was dead or unknown."""
        return bool(self._revoke(grants.c.id == grant_id, now))

    def revoke_of_account(self, account_id: str, now: datetime) -> int:
        """Revoke every grant of the account; return how many were live."""
        return self._revoke(grants.c.account_id == account_id, now)

    def revoke_of_session(
        self, session_id: str, now: datetime, *, keep_offline: bool = False
    ) -> int:
        """Revoke the session's grants, all or all but the offline ones; return how many lived."""
        condition = grants.c.session_id == session_id
        if keep_offline:
            condition &= grants.c.offline.is_(False)
        return self._revoke(condition, now)

    def revoke_of_client(self, client_id: str, now: datetime, account_id: str | None = None) -> int:
        """Revoke the client's grants, of one account or of all; return how many were live."""
        condition = grants.c.client_id == client_id
        if account_id is not None:
            condition &= grants.c.account_id == account_id
        return self._revoke(condition, now)

    def revoke_span_of_client(
        self, client_id: str, now: datetime, *, after: str, limit: int = SPAN
    ) -> str | None:
        """Revoke the client's grants among the ``limit`` grants that follow the id ``after``.

        Return the last of those ids, None when no more follow. The time of a statement does not
        depend on how many grants there are, or how few of them are the client's.
        """
        following = select(grants.c.id).where(grants.c.id > after).order_by(grants.c.id)
        last = self._connection.scalar(following.offset(limit - 1).limit(1))
        span = grants.c.id > after
        span = span if last is None else span & (grants.c.id <= last)
        self._revoke(span & (grants.c.client_id == client_id), now)
        return last

    def add_refresh(self, token: RefreshToken) -> None:
        """Insert one token of a family."""
        row = {
            "digest": token.digest,
            "grant_id": token.grant_id,
            "created_at": token.created_at,
            "expires_at": token.expires_at,
            "used_at": token.used_at,
            "successor": token.successor,
        }
        _ADD_REFRESH.run(self._connection, **row)

    def find_refresh(self, digest: str) -> RefreshToken | None:
        """Return the token, used and expired ones too, or None."""
        row = _FIND_REFRESH.first(self._connection, digest=digest)
        return refresh_token_in(row) if row else None

    def take_refresh(self, digest: str, *, sealed_successor: str, now: datetime) -> RefreshTake:
        """Use a refresh token, in one statement; of concurrent calls exactly one is ``taken``.

        The winner's ``sealed_successor`` is stored with the used token; the others, and repeats
        within ``REFRESH_GRACE``, get it back (``repeated``). Later uses are ``reused``.
        """
        values = {"digest": digest, "now": now, "successor": sealed_successor}
        row = _TAKE_REFRESH.first(self._connection, **values)
        if row is not None:
            return RefreshTake(RefreshOutcome.TAKEN, refresh_token_in(row))
        return self.find_use(digest, now)

    def forget_dead(self, before: datetime, limit: int = BATCH) -> int:
        """Delete rows of grants revoked or expired before ``before``; return how many.

        At most ``limit`` refresh tokens, and as many grants that have none left. A live family
        keeps every used token: a replay of its first one must still revoke it.
        """
        dead = (grants.c.revoked_at < before) | (grants.c.expires_at < before)
        of_dead = exists().where(grants.c.id == refresh_tokens.c.grant_id, dead)
        has_tokens = exists().where(refresh_tokens.c.grant_id == grants.c.id)
        tokens = delete_some(self._connection, refresh_tokens, of_dead, limit)
        return tokens + delete_some(self._connection, grants, dead & ~has_tokens, limit)

    def wipe_successors(self, now: datetime, limit: int = BATCH) -> int:
        """Erase at most ``limit`` sealed successors whose grace has passed; return how many."""
        over = refresh_tokens.c.successor.is_not(None) & (
            refresh_tokens.c.used_at <= now - REFRESH_GRACE
        )
        wiped = update(refresh_tokens).where(some_of(refresh_tokens, over, limit))
        cleared = wiped.values(successor=None).returning(refresh_tokens.c.digest)
        return counted(self._connection, cleared)

    def find_use(self, digest: str, now: datetime) -> RefreshTake:
        """Return what a token that cannot be taken is: ``repeated``, ``reused`` or ``unknown``.

        The sealed successor of a ``reused`` one is erased.
        """
        token = self.find_refresh(digest)
        if token is None or token.used_at is None:
            return RefreshTake(RefreshOutcome.UNKNOWN)
        if token.is_in_grace(now):
            return RefreshTake(RefreshOutcome.REPEATED, token, token.successor)
        self._connection.execute(
            update(refresh_tokens).where(refresh_tokens.c.digest == digest).values(successor=None)
        )
        return RefreshTake(RefreshOutcome.REUSED, token)

    def _revoke(self, condition: ColumnElement[bool], now: datetime) -> int:
        alive = grants.c.revoked_at.is_(None) & (grants.c.expires_at > now)
        return self._connection.execute(
            update(grants).where(condition, alive).values(revoked_at=now)
        ).rowcount


def grant_row(grant: Grant) -> dict[str, Any]:
    """Return the values of the grant's columns."""
    return {
        "id": grant.id,
        "client_id": grant.client_id,
        "account_id": grant.account_id,
        "session_id": grant.session_id,
        "account_epoch": grant.account_epoch,
        "scopes": list(grant.scopes),
        "auth_time": grant.auth_time,
        "acr": grant.acr,
        "amr": list(grant.amr),
        "created_at": grant.created_at,
        "expires_at": grant.expires_at,
        "requested_claims": grant.requested_claims,
        "nonce": grant.nonce,
        "resources": list(grant.resources),
        "offline": grant.offline,
        "revoked_at": grant.revoked_at,
    }


def grant_in(row: Row) -> Grant:
    """Return the grant whose columns are in ``row``."""
    return Grant(
        id=row["id"],
        client_id=row["client_id"],
        account_id=row["account_id"],
        session_id=row["session_id"],
        account_epoch=row["account_epoch"],
        scopes=tuple(row["scopes"]),
        auth_time=row["auth_time"],
        acr=row["acr"],
        amr=tuple(row["amr"]),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        requested_claims=row["requested_claims"],
        nonce=row["nonce"],
        resources=tuple(row["resources"]),
        offline=row["offline"],
        revoked_at=row["revoked_at"],
    )


def refresh_token_in(row: Row) -> RefreshToken:
    """Return the refresh token whose columns are in ``row``."""
    return RefreshToken(
        digest=row["digest"],
        grant_id=row["grant_id"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        used_at=row["used_at"],
        successor=row["successor"],
    )
