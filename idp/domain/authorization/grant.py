"""A grant: what one authorization gave one client; its refresh family; a citizen's consent."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

REFRESH_GRACE = timedelta(seconds=10)
CLOCKS_APART = timedelta(minutes=1)
"""The most that the clocks of two signing nodes differ: each is within 30 s of the database's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A grant; its row exists from the redemption of the code on.

    Revoking a grant revokes its refresh tokens and access tokens.

    ``requested_claims`` is the checked ``claims`` parameter (OIDC Core 5.5), ``{}`` when absent.
    When the account's epoch is no longer ``account_epoch`` (password change, suspension), the grant
    is dead.
    """

    id: str
    client_id: str
    account_id: str
    session_id: str
    account_epoch: int
    scopes: tuple[str, ...]
    auth_time: datetime
    acr: str
    amr: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    requested_claims: dict[str, Any] = field(default_factory=dict)
    nonce: str | None = None
    resources: tuple[str, ...] = ()
    offline: bool = False
    revoked_at: datetime | None = None

    def is_live(self, now: datetime) -> bool:
        """Return whether the grant is neither revoked nor expired at ``now``."""
        return self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshToken:
    """One token of a refresh family.

    ``successor`` is sealed; a sweep each minute wipes it once the grace of ten seconds is over.
    """

    digest: str = field(repr=False)
    grant_id: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    successor: str | None = field(default=None, repr=False)

    def is_in_grace(self, now: datetime) -> bool:
        """Return whether a used token may still be answered with its successor.

        For a node whose clock is up to a minute behind, ``used_at`` lies in the future: that is
        within the grace. A clock that was set back further does not reopen it (attack C19).
        """
        return self.used_at is not None and -CLOCKS_APART < now - self.used_at < REFRESH_GRACE


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A citizen's consent to a client; asked again when the client requests more or changed."""

    account_id: str
    client_id: str
    scopes: frozenset[str]
    claims: frozenset[str]
    client_version: int
    text_version: str
    given_at: datetime
    revoked_at: datetime | None = None

    def covers(self, scopes: frozenset[str], claims: frozenset[str]) -> bool:
        """Return whether this consent is not revoked and includes all of these (ASVS 10.7)."""
        return self.revoked_at is None and scopes <= self.scopes and claims <= self.claims
