"""Bearer tokens in requests, and the claims of access tokens (RFC 6750)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from idp.domain.wire import words
from idp.protocol.core.provider_context import ProviderContext
from idp.protocol.core.refusal_notes import about
from idp.protocol.core.replies import NO_STORE, Json
from idp.protocol.core.requests import ProtocolRequest
from idp.protocol.jose.jws import BadToken, find_time
from idp.protocol.token import opaque
from idp.protocol.token.tokens import ACCESS_TOKEN_TYPE, GRANT_CLAIM, audience_list

_BEARER = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] +([A-Za-z0-9._~+/=-]+)")


def bearer_token(request: ProtocolRequest) -> str | None:
    """Return the token in the ``Authorization`` header, None without one (RFC 6750 2.1).

    Raises:
        BadToken: the header holds something else.
    """
    header = request.headers.get("authorization")
    if header is None:
        return None
    shown = _BEARER.fullmatch(header)
    if shown is None:
        raise BadToken("form")
    return shown[1]


def refused(realm: str, status: int, **attributes: str) -> Json:
    """Return an error with its ``Bearer`` challenge; no ``attributes`` when no token was sent.

    Source: RFC 6750 3.
    """
    listed = [f'realm="{realm}"', *(f'{name}="{value}"' for name, value in attributes.items())]
    challenge = {"WWW-Authenticate": "Bearer " + ", ".join(listed)}
    return Json(status, attributes, {**NO_STORE, **challenge})


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A verified access token of the hub; the caller must still check its grant.

    ``grant_id`` is None for a token of the client's own (``client_credentials``).
    """

    grant_id: str | None
    client_id: str
    scopes: tuple[str, ...]
    audience: tuple[str, ...]
    claims: Mapping[str, Any] = field(repr=False)


def read_access_token(provider: ProviderContext, token: str) -> AccessToken:
    """Verify the token, and return its content.

    Raises:
        BadToken: not the hub's, expired, or another kind of token (attacks C22, J08, J09).

    Source: RFC 9068 4, RFC 8725 3.11.
    """
    claims = _claims(provider, token)
    about(str(claims.get("client_id")), proven=True)
    if claims.get("iss") != provider.issuer:
        raise BadToken("issuer")
    expires_at = find_time(claims, "exp")
    if expires_at is None or expires_at <= provider.timestamp():
        raise BadToken("exp")
    return AccessToken(
        grant_id=claims.get(GRANT_CLAIM),
        client_id=str(claims.get("client_id")),
        scopes=words(str(claims.get("scope", ""))),
        audience=tuple(audience_list(claims)),
        claims=claims,
    )


def _claims(provider: ProviderContext, token: str) -> Mapping[str, Any]:
    if opaque.is_opaque(token):
        return opaque.unseal(token, provider.vault)
    verified = provider.keys.verify(token)
    if verified.header.get("typ") != ACCESS_TOKEN_TYPE:
        raise BadToken("type")
    return verified.claims
