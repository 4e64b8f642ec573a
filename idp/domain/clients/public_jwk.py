"""Public keys of clients (RFC 7517, RFC 7518 6, RFC 8037), validated before any library sees them.

The same validation serves client files, registrations, and keys fetched from ``jwks_uri`` at run
time. A key that passes can be imported, verified with and encrypted to; no other key is used.
"""

import re
from base64 import urlsafe_b64decode
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from idp.domain.errors import DomainError

MOST_KEYS = 20
LONGEST_KID = 200
SMALLEST_RSA_BITS = 2048
LARGEST_RSA_BITS = 8192
"""OpenSSL accepts up to 16384 bits; 8192 keep verifying a signature cheap."""

LARGEST_EXPONENT_BITS = 64
"""OpenSSL's own bound for moduli over 3072 bits (OPENSSL_RSA_MAX_PUBEXP_BITS)."""

LONGEST_NUMBER = 2048
"""Characters: room for 8192 bits and for leading zeros; longer texts are not decoded."""

ED25519, ED25519_BYTES = "Ed25519", 32
PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_OPERATIONS = {
    "sig": frozenset({"verify"}),
    "enc": frozenset({"encrypt", "wrapKey", "deriveKey", "deriveBits"}),
}
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class _Curve:
    """A short Weierstrass curve ``y² = x³ - 3x + b`` over the integers modulo ``prime``."""

    size: int
    prime: int
    b: int

    def has(self, x: int, y: int) -> bool:
        """Return whether the point is on the curve; its order is prime, so no subgroup is small."""
        p = self.prime
        return x < p and y < p and (y * y - (x * x * x - 3 * x + self.b)) % p == 0


CURVES: Mapping[str, _Curve] = {
    "P-256": _Curve(
        32,
        2**256 - 2**224 + 2**192 + 2**96 - 1,
        0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
    ),
    "P-384": _Curve(
        48,
        2**384 - 2**128 - 2**96 + 2**32 - 1,
        0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
    ),
    "P-521": _Curve(
        66,
        2**521 - 1,
        0x51953EB9618E1C9A1F929A21A0B68540EEA2DA725B99B315F3B8B489918EF109E156193951EC7E937B1652C0BD3BB1BF073573DF883D2C34F1EF451FD46B503F00,
    ),
}
"""NIST SP 800-186, 3.2.1."""


class InvalidJwk(DomainError):
    """The JWK is no usable public key; the message says why and quotes nothing of the key."""

    code = "invalid_jwk"


@dataclass(frozen=True, slots=True)
class PublicJwk:
    """A validated public key.

    ``key`` has ``kty`` and the members of the key material only. ``operations`` is empty where the
    JWK has no ``key_ops``.
    """

    key: Mapping[str, str]
    kid: str | None = None
    use: str | None = None
    alg: str | None = None
    operations: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, jwk: object) -> "PublicJwk":
        """Return the key of ``jwk``. Raises InvalidJwk for any other value, of whatever type.

        RSA moduli have 2048 to 8192 bits; coordinates have full length, and lie on their curve.

        Source: RFC 7517 4, RFC 7518 6.2.1 and 6.3.1, RFC 8037 2; attacks I06, J19.
        """
        if not isinstance(jwk, dict):
            raise InvalidJwk("a key must be a table")
        if PRIVATE_MEMBERS & jwk.keys():
            raise InvalidJwk("contains a private or symmetric key; register public keys only")
        operations = jwk.get("key_ops", [])
        if not isinstance(operations, list) or not all(isinstance(one, str) for one in operations):
            raise InvalidJwk("has a key whose key_ops is no list of texts")
        return cls(
            key=_key(jwk),
            kid=_label(jwk, "kid"),
            use=_label(jwk, "use"),
            alg=_label(jwk, "alg"),
            operations=frozenset(operations),
        )

    @property
    def kty(self) -> str:
        """The type: RSA, EC or OKP."""
        return self.key["kty"]

    @property
    def crv(self) -> str | None:
        """The curve; None for RSA."""
        return self.key.get("crv")

    def is_for(self, use: str, alg: str) -> bool:
        """Return whether the key may serve ``use`` (``sig``: to verify, or ``enc``) and ``alg``."""
        is_meant = self.use in {None, use} and self.alg in {None, alg}
        return is_meant and (not self.operations or bool(self.operations & _OPERATIONS[use]))


def usable_keys(jwks: Mapping[str, Any]) -> list[PublicJwk]:
    """Return the usable keys among the first 20 of a JWK set; invalid ones are skipped."""
    listed = jwks.get("keys")
    found = []
    for jwk in listed[:MOST_KEYS] if isinstance(listed, list) else ():
        try:
            found.append(PublicJwk.parse(jwk))
        except InvalidJwk:
            continue
    return found


