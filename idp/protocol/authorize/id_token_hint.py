"""``id_token_hint``: an ID token of the hub that a portal sends back."""

from collections.abc import Collection
from dataclasses import dataclass, field

from idp.protocol.core.provider_context import ProviderContext
from idp.protocol.jose.jwe import decrypt, is_encrypted
from idp.protocol.jose.jws import BadToken, find_time, verify
from idp.protocol.jose.signing_keys import ALGORITHMS
from idp.protocol.token.tokens import ID_TOKEN_TYPE

REQUIRED: Collection[str] = ("sub", "exp", "iat", "auth_time")


@dataclass(frozen=True, slots=True)
class Hint:
    """The client, subject and session that an ID token of the hub names."""

    client_id: str
    subject: str = field(repr=False)
    sid: str = field(repr=False)
    issued_at: int


def read_hint(provider: ProviderContext, token: str) -> Hint:
    """Return the hint; expired tokens are accepted (OIDC Core 3.1.2.1, RP-Initiated Logout 4).

    A client whose ID tokens are encrypted may encrypt them to the hub again (the same sections).
    Signatures of retired keys are accepted (attack L03).

    Raises:
        BadToken: not signed by the hub, another issuer, or no ID token (attacks J08, J09, L04).
    """
    signed = decrypt(token, provider.keys.find_decrypter) if is_encrypted(token) else token
    verified = verify(signed, provider.keys.find_kept, ALGORITHMS)
    claims = verified.claims
    if verified.header.get("typ") != ID_TOKEN_TYPE or claims.get("iss") != provider.issuer:
        raise BadToken("type")
    if not all(name in claims for name in REQUIRED) or "events" in claims:
        raise BadToken("type")
    audience, subject = claims.get("aud"), claims["sub"]
    if isinstance(audience, list) and len(audience) == 1:
        audience = audience[0]
    if not isinstance(audience, str) or not isinstance(subject, str):
        raise BadToken("audience")
    return Hint(audience, subject, str(claims.get("sid")), find_time(claims, "iat") or 0)
