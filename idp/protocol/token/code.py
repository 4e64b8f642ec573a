"""The authorization code: sealed, never stored; only its use is a row (D3, D6)."""

import json
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from idp.domain.authorization.grant import Grant
from idp.domain.authorization.interaction import AuthorizationContext
from idp.domain.clients.client import RegisteredRedirect
from idp.domain.later_versions import known_members
from idp.domain.sign_in.session import Session
from idp.ports import BrokenSeal
from idp.protocol.core.provider_context import ProviderContext

PURPOSE = "authorization_code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """The content of a code. ``id`` is single use; ``grant_id`` is the grant that it becomes."""

    id: str
    grant_id: str
    client_id: str
    redirect_uri: str
    challenge: str | None = field(repr=False)
    account_id: str
    session_id: str
    epoch: int
    scopes: tuple[str, ...]
    auth_time: datetime
    acr: str
    amr: tuple[str, ...]
    expires_at: datetime
    nonce: str | None = None
    requested_claims: dict[str, Any] = field(default_factory=dict)
    resources: tuple[str, ...] = ()

    # Authlib's grant and its PKCE extension use these names.
    code_challenge_method = "S256"

    @property
    def code_challenge(self) -> str | None:
        """The S256 challenge of the request."""
        return self.challenge

    def get_redirect_uri(self) -> str:
        """Return the redirect URI of the request."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """Return the granted scopes, separated by blanks."""
        return " ".join(self.scopes)


_NAMES = tuple(field.name for field in fields(Code))
_TIMES = ("auth_time", "expires_at")
_LISTS = ("scopes", "amr", "resources")


def new(
    provider: ProviderContext,
    context: AuthorizationContext,
    redirect: RegisteredRedirect,
    session: Session,
) -> Code:
    """Return a new code for the granted request, valid for at most 60 s; nothing is written.

    Source: RFC 6749 4.1.2, RFC 9700 2.1.1; ASVS 10.4.3.
    """
    return Code(
        id=provider.randomness.token(),
        grant_id=provider.randomness.identifier(),
        client_id=context.client_id,
        redirect_uri=redirect.uri,
        challenge=context.code_challenge,
        account_id=session.account_id,
        session_id=session.id,
        epoch=session.epoch,
        scopes=context.scopes,
        auth_time=session.auth_time,
        acr=_acr(context, session),
        amr=session.amr,
        expires_at=provider.clock() + provider.lifetimes.code,
        nonce=context.nonce,
        requested_claims=dict(context.requested_claims),
        resources=context.resources,
    )


def seal(provider: ProviderContext, code: Code) -> str:
    """Return the code sealed, as the portal gets it."""
    return provider.vault.seal(_to_bytes(code), purpose=PURPOSE)


def _acr(context: AuthorizationContext, session: Session) -> str:
    """Return an essential ``acr`` if one is asked for: a stronger sign-in includes it."""
    if not context.essential_acr or session.acr in context.essential_acr:
        return session.acr
    return context.essential_acr[0]


def open_code(provider: ProviderContext, sealed: str) -> Code | None:
    """Return the code, even if used or expired; None if the hub did not issue it (attack C07)."""
    try:
        values = json.loads(provider.vault.open(sealed, purpose=PURPOSE))
    except BrokenSeal:
        return None
    for name in _TIMES:
        values[name] = datetime.fromisoformat(values[name])
    for name in _LISTS:
        values[name] = tuple(values[name])
    return Code(**known_members(Code, values))


def grant_of(code: Code, provider: ProviderContext, *, offline: bool) -> Grant:
    """Return the grant that the code becomes; without ``offline`` it ends with its access token."""
    now = provider.clock()
    life = provider.lifetimes.refresh_absolute if offline else provider.lifetimes.access_token
    return Grant(
        id=code.grant_id,
        client_id=code.client_id,
        account_id=code.account_id,
        session_id=code.session_id,
        account_epoch=code.epoch,
        scopes=code.scopes,
        auth_time=code.auth_time,
        acr=code.acr,
        amr=code.amr,
        created_at=now,
        expires_at=now + life,
        requested_claims=code.requested_claims,
        nonce=code.nonce,
        resources=code.resources,
        offline=offline,
    )


def front_channel_grant(code: Code, provider: ProviderContext) -> Grant:
    """Return a separate grant for the access token issued beside a code; each ends on its own."""
    return replace(grant_of(code, provider, offline=False), id=provider.randomness.identifier())


def _to_bytes(code: Code) -> bytes:
    # Not ``asdict``, which copies deeply: half of what sealing a code costs.
    values = {name: getattr(code, name) for name in _NAMES}
    values |= {name: values[name].isoformat() for name in _TIMES}
    return json.dumps(values, separators=(",", ":")).encode()
