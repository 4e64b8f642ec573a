"""The public keys of a client: by value, or from its ``jwks_uri`` through the one fetcher."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from idp.domain.clients.client import Client
from idp.domain.clients.public_jwk import PublicJwk, usable_keys
from idp.ports import BrokenSeal, FetchBusy, FetchRefused
from idp.protocol.core.fetch_limits import once
from idp.protocol.core.provider_context import ProviderContext
from idp.protocol.jose.json_text import NotJson, read_object
from idp.protocol.jose.jws import CURVES, PublicKey, import_public

FRESH_FOR = timedelta(hours=1)
KEPT_FOR = timedelta(days=1)
STALE, UNKNOWN = "keys", "unknown_key"
"""Why keys are asked for; each has a minute of its own."""

PURPOSE = "client_jwks"
MEDIA_TYPES = frozenset({"application/json", "application/jwk-set+json"})
KTY = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC", "EdDSA": "OKP"}

ENCRYPTING_KTY = {"RSA-OAEP-256": "RSA", "ECDH-ES": "EC"}
Recipient = tuple[str | None, PublicKey]
Found = TypeVar("Found")
Pick = Callable[[Mapping[str, Any]], Found]


@dataclass(frozen=True, slots=True)
class _KeySet:
    """What a client's address answered, and when."""

    fetched_at: datetime
    text: str

    @property
    def jwks(self) -> Mapping[str, Any]:
        """The key set; empty where the text is none."""
        return _parse(self.text)


class ClientKeys:
    """Finds keys; an unknown ``kid`` leads to one fetch a minute at most (attack S10).

    What is kept between processes is sealed, bound to the client and its address, with the time of
    the fetch inside: whoever can write to the cache proves nothing by it (attack S11).
    """

    def __init__(self, provider: ProviderContext) -> None:
        self._provider = provider
        self._own: dict[str, tuple[str, _KeySet]] = {}

    def find(self, client: Client, kid: str | None, alg: str) -> PublicKey | None:
        """Return the key of this ``kid`` for ``alg``; without ``kid`` the only one, or None.

        Keys are asked for again after an hour. Until the portal's server answers, for a day at
        most, the known ones serve: neither its failure nor a lost cache fails its requests.

        Raises FetchBusy: none is known, and nobody may ask for it now.
        """
        pick: Pick[PublicKey | None] = partial(_pick, kid=kid, alg=alg)
        return self._find(client, pick)

    def find_recipient(self, client: Client, alg: str) -> Recipient | None:
        """Return the key that ``alg`` encrypts to, with its ``kid``, or None (OIDC Core 10.2).

        Raises FetchBusy, as ``find``.
        """
        pick: Pick[Recipient | None] = partial(_pick_recipient, alg=alg)
        return self._find(client, pick)

    def _find(self, client: Client, pick: Pick[Found]) -> Found | None:
        if client.jwks is not None:
            return pick(client.jwks)
        if client.jwks_uri is None:
            return None
        known = self._known(client, client.jwks_uri)
        found = pick(known.jwks) if known else None
        is_fresh = known is not None and self._is_younger(known, FRESH_FOR)
        if found is not None and is_fresh:
            return found
        why = UNKNOWN if is_fresh else STALE
        newest = self._fetched(client, client.jwks_uri, why, wait=found is None)
        newest = newest or self._known(client, client.jwks_uri)
        return pick(newest.jwks) if newest else found

    def _known(self, client: Client, address: str) -> _KeySet | None:
        """Return the newest set of the address that is not too old, fetched by any process."""
        own_address, own = self._own.get(client.client_id, ("", None))
        kept = [own if own_address == address else None, self._cached(client, address)]
        usable = [one for one in kept if one is not None and self._is_younger(one, KEPT_FOR)]
        return max(usable, key=lambda one: one.fetched_at, default=None)

    def _is_younger(self, keys: _KeySet, age: timedelta) -> bool:
        return self._provider.clock() - keys.fetched_at < age

    def _cached(self, client: Client, address: str) -> _KeySet | None:
        sealed = self._provider.ephemeral.find(_kept_at(client))
        if sealed is None:
            return None
        try:
            plain = self._provider.vault.open(
                sealed, purpose=PURPOSE, bound_to=_bound_to(client, address)
            )
        except BrokenSeal:
            return None
        at, _, text = plain.decode().partition("\n")
        return _KeySet(datetime.fromisoformat(at), text)

    def _fetched(self, client: Client, address: str, why: str, *, wait: bool) -> _KeySet | None:
        """Fetch, unless the client's host was asked for this reason within the minute.

        A portal may change its keys right after they were asked for: that they were stale then does
        not keep an unknown ``kid`` from being looked for now. ``wait``: for another's fetch.

        Not inside a transaction: the portal's server may be slow.
        """
        gate = partial(self._may_begin, client, address, why)
        try:
            body = self._provider.fetch.get(
                address, media_types=MEDIA_TYPES, may_begin=gate, may_wait=wait
            )
            keys = _KeySet(self._provider.clock(), body.decode())
        except FetchBusy:
            if wait:
                raise
            return None
        except (FetchRefused, UnicodeDecodeError):
            return None
        if not isinstance(keys.jwks.get("keys"), list):
            return None
        self._keep(client, address, keys)
        return keys

    def _may_begin(self, client: Client, address: str, why: str) -> None:
        every = self._provider.fetch_limits.every
        if not once(self._provider.ephemeral, why, client.client_id, address, every=every):
            raise FetchRefused("too_often")

    def _keep(self, client: Client, address: str, keys: _KeySet) -> None:
        self._own[client.client_id] = address, keys
        sealed = self._provider.vault.seal(
            f"{keys.fetched_at.isoformat()}\n{keys.text}".encode(),
            purpose=PURPOSE,
            bound_to=_bound_to(client, address),
        )
        self._provider.ephemeral.put(_kept_at(client), sealed, ttl=KEPT_FOR)


def _kept_at(client: Client) -> str:
    return f"client_jwks:{client.client_id}"


def _bound_to(client: Client, address: str) -> str:
    """An address has no line break, so two pairs are never one text."""
    return f"{client.client_id}\n{address}"


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
    """Return whether the token may mean this key; a key without ``kid`` may be meant by any."""
    return (
        jwk.kty == KTY[alg]
        and CURVES.get(alg) in {None, jwk.crv}
        and jwk.is_for("sig", alg)
        and (kid is None or jwk.kid in {None, kid})
    )
