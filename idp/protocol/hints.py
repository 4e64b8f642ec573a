"""``id_token_hint``: an ID token of ours that comes back."""

from collections.abc import Collection
from dataclasses import dataclass, field

from idp.protocol.jose import BadToken, FindKey, verify
from idp.protocol.keys import ALGORITHMS
from idp.protocol.tokens import ID_TOKEN_TYPE

REQUIRED: Collection[str] = ("sub", "exp", "iat", "auth_time")


@dataclass(frozen=True, slots=True)
class Hint:
    """What an ID token of ours says about whom it was for."""

    client_id: str
    subject: str = field(repr=False)


def read_hint(token: str, issuer: str, find_key: FindKey) -> Hint:
    """Return the hint; an expired token is one too (OIDC Core 3.1.2.1, RP-Initiated Logout 4).

    Raises:
        BadToken: not signed by us, of another issuer, or no ID token (attacks J08, J09, L04).
    """
    verified = verify(token, find_key, ALGORITHMS)
    claims = verified.claims
    if verified.header.get("typ") != ID_TOKEN_TYPE or claims.get("iss") != issuer:
        raise BadToken("type")
    if not all(name in claims for name in REQUIRED) or "events" in claims:
        raise BadToken("type")
    audience, subject = claims.get("aud"), claims["sub"]
    if isinstance(audience, list) and len(audience) == 1:
        audience = audience[0]
    if not isinstance(audience, str) or not isinstance(subject, str):
        raise BadToken("audience")
    return Hint(audience, subject)
