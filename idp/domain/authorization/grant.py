"""A grant: what one authorization gave one client, and the refresh family that hangs on it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

REFRESH_GRACE = timedelta(seconds=10)
CLOCKS_APART = timedelta(minutes=1)
"""Two nodes that sign may be so far apart: each is within 30 s of the database's clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A row from the redemption of the code on.

    Revoking it kills its refresh tokens and access tokens.

    ``requested_claims`` is the checked ``claims`` parameter (OIDC Core 5.5), ``{}`` when absent.
    ``account_epoch`` must equal the account's, else the grant is dead (password change,
    suspension).
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
        """Return whether tokens of this grant may be used at ``now``."""
        return self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshToken:
    """One link of a refresh family.

    ``successor`` is sealed and only kept for the grace of ten seconds.
    """

    digest: str = field(repr=False)
    grant_id: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    successor: str | None = field(default=None, repr=False)

    def is_in_grace(self, now: datetime) -> bool:
        """Return whether the token, used at ``used_at``, may still be answered with its successor.

        A clock that is a little behind sees the use in its future; one that was set back does not
        bring the grace back (attack C19).
        """
        return self.used_at is not None and -CLOCKS_APART < now - self.used_at < REFRESH_GRACE


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What a citizen allowed a client; asked again when the client wants more or changed."""

    account_id: str
    client_id: str
    scopes: frozenset[str]
    claims: frozenset[str]
    client_version: int
    text_version: str
    given_at: datetime
    revoked_at: datetime | None = None

    def covers(self, scopes: frozenset[str], claims: frozenset[str]) -> bool:
        """Return whether nothing beyond this consent is asked for (ASVS 10.7)."""
        return self.revoked_at is None and scopes <= self.scopes and claims <= self.claims
