"""A grant with everything that decides whether its tokens are good, by one statement."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, bindparam, select

from idp.domain.authorization.grant import Grant, RefreshToken
from idp.domain.clients.client import Client
from idp.store.account.stored_account import StoredAccount
from idp.store.clients.grants import grant_in, refresh_token_in
from idp.store.sql.parts import Part
from idp.store.sql.prepared import Prepared, Row
from idp.store.sql.sealing import Sealing
from idp.store.sql.tables import accounts, consents, grants, refresh_tokens, sessions


@dataclass(frozen=True, slots=True)
class Standing:
    """A grant, dead ones too, beside its account, session and consent as they are now."""

    grant: Grant
    account: StoredAccount | None
    is_session_live: bool
    """Whether the session has not ended; idle time counts for browser requests only."""
    has_consent: bool
    """Whether the citizen's consent to the client is not revoked."""

    def live_account(self, client: Client, now: datetime) -> StoredAccount | None:
        """Return the account of an active grant to ``client``; None when one of them has ended.

        A grant of an older epoch has ended (password change, suspension). Only offline grants
        outlive their session (OIDC Core 11). A first party needs no consent.

        Source: attacks C05, C20, SE08; ASVS 7.4.
        """
        grant, account = self.grant, self.account
        if account is None or not account.standing.lets_live(grant.account_epoch):
            return None
        is_consented = client.first_party or self.has_consent
        is_live = grant.is_live(now) and (grant.offline or self.is_session_live)
        return account if is_live and is_consented else None


class Standings:
    """Finds grants with their standing."""

    def __init__(self, connection: Connection, sealing: Sealing) -> None:
        self._connection = connection
        self._sealing = sealing

    def of_grant(self, grant_id: str) -> Standing | None:
        """Return the grant's standing, or None."""
        row = _OF_GRANT.first(self._connection, id=grant_id)
        return self._standing(row) if row else None

    def of_refresh_token(self, digest: str) -> tuple[RefreshToken, Standing] | None:
        """Return the token, used and expired ones too, and its grant's standing; or None."""
        row = _OF_REFRESH.first(self._connection, digest=digest)
        return (refresh_token_in(_REFRESH.of(row)), self._standing(row)) if row else None

    def _standing(self, row: Row) -> Standing:
        account = _ACCOUNT.of(row)
        return Standing(
            grant=grant_in(row),
            account=StoredAccount(account, self._sealing) if account["id"] else None,
            is_session_live=row["is_session_live"],
            has_consent=row["has_consent"],
        )


_ACCOUNT, _REFRESH = Part(accounts), Part(refresh_tokens)


def _standing() -> Select[*tuple[object, ...]]:
    is_session_live = sessions.c.id.is_not(None) & sessions.c.ended_at.is_(None)
    has_consent = consents.c.client_id.is_not(None) & consents.c.revoked_at.is_(None)
    return (
        select(
            grants,
            *_ACCOUNT.columns,
            is_session_live.label("is_session_live"),
            has_consent.label("has_consent"),
        )
        .outerjoin(accounts, accounts.c.id == grants.c.account_id)
        .outerjoin(sessions, sessions.c.id == grants.c.session_id)
        .outerjoin(
            consents,
            (consents.c.account_id == grants.c.account_id)
            & (consents.c.client_id == grants.c.client_id),
        )
    )


_OF_GRANT = Prepared(lambda _: _standing().where(grants.c.id == bindparam("id")))
_OF_REFRESH = Prepared(
    lambda _: (
        _standing()
        .add_columns(*_REFRESH.columns)
        .join(refresh_tokens, refresh_tokens.c.grant_id == grants.c.id)
        .where(refresh_tokens.c.digest == bindparam("digest"))
    )
)
