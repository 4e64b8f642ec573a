"""The public keys of a client: by value, or from its ``jwks_uri`` through the one fetcher."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from threading import Lock
from typing import Any, TypeVar

from idp.domain.client import Client
from idp.domain.public_jwk import PublicJwk, usable_keys
from idp.ports import Clock, Ephemeral, Fetch, FetchRefused
from idp.protocol.jose import CURVES, PublicKey, import_public
from idp.protocol.json_text import NotJson, read_object

FRESH_FOR = timedelta(hours=1)
KEPT_FOR = timedelta(days=1)
FETCH_EVERY = timedelta(minutes=1)
STALE, UNKNOWN = "asked", "asked_for_unknown"
MEDIA_TYPES = frozenset({"application/json", "application/jwk-set+json"})
KTY = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC", "EdDSA": "OKP"}

ENCRYPTING_KTY = {"RSA-OAEP-256": "RSA", "ECDH-ES": "EC"}
Recipient = tuple[str | None, PublicKey]
Found = TypeVar("Found")
Pick = Callable[[Mapping[str, Any]], Found]


class ClientKeys:
    """Finds keys; an unknown ``kid`` leads to one fetch a minute at most (attack S10)."""

    def __init__(self, ephemeral: Ephemeral, fetch: Fetch, clock: Clock) -> None:
        self._ephemeral = ephemeral
        self._fetch = fetch
        self._clock = clock
        self._last: dict[str, tuple[datetime, str]] = {}
        self._turns: dict[str, Lock] = {}

    def find(self, client: Client, kid: str | None, alg: str) -> PublicKey | None:
        """Return the key of this ``kid`` for ``alg``; without ``kid`` the only one, or None.

        Keys are asked for again after an hour. Until the portal's server answers, for a day at
        most, the known ones serve: neither its failure nor a lost cache fails its requests.
        """
        pick: Pick[PublicKey | None] = partial(_pick, kid=kid, alg=alg)
        return self._find(client, pick)

    def find_recipient(self, client: Client, alg: str) -> Recipient | None:
        """Return the key that ``alg`` encrypts to, with its ``kid``, or None (OIDC Core 10.2)."""
        pick: Pick[Recipient | None] = partial(_pick_recipient, alg=alg)
        return self._find(client, pick)

    def _find(self, client: Client, pick: Pick[Found]) -> Found | None:
        if client.jwks is not None:
            return pick(client.jwks)
        if client.jwks_uri is None:
            return None
        is_fresh = self._ephemeral.find(f"{_kept_at(client)}:fresh") is not None
        found = pick(self._known(client))
        if found is not None and is_fresh:
            return found
        self._refresh(client, UNKNOWN if is_fresh else STALE, wait=found is None)
        return pick(self._known(client)) or found

    def _known(self, client: Client) -> Mapping[str, Any]:
        at, own = self._last.get(_kept_at(client), (self._clock(), ""))
        if self._clock() - at >= KEPT_FOR:
            own = ""
        return _parse(self._ephemeral.find(_kept_at(client)) or own)

    def _refresh(self, client: Client, why: str, *, wait: bool) -> None:
        """Fetch, unless somebody did for this reason within the minute; ``wait`` for another's.

        A portal may change its keys right after they were asked for: that they were stale then does
        not keep an unknown ``kid`` from being looked for now.

        Not inside a transaction: the portal's server may be slow.
        """
        turn = self._turns.setdefault(_kept_at(client), Lock())
        if not turn.acquire(blocking=wait):
            return
        try:
            if self._ephemeral.add(f"{_kept_at(client)}:{why}", ttl=FETCH_EVERY):
                self._fetch_keys(client)
        finally:
            turn.release()

    def _fetch_keys(self, client: Client) -> None:
        try:
            text = self._fetch.get(client.jwks_uri or "", media_types=MEDIA_TYPES).decode()
        except (FetchRefused, UnicodeDecodeError):
            return
        if not isinstance(_parse(text).get("keys"), list):
            return
        self._last[_kept_at(client)] = self._clock(), text
        self._ephemeral.put(_kept_at(client), text, ttl=KEPT_FOR)
        self._ephemeral.put(f"{_kept_at(client)}:fresh", "1", ttl=FRESH_FOR)


def _kept_at(client: Client) -> str:
    """The version changes with the registration: a new ``jwks_uri`` is asked at once."""
    return f"client_jwks:{client.client_id}:{client.version}"


def _parse(text: str) -> Mapping[str, Any]:
    try:
        return read_object(text)
    except NotJson:
        return {}


def _pick(jwks: Mapping[str, Any], kid: str | None, alg: str) -> PublicKey | None:
    fitting = [jwk for jwk in usable_keys(jwks) if _fits(jwk, kid, alg)]
    return import_public(fitting[0]) if len(fitting) == 1 else None


def _pick_recipient(jwks: Mapping[str, Any], alg: str) -> Recipient | None:
    """Return the first key that fits; one that is meant to be encrypted to goes first."""
    kty = ENCRYPTING_KTY[alg]
    fitting = [jwk for jwk in usable_keys(jwks) if jwk.kty == kty and jwk.is_for("enc", alg)]
    first = min(fitting, key=lambda jwk: jwk.use is None, default=None)
    return (first.kid, import_public(first)) if first is not None else None


def _fits(jwk: PublicJwk, kid: str | None, alg: str) -> bool:
    """Tell whether the token may mean this key; a key without ``kid`` may be meant by any."""
    return (
        jwk.kty == KTY[alg]
        and CURVES.get(alg) in {None, jwk.crv}
        and jwk.is_for("sig", alg)
        and (kid is None or jwk.kid in {None, kid})
    )
