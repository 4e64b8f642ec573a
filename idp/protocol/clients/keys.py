"""The public keys of a client: registered by value, or fetched from its ``jwks_uri``."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from idp.domain.clients.client import Client
from idp.domain.clients.public_jwk import PublicJwk, usable_keys
from idp.ports import BrokenSeal, DatabaseUnavailable, FetchBusy, FetchRefused
from idp.protocol.core.fetch_limits import once
from idp.protocol.core.provider_context import ProviderContext
from idp.protocol.jose.json_text import NotJson, read_object
from idp.protocol.jose.jws import CURVES, PublicKey, import_public

FRESH_FOR = timedelta(hours=1)
KEPT_FOR = timedelta(days=1)
STALE, UNKNOWN = "keys", "unknown_key"
"""Reasons to fetch keys; each is limited to one fetch a minute on its own."""

PURPOSE = "client_jwks"
MEDIA_TYPES = frozenset({"application/json", "application/jwk-set+json"})
KTY = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC", "EdDSA": "OKP"}

ENCRYPTING_KTY = {"RSA-OAEP-256": "RSA", "ECDH-ES": "EC"}
Recipient = tuple[str | None, PublicKey]
Found = TypeVar("Found")
Pick = Callable[[Mapping[str, Any]], Found]


@dataclass(frozen=True, slots=True)
class _KeySet:
    """The answer of a client's ``jwks_uri``, and when it was fetched."""

    fetched_at: datetime
    text: str

    @property
    def jwks(self) -> Mapping[str, Any]:
        """The key set; empty when the text is no JSON object."""
        return _parse(self.text)


class ClientKeys:
    """Finds client keys; an unknown ``kid`` causes one fetch a minute at most (attack S10).

    Key sets in the ephemeral store are sealed, bound to client and address, with the time of the
    fetch inside: an attacker who can write to the store cannot forge keys (attack S11).
    """

    def __init__(self, provider: ProviderContext) -> None:
        self._provider = provider
        self._own: dict[str, tuple[str, _KeySet]] = {}

    def find(
        self, client: Client, kid: str | None, alg: str, *, beside: bool = False
    ) -> PublicKey | None:
        """Return the key of this ``kid`` for ``alg``; without ``kid`` the only one, or None.

        Keys are fetched again after an hour. Until the portal's server answers, the known keys are
        used, for a day at most: neither a failing server nor a lost key set fails requests.
        ``beside``: a known key is used at once, and renewed beside the request, because a citizen
        waits for the answer.

        Raises FetchBusy: no key is known, and the bulkhead is full or another's fetch takes long.
        """
        pick: Pick[PublicKey | None] = partial(_pick, kid=kid, alg=alg)
        return self._find(client, pick, beside=beside)

    def find_recipient(self, client: Client, alg: str) -> Recipient | None:
        """Return the key that ``alg`` encrypts to, with its ``kid``, or None (OIDC Core 10.2).

        A known key is renewed beside the request. Raises FetchBusy, as ``find``.
        """
        pick: Pick[Recipient | None] = partial(_pick_recipient, alg=alg)
        return self._find(client, pick, beside=True)

    def _find(self, client: Client, pick: Pick[Found], *, beside: bool) -> Found | None:
        if client.jwks is not None:
            return pick(client.jwks)
        if client.jwks_uri is None:
            return None
        known = self._known(client, client.jwks_uri)
        found = pick(known.jwks) if known else None
        is_fresh = known is not None and self._is_younger(known, FRESH_FOR)
        if found is not None and is_fresh:
            return found
        if found is not None and beside:
            self._provider.beside(partial(self._renew, client, client.jwks_uri))
            return found
        why = UNKNOWN if is_fresh else STALE
        newest = self._fetched(client, client.jwks_uri, why, wait=found is None)
        newest = newest or self._known(client, client.jwks_uri)
        return pick(newest.jwks) if newest else found

    def _renew(self, client: Client, address: str) -> None:
        """Fetch stale keys, unless that was done within the minute; no request waits for it."""
        with suppress(DatabaseUnavailable):
            self._fetched(client, address, STALE, wait=False)

    def _known(self, client: Client, address: str) -> _KeySet | None:
        """Return the newest key set of the address, at most a day old, fetched by any process."""
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
        """Fetch the keys, unless the host was asked for the same reason within the minute.

        A fetch of stale keys does not block one for an unknown ``kid``: a portal may rotate its
        keys right after the first. ``wait``: for another thread's fetch of the address.

        Call it outside transactions: the portal's server may be slow.
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
    """Return an unambiguous text of the pair: an address has no line break."""
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
    """Return the first key that fits; keys with ``use`` go before keys without."""
    kty = ENCRYPTING_KTY[alg]
    fitting = [jwk for jwk in usable_keys(jwks) if jwk.kty == kty and jwk.is_for("enc", alg)]
    first = min(fitting, key=lambda jwk: jwk.use is None, default=None)
    return (first.kid, import_public(first)) if first is not None else None


def _fits(jwk: PublicJwk, kid: str | None, alg: str) -> bool:
    """Return whether the key may verify the token; a key without ``kid`` fits every ``kid``."""
    return (
        jwk.kty == KTY[alg]
        and CURVES.get(alg) in {None, jwk.crv}
        and jwk.is_for("sig", alg)
        and (kid is None or jwk.kid in {None, kid})
    )
