"""Tokens that the hub would never sign, made with its own signer."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from idp.protocol.jose.jws import SigningKey, sign, unverified_claims
from idp.protocol.jose.signing_keys import KeyRing

Claims = Mapping[str, Any]
ID_TOKEN_TYPE = "JWT"  # noqa: S105 (the value of a header)
ACCESS_TOKEN_TYPE = "at+jwt"  # noqa: S105 (the value of a header)
LOGOUT_TOKEN_TYPE = "logout+jwt"  # noqa: S105 (the value of a header)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forge:
    """Signs any claims: by the hub's key, by a stranger's, by none."""

    keys: KeyRing
    strangers: KeyRing
    """Has a key that the hub does not publish."""
    alg: str
    """The algorithm that the client's file asks for."""

    def signed(self, claims: Claims, *, typ: str = ID_TOKEN_TYPE) -> str:
        """Return the claims, signed by the hub's key."""
        return sign(claims, self.keys.signer(self.alg), typ=typ)

    def by_stranger(self, claims: Claims, *, typ: str = ID_TOKEN_TYPE) -> str:
        """Return the claims under the hub's ``kid``, signed by a key that is not the hub's."""
        hubs, other = self.keys.signer(self.alg), self.strangers.signer(self.alg)
        return sign(claims, SigningKey(hubs.kid, self.alg, other.key, other.public), typ=typ)

    def unsigned(self, claims: Claims, *, typ: str = ID_TOKEN_TYPE) -> str:
        """Return the claims with ``alg: none`` and an empty signature (RFC 7519 6)."""
        return f"{self._text({'alg': 'none', 'typ': typ}, claims)}."

    def by_unknown(self, claims: Claims, *, typ: str = ID_TOKEN_TYPE) -> str:
        """Return the claims, signed by a key that the hub does not publish, under its own kid."""
        return sign(claims, self.strangers.signer(self.alg), typ=typ)

    def by_public_key(self, claims: Claims, *, typ: str = ID_TOKEN_TYPE) -> str:
        """Return the claims with an HMAC whose key is the hub's public key (RFC 8725 2.1)."""
        hubs = self.keys.signer(self.alg)
        header = {"alg": "HS256", "kid": hubs.kid, "typ": typ}
        text, public = self._text(header, claims), hubs.key.as_pem(private=False)
        return f"{text}.{_encode(hmac.digest(public, text.encode(), 'sha256'))}"

    def _text(self, header: Claims, claims: Claims) -> str:
        parts = (json.dumps(one, separators=(",", ":")).encode() for one in (header, claims))
        return ".".join(map(_encode, parts))


def is_readable(token: str) -> bool:
    """Return whether the token is signed only; an encrypted one has five parts (RFC 7516 3.1)."""
    return token.count(".") == 2


def claims_of(token: str) -> dict[str, Any]:
    """Return the claims of a signed token. Raises BadToken."""
    return dict(unverified_claims(token))


def _encode(plain: bytes) -> str:
    return urlsafe_b64encode(plain).rstrip(b"=").decode("ascii")
