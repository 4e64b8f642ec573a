"""Public keys of clients that are broken, each in one way; and the shapes that strangers send."""

from base64 import urlsafe_b64encode
from typing import Any

from hypothesis import strategies as st

from tests.protocol.hub import key_pair

RSA = key_pair("RSA").as_dict(private=False)
EC = key_pair("ES256").as_dict(private=False)
OKP = key_pair("EdDSA").as_dict(private=False)


def base64url(number: int, size: int | None = None) -> str:
    """Return a number as a JWK has it."""
    whole = number.to_bytes(size or (number.bit_length() + 7) // 8, "big")
    return urlsafe_b64encode(whole).rstrip(b"=").decode()


BROKEN: dict[str, Any] = {
    "a type in a list": {"kty": ["RSA"]},
    "a curve in a list": {"kty": "EC", "crv": ["P-256"]},
    "no type": {},
    "another type": {"kty": "AKP"},
    "a text": "key",
    "a list": [RSA],
    "a number": 7,
    "nothing": None,
    "a symmetric key": {"kty": "oct", "k": "c2VjcmV0"},
    "a private key": key_pair("ES256").as_dict(private=True),
    "160,000 bits": RSA | {"n": base64url(2**160_000 - 1)},
    "8193 bits": RSA | {"n": base64url(2**8193 - 1)},
    "2047 bits": RSA | {"n": base64url(2**2047 - 1)},
    "an even modulus": RSA | {"n": base64url(2**2048 - 2)},
    "a modulus of zero": RSA | {"n": "AA"},
    "no modulus": {"kty": "RSA", "e": "AQAB"},
    "a modulus that is a number": RSA | {"n": 2**2048 - 1},
    "a modulus in a list": RSA | {"n": [RSA["n"]]},
    "a modulus in a list in a list": RSA | {"n": [[RSA["n"]]]},
    "a modulus in base64": RSA | {"n": "+/" + RSA["n"][2:]},
    "a modulus with padding": RSA | {"n": RSA["n"] + "=="},
    "a modulus of five characters": RSA | {"n": "AAAAA"},
    "a modulus with a line feed": RSA | {"n": RSA["n"] + "\n"},
    "an exponent of one": RSA | {"e": "AQ"},
    "an even exponent": RSA | {"e": "AQAA"},
    "an exponent of 65 bits": RSA | {"e": base64url(2**65 - 1)},
    "no exponent": {"kty": "RSA", "n": RSA["n"]},
    "an empty exponent": RSA | {"e": ""},
    "a point off the curve": EC | {"y": "A" * 43},
    "a coordinate beyond the field": EC | {"x": base64url(2**256 - 1)},
    "a short coordinate": EC | {"x": EC["x"][:-4]},
    "a long coordinate": EC | {"x": "AAAA" + EC["x"]},
    "another curve": EC | {"crv": "secp256k1"},
    "the curve of a signature": EC | {"crv": "Ed25519"},
    "no coordinate": {"kty": "EC", "crv": "P-256", "x": EC["x"]},
    "a coordinate that is a table": EC | {"x": {}},
    "a short Edwards point": OKP | {"x": OKP["x"][:-4]},
    "an Edwards curve that nobody takes": OKP | {"crv": "Ed448"},
    "a curve of key agreement": OKP | {"crv": "X25519"},
    "a kid that is a number": RSA | {"kid": 1},
    "a kid of 201 characters": RSA | {"kid": "k" * 201},
    "a kid with a control character": RSA | {"kid": "k\n"},
    "a use that is a list": RSA | {"use": ["sig"]},
    "an alg that is a table": RSA | {"alg": {}},
    "operations that are a text": RSA | {"key_ops": "verify"},
    "operations that are numbers": RSA | {"key_ops": [1]},
}

SETS: dict[str, Any] = {
    "no keys": {},
    "keys that are a text": {"keys": "keys"},
    "keys that are a table": {"keys": RSA},
    "an empty list": {"keys": []},
    "21 keys": {"keys": [RSA | {"kid": f"k{number}"} for number in range(21)]},
    "one kid twice": {"keys": [RSA | {"kid": "k"}, key_pair("RSA", 1).as_dict() | {"kid": "k"}]},
    "a member that is no text": {"keys": [RSA], "more": 10**400},
    "NUL in a name": {"keys": [RSA | {"\0": "x"}]},
    "NUL in a name beside the keys": {"keys": [RSA], "\0": "x"},
    "NUL in a certificate": {"keys": [RSA | {"x5c": ["\0"]}]},
    "half a surrogate pair": {"keys": [RSA | {"x5t": "\ud800"}]},
    "a list in a list": {"keys": [RSA | {"x5c": [["x"]]}]},
}

_ATOMS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9)
)
_VALUES = st.recursive(
    _ATOMS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
_NUMBERS = st.integers(0, 2**2100).map(base64url) | st.sampled_from([RSA["n"], EC["x"], OKP["x"]])
_MEMBERS = {
    "kty": st.sampled_from(["RSA", "EC", "OKP"]),
    "crv": st.sampled_from(["P-256", "P-384", "P-521", "Ed25519"]),
    **dict.fromkeys(("n", "e", "x", "y"), _NUMBERS),
    "use": st.sampled_from(["sig", "enc"]),
    "key_ops": st.lists(st.sampled_from(["verify", "encrypt", "wrapKey"]), max_size=2),
}
SHAPES = _VALUES | st.builds(
    lambda good, changes: good | changes,
    st.sampled_from([RSA, EC, OKP, {}]),
    st.fixed_dictionaries({}, optional={name: one | _VALUES for name, one in _MEMBERS.items()}),
)
"""Anything at all, and good keys of which some members were changed."""
