"""Tokens as an attacker makes them, without a library that would refuse to."""

import base64
import hmac
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any


def segment(content: bytes | Mapping[str, Any]) -> str:
    """Return a part of a compact token."""
    plain = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(plain).rstrip(b"=").decode()


def unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def with_header(token: str, **changes: Any) -> str:
    """Return the token with another header, its signature as it was; None takes a member out."""
    head, _, rest = token.partition(".")
    whole = {**json.loads(unpadded(head)), **changes}
    kept = {name: value for name, value in whole.items() if value is not None}
    return f"{segment(kept)}.{rest}"


def unsigned(claims: Mapping[str, Any], **header: Any) -> str:
    """Return a token with ``alg: none``."""
    return f"{segment({'alg': 'none', **header})}.{segment(claims)}."


def hs256(claims: Mapping[str, Any], secret: bytes, **header: Any) -> str:
    """Return a token whose HMAC key is what anybody can read: a public key."""
    signed = f"{segment({'alg': 'HS256', **header})}.{segment(claims)}"
    return f"{signed}.{segment(hmac.digest(secret, signed.encode(), sha256))}"
