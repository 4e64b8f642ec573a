"""Logout tokens for portals (OIDC Back-Channel Logout 1.0, 2.4)."""

from typing import Protocol

from idp.domain.clients.client import Client
from idp.protocol.core.provider_context import ProviderContext
from idp.protocol.core.subjects import session_identifier, subject
from idp.protocol.jose.jws import sign

LOGOUT_TOKEN_TYPE = "logout+jwt"  # noqa: S105 (the value of a header)
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LIFE_SECONDS = 120


class EndedSession(Protocol):
    """An ended session and a portal that knew it."""

    @property
    def client(self) -> Client: ...
    @property
    def account_id(self) -> str: ...
    @property
    def session_id(self) -> str: ...


def make_logout_token(
    provider: ProviderContext, client: Client, account_id: str, session_id: str
) -> str:
    """Return a logout token for ``client``, without a nonce. Raises NoSigningKey, ClockSkew."""
    now = provider.timestamp()
    payload = {
        "iss": provider.issuer,
        "aud": client.client_id,
        "iat": now,
        "exp": now + LIFE_SECONDS,
        "jti": provider.randomness.token(),
        "sub": subject(provider.vault, client, account_id),
        "sid": session_identifier(provider.vault, client, session_id),
        "events": {LOGOUT_EVENT: {}},
    }
    key = provider.keys.signer(client.id_token_signed_response_alg)
    return sign(payload, key, typ=LOGOUT_TOKEN_TYPE)
