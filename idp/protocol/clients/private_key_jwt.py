"""``private_key_jwt``: client authentication by a signed assertion (RFC 7523, OIDC Core 9)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from idp.domain.clients.client import Client
from idp.protocol.clients.keys import ClientKeys
from idp.protocol.core import endpoints
from idp.protocol.core.provider_context import SKEW, ProviderContext
from idp.protocol.jose.jws import BadToken, find_time, verify
from idp.protocol.jose.signing_keys import ALGORITHMS

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ONCE = "client_assertion"
MAX_LIFE_SECONDS = 300
TYPES = (None, "JWT", "client-authentication+jwt")
MAX_JTI = 512
REMEMBER_LONGER = timedelta(hours=1)
"""A sweep by a worker whose clock is ahead must not make an assertion usable again."""


@dataclass(frozen=True, slots=True)
class AssertionId:
    """The single-use id of an assertion, and until when its use must be stored."""

    value: str
    expires_at: datetime


def check_assertion(
    provider: ProviderContext, keys: ClientKeys, client: Client, assertion: str
) -> AssertionId:
    """Return the id of a valid assertion; the caller must take it in the request's transaction.

    The algorithm must be the registered one; ``aud`` is the issuer as one string (the token
    endpoint, too, for clients registered so); ``exp`` is at most five minutes ahead.

    Raises:
        BadToken: anything else (attacks A04 to A09).

    Source: RFC 7523 3, draft-ietf-oauth-rfc7523bis 4; FAPI 2.0 5.3.2.1.
    """
    algorithms = (client.auth_signing_alg,) if client.auth_signing_alg else ALGORITHMS
    verified = verify(assertion, lambda kid, alg: keys.find(client, kid, alg), algorithms)
    claims = verified.claims
    if verified.header.get("typ") not in TYPES:
        raise BadToken("type")
    if claims.get("iss") != client.client_id or claims.get("sub") != client.client_id:
        raise BadToken("subject")
    if claims.get("aud") not in _audiences(provider, client):
        raise BadToken("audience")
    expires_at = _check_times(claims, provider.timestamp())
    dead_at = datetime.fromtimestamp(expires_at, UTC) + SKEW
    return AssertionId(_once_value(client, claims), dead_at + REMEMBER_LONGER)


def _audiences(provider: ProviderContext, client: Client) -> list[str]:
    if client.auth_audience_token_endpoint or provider.features.suite:
        return [provider.issuer, provider.url(endpoints.TOKEN)]
    return [provider.issuer]


def _check_times(claims: Mapping[str, Any], now: int) -> int:
    skew = int(SKEW.total_seconds())
    expires_at = find_time(claims, "exp")
    if expires_at is None or not now - skew < expires_at <= now + MAX_LIFE_SECONDS + skew:
        raise BadToken("exp")
    for name in ("iat", "nbf"):
        since = find_time(claims, name)
        if since is not None and since > now + skew:
            raise BadToken(name)
    return expires_at


def _once_value(client: Client, claims: Mapping[str, Any]) -> str:
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= MAX_JTI:
        raise BadToken("jti")
    named = f"{client.client_id}\0{jti}".encode("utf-8", "surrogatepass")
    return sha256(named).hexdigest()
