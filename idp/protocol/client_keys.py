"""The public keys of a client: by value, or from its ``jwks_uri`` through the one fetcher."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from idp.domain.client import Client
from idp.ports import Ephemeral, Fetch, FetchRefused
from idp.protocol.jose import CURVES, PublicKey, import_public
from idp.protocol.json_text import NotJson, read_object

KEPT_FOR = timedelta(hours=1)
FETCH_EVERY = timedelta(minutes=1)
MAX_KEYS = 20
MEDIA_TYPES = frozenset({"application/json", "application/jwk-set+json"})
KTY = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC", "EdDSA": "OKP"}


class ClientKeys:
    """Finds keys; an unknown ``kid`` leads to one fetch a minute at most (attack S10)."""

    def __init__(self, ephemeral: Ephemeral, fetch: Fetch) -> None:
        self._ephemeral = ephemeral
        self._fetch = fetch

    def find(self, client: Client, kid: str | None, alg: str) -> PublicKey | None:
        """Return the key of this ``kid`` for ``alg``; without ``kid`` the only one, or None."""
        if client.jwks is not None:
            return _pick(client.jwks, kid, alg)
        if client.jwks_uri is None:
            return None
        kept = self._ephemeral.find(_kept_at(client))
        found = _pick(_parse(kept), kid, alg) if kept else None
        return found or _pick(_parse(self._fetched(client)), kid, alg)

    def _fetched(self, client: Client) -> str:
        """Not inside a transaction: the portal's server may be slow."""
        if not self._ephemeral.add(f"{_kept_at(client)}:asked", ttl=FETCH_EVERY):
            return ""
        try:
            text = self._fetch.get(client.jwks_uri or "", media_types=MEDIA_TYPES).decode()
        except (FetchRefused, UnicodeDecodeError):
            return ""
        self._ephemeral.put(_kept_at(client), text, ttl=KEPT_FOR)
        return text


def _kept_at(client: Client) -> str:
    """The version changes with the registration: a new ``jwks_uri`` is asked at once."""
    return f"client_jwks:{client.client_id}:{client.version}"


def _parse(text: str) -> Mapping[str, Any]:
    try:
        return read_object(text)
    except NotJson:
        return {}


def _pick(jwks: Mapping[str, Any], kid: str | None, alg: str) -> PublicKey | None:
    keys = jwks.get("keys")
    listed = keys[:MAX_KEYS] if isinstance(keys, list) else []
    fitting = [jwk for jwk in listed if isinstance(jwk, dict) and _fits(jwk, kid, alg)]
    return import_public(fitting[0]) if len(fitting) == 1 else None


def _fits(jwk: Mapping[str, Any], kid: str | None, alg: str) -> bool:
    """Tell whether the token may mean this key; a key without ``kid`` may be meant by any."""
    return (
        jwk.get("kty") == KTY[alg]
        and jwk.get("crv") == CURVES.get(alg)
        and jwk.get("alg", alg) == alg
        and jwk.get("use", "sig") == "sig"
        and (kid is None or jwk.get("kid", kid) == kid)
    )
