"""Signed tokens: the one place that signs and verifies (RFC 7515, RFC 8725).

Only compact JWS, only the algorithms a caller names, only keys found by an exact ``kid``.
"""

import binascii
import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from joserfc import jws
from joserfc._rfc7515.model import JWSAlgModel
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from idp.domain.clients.public_jwk import PublicJwk
from idp.protocol.jose.json_text import NotJson, read_object

MAX_TOKEN = 16 * 1024
MAX_KID = 200
NEVER = frozenset({"crit", "b64"})
"""Header members that change what a signature means; we know none (attack J04)."""

LARGEST_TIME = 2**53
PublicKey = RSAKey | ECKey | OKPKey
FindKey = Callable[[str | None, str], PublicKey | None]
"""Finds a key by ``kid`` (None when the token names none) and ``alg``."""

KEY_TYPES: Mapping[str, type[PublicKey]] = {
    "RS256": RSAKey,
    "PS256": RSAKey,
    "ES256": ECKey,
    "EdDSA": OKPKey,
}
_KINDS: Mapping[str, type[PublicKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
CURVES: Mapping[str, str] = {"ES256": "P-256", "EdDSA": "Ed25519"}


class BadToken(Exception):
    """A token that is not what the caller demands; the text is a code for the log."""


class _Registry(jws.JWSRegistry):
    """Only what the caller allows; joserfc 1.8 warns of ``EdDSA``, whose name RFC 9864 replaced."""

    max_header_length = 4096

    def get_alg(self, name: str) -> JWSAlgModel:
        if name not in (self.allowed or ()):
            raise BadToken("algorithm")
        return self.algorithms[name]


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key of ours, ready to sign; ``public`` is its public JWK."""

    kid: str
    alg: str
    key: PublicKey = field(repr=False)
    public: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Verified:
    """A token whose signature holds."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any] = field(repr=False)


def sign(claims: Mapping[str, Any], key: SigningKey, *, typ: str) -> str:
    """Return ``claims`` as a compact JWS with ``kid`` and ``typ`` in its header."""
    header = {"alg": key.alg, "kid": key.kid, "typ": typ}
    payload = json.dumps(claims, ensure_ascii=False, separators=(",", ":"))
    registry = _Registry(algorithms=[key.alg])
    return jws.serialize_compact(header, payload.encode(), key.key, registry=registry)


def verify(token: str, find_key: FindKey, algorithms: Collection[str]) -> Verified:
    """Return header and claims of a compact JWS by a key that ``find_key`` knows.

    ``jwk``, ``jku``, ``x5u`` and ``x5c`` are never looked at. Times and audience are the caller's.

    Raises:
        BadToken: for everything else; no other exception, whatever the text.

    Source: RFC 8725 3.1, 3.10; attacks J01 to J07, J14.
    """
    header, claims = _parts(token)
    alg, kid = header.get("alg"), header.get("kid")
    if not isinstance(alg, str) or alg not in algorithms or NEVER & header.keys():
        raise BadToken("algorithm")
    if kid is not None and not (isinstance(kid, str) and len(kid) <= MAX_KID):
        raise BadToken("kid")
    key = find_key(kid, alg)
    if key is None or not isinstance(key, KEY_TYPES[alg]):
        raise BadToken("key")
    _check_signature(token, key, alg)
    return Verified(header, claims)


def unverified_claims(token: str) -> Mapping[str, Any]:
    """Return what a token claims, unchecked: to learn whose keys to try. Raises BadToken."""
    return _parts(token)[1]


def read_header(token: str) -> Mapping[str, Any]:
    """Return the header of a compact token, unchecked. Raises BadToken."""
    try:
        return read_object(_decode(token.partition(".")[0]))
    except NotJson:
        raise BadToken("form") from None


def read_unsigned(token: str) -> Verified:
    """Return header and claims of a token with ``alg: none`` and no signature. Raises BadToken.

    Nothing of it is proven; whoever calls this must not need that (RFC 7515 A.5).
    """
    segments = token.split(".")
    if len(token) > MAX_TOKEN or len(segments) != 3 or segments[2]:
        raise BadToken("form")
    header = read_header(token)
    if header.get("alg") != "none" or NEVER & header.keys():
        raise BadToken("algorithm")
    try:
        return Verified(header, read_object(_decode(segments[1])))
    except NotJson:
        raise BadToken("form") from None


def find_time(claims: Mapping[str, Any], name: str) -> int | None:
    """Return a NumericDate in whole seconds, None if absent. Raises BadToken (attack J13)."""
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < LARGEST_TIME:
        raise BadToken(name)
    return value


def import_public(jwk: PublicJwk) -> PublicKey:
    """Return the key, ready to verify with and to encrypt to; a judged key is never refused."""
    return _KINDS[jwk.kty].import_key(dict(jwk.key))


def _parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    if len(token) > MAX_TOKEN or not token.isascii():
        raise BadToken("size")
    segments = token.split(".")
    if len(segments) != 3 or not all(segments):
        raise BadToken("form")
    try:
        return read_object(_decode(segments[0])), read_object(_decode(segments[1]))
    except NotJson:
        raise BadToken("form") from None


def _decode(segment: str) -> bytes:
    try:
        return urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except (binascii.Error, ValueError):
        raise BadToken("form") from None


def _check_signature(token: str, key: PublicKey, alg: str) -> None:
    registry = _Registry(algorithms=[alg], strict_check_header=False)
    try:
        jws.deserialize_compact(token.encode("ascii"), key, registry=registry)
    except (JoseError, ValueError, TypeError):
        raise BadToken("signature") from None
