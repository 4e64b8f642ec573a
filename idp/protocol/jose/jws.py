"""Signed tokens: the one place that signs and verifies (RFC 7515, RFC 8725).

Only compact JWS, only the algorithms and the keys that the caller names.
"""

import binascii
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from joserfc import jws
from joserfc._rfc7515.model import JWSAlgModel
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.util import urlsafe_b64decode, urlsafe_b64encode

from idp.domain.clients.public_jwk import PublicJwk
from idp.ports import SigningDevice
from idp.protocol.jose.json_text import NotJson, read_object

MAX_TOKEN = 16 * 1024
MAX_KID = 200
NEVER = frozenset({"crit", "b64"})
"""Header members that change what a signature means; the hub supports none (attack J04)."""

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
# The algorithms themselves: joserfc's serialization would parse each token a second time, and its
# registry warns of ``EdDSA``, which RFC 9864 renamed.
_ALGORITHMS: Mapping[str, JWSAlgModel] = {
    name: jws.JWSRegistry.algorithms[name] for name in KEY_TYPES
}
_KINDS: Mapping[str, type[PublicKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
CURVES: Mapping[str, str] = {"ES256": "P-256", "EdDSA": "Ed25519"}


class BadToken(Exception):
    """A token that the caller must refuse; the text is a code for the log."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key of the hub, imported; ``public`` is its public JWK.

    ``device`` holds the private half of some keys; then ``key`` is the public one.
    """

    kid: str
    alg: str
    key: PublicKey = field(repr=False)
    public: Mapping[str, Any] = field(repr=False)
    device: SigningDevice | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Verified:
    """Header and claims of a token with a valid signature, or of ``read_unsigned``."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any] = field(repr=False)
    key: PublicKey | None = field(default=None, repr=False)
    """What its signature was verified with; None for ``read_unsigned``."""


def sign(claims: Mapping[str, Any], key: SigningKey, *, typ: str) -> str:
    """Return ``claims`` as a compact JWS with ``kid`` and ``typ`` in its header.

    Raises SigningDeviceUnavailable.
    """
    payload = json.dumps(claims, ensure_ascii=False, separators=(",", ":"))
    signed = f"{_header(key.alg, key.kid, typ)}.{_encode(payload.encode())}"
    if key.device is not None:
        signature = key.device.sign(key.kid, key.alg, signed.encode("ascii"))
    else:
        signature = _ALGORITHMS[key.alg].sign(signed.encode("ascii"), key.key)
    return f"{signed}.{_encode(signature)}"


def verify(token: str, find_key: FindKey, algorithms: Collection[str]) -> Verified:
    """Verify a compact JWS with the key of ``find_key``, and return its header and claims.

    ``jwk``, ``jku``, ``x5u`` and ``x5c`` are ignored. The caller checks times and audience.

    Raises:
        BadToken: for every other text; only ``find_key`` may raise something else.

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
    return Verified(header, claims, key)


def unverified_claims(token: str) -> Mapping[str, Any]:
    """Return the unverified claims of a token, to find out whose keys to try. Raises BadToken."""
    return _parts(token)[1]


def read_header(token: str) -> Mapping[str, Any]:
    """Return the header of a compact token, unchecked. Raises BadToken."""
    try:
        return read_object(_decode(token.partition(".")[0]))
    except NotJson:
        raise BadToken("form") from None


def read_unsigned(token: str) -> Verified:
    """Return header and claims of a token with ``alg: none`` and no signature. Raises BadToken.

    Nothing in it is proven: the caller must not rely on its origin (RFC 7515 A.5).
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
    """Return the key, ready to verify or encrypt with; no ``PublicJwk`` is refused."""
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
        return urlsafe_b64decode(segment.encode())
    except (binascii.Error, ValueError):
        raise BadToken("form") from None


def _check_signature(token: str, key: PublicKey, alg: str) -> None:
    signed, _, signature = token.rpartition(".")
    algorithm = _ALGORITHMS[alg]
    try:
        algorithm.check_key(key)
        is_right = algorithm.verify(signed.encode("ascii"), _decode(signature), key)
    except (JoseError, ValueError, TypeError):
        is_right = False
    if not is_right:
        raise BadToken("signature")


def _encode(plain: bytes) -> str:
    return urlsafe_b64encode(plain).decode("ascii")


@lru_cache(maxsize=64)
def _header(alg: str, kid: str, typ: str) -> str:
    header = {"alg": alg, "kid": kid, "typ": typ}
    return _encode(json.dumps(header, separators=(",", ":")).encode())