def key_set_problems(jwks: Mapping[str, Any]) -> Iterator[str]:
    """Yield why a JWK set cannot be registered: every key in it must be usable."""
    listed = jwks.get("keys")
    if not isinstance(listed, list) or not listed:
        yield "must be a table with a list of keys"
    elif len(listed) > MOST_KEYS:
        yield f"must have at most {MOST_KEYS} keys"
    elif not _is_kept([jwks, *listed]):
        yield "has a member that is no plain text"
    else:
        yield from _key_problems(listed)


def _key_problems(listed: Sequence[object]) -> Iterator[str]:
    named: Counter[tuple[str, str]] = Counter()
    for jwk in listed:
        try:
            key = PublicJwk.parse(jwk)
        except InvalidJwk as wrong:
            yield str(wrong)
        else:
            named.update([(key.kid, key.kty)] if key.kid is not None else [])
    if any(count > 1 for count in named.values()):
        yield "has two keys of the same kid and type (RFC 7517 4.5)"


def _is_kept(tables: Sequence[object]) -> bool:
    """Return whether a row can store these: names and values are plain texts, or lists of them."""
    return all(
        _is_plain(name) and (name == "keys" or _is_plain(value))
        for table in tables
        if isinstance(table, dict)
        for name, value in table.items()
    )


def _is_plain(value: object) -> bool:
    if isinstance(value, list):
        return all(isinstance(one, str) and _is_plain(one) for one in value)
    return isinstance(value, str) and value.isascii() and value.isprintable()


def _key(jwk: Mapping[str, Any]) -> Mapping[str, str]:
    match jwk.get("kty"):
        case "RSA":
            return _rsa(jwk)
        case "EC":
            return _ec(jwk)
        case "OKP":
            return _okp(jwk)
    raise InvalidJwk("has a key of an unknown type")


def _rsa(jwk: Mapping[str, Any]) -> Mapping[str, str]:
    n, e = _number(jwk, "n"), _number(jwk, "e")
    if n.bit_length() < SMALLEST_RSA_BITS:
        raise InvalidJwk(f"has an RSA key below {SMALLEST_RSA_BITS} bits")
    if n.bit_length() > LARGEST_RSA_BITS:
        raise InvalidJwk(f"has an RSA key above {LARGEST_RSA_BITS} bits")
    if n % 2 == 0:
        raise InvalidJwk("has an RSA key with an even modulus")
    if not 3 <= e < 2**LARGEST_EXPONENT_BITS or e % 2 == 0:
        raise InvalidJwk("has an RSA key whose exponent is even, below 3 or above 64 bits")
    return {"kty": "RSA", "n": jwk["n"], "e": jwk["e"]}


def _ec(jwk: Mapping[str, Any]) -> Mapping[str, str]:
    name = jwk.get("crv")
    curve = CURVES.get(name) if isinstance(name, str) else None
    if curve is None:
        raise InvalidJwk(f"has an EC key on a curve that is none of {', '.join(CURVES)}")
    if not curve.has(*(_number(jwk, axis, size=curve.size) for axis in ("x", "y"))):
        raise InvalidJwk("has an EC key whose point is not on its curve")
    return {"kty": "EC", "crv": jwk["crv"], "x": jwk["x"], "y": jwk["y"]}


def _okp(jwk: Mapping[str, Any]) -> Mapping[str, str]:
    if jwk.get("crv") != ED25519:
        raise InvalidJwk(f"has an OKP key on a curve that is not {ED25519}")
    _number(jwk, "x", size=ED25519_BYTES)
    return {"kty": "OKP", "crv": ED25519, "x": jwk["x"]}


def _number(jwk: Mapping[str, Any], member: str, *, size: int | None = None) -> int:
    """Return the integer of a base64url member; ``size``: its exact length in bytes."""
    text = jwk.get(member)
    if not isinstance(text, str) or len(text) > LONGEST_NUMBER or not _BASE64URL.fullmatch(text):
        raise InvalidJwk(f"has a key whose {member} is no base64url of a fitting length")
    try:
        octets = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise InvalidJwk(f"has a key whose {member} is no base64url") from None
    if size is not None and len(octets) != size:
        raise InvalidJwk(f"has a key whose {member} does not have {size} bytes")
    return int.from_bytes(octets, "big")


def _label(jwk: Mapping[str, Any], member: str) -> str | None:
    text = jwk.get(member)
    if text is None:
        return None
    if not isinstance(text, str) or len(text) > LONGEST_KID or not text.isprintable():
        raise InvalidJwk(f"has a key whose {member} is no text of at most {LONGEST_KID} characters")
    return text
