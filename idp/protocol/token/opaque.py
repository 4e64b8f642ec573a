"""Opaque access tokens: a JWT's claims, encrypted for the hub alone; no row is kept for one."""

import json
from collections.abc import Mapping
from typing import Any

from idp.ports import BrokenSeal, Vault
from idp.protocol.jose.jws import BadToken

PURPOSE = "access_token"
_JWT_DOTS = 2


def is_opaque(token: str) -> bool:
    """Return whether the text lacks the segments of a compact JWS."""
    return token.count(".") != _JWT_DOTS


def seal(claims: Mapping[str, Any], vault: Vault) -> str:
    """Return the claims as an opaque token."""
    return vault.seal(json.dumps(claims, separators=(",", ":")).encode(), purpose=PURPOSE)


def unseal(token: str, vault: Vault) -> dict[str, Any]:
    """Return the claims of an opaque token. Raises BadToken: not the hub's."""
    try:
        claims: dict[str, Any] = json.loads(vault.open(token, purpose=PURPOSE))
    except BrokenSeal:
        raise BadToken("seal") from None
    return claims
