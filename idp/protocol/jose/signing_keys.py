"""Signing keys and their states: ``next``, ``active``, ``retired`` (D12).

Several keys of one algorithm may be active: the key promoted last signs; the others stay published
until the last token that they signed has expired and an administrator retires them.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from threading import Lock
from typing import Any

import structlog
from joserfc.jwk import ECKey, OKPKey, RSAKey

from idp.ports import Clock, KeyStore, KeyStoreError, SigningKeyFile
from idp.protocol.jose.jwe import KEY_MANAGEMENT
from idp.protocol.jose.jws import KEY_TYPES, PublicKey, SigningKey

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
KEY_ALGORITHMS = (*ALGORITHMS, *KEY_MANAGEMENT)
"""What a key may be for: to sign, or to be encrypted to."""

DEFAULT_ALGORITHM = "RS256"
"""Mandatory for every provider (OIDC Core 15.1)."""

RSA_BITS = 2048
MOST_IMPORTED = 32
"""Keys that a process keeps imported: a folder has a few of each algorithm."""
LOOK_EVERY = timedelta(seconds=5)
LATE = LOOK_EVERY + 3 * timedelta(seconds=30)
"""Added to the life of a key's last token: the node that signed it had not read the new key yet,
and its clock and those that recorded both changes were each up to 30 s off."""

NEXT, ACTIVE, RETIRED = "next", "active", "retired"
_LONG_AGO = datetime.min.replace(tzinfo=UTC)

log = structlog.get_logger(__name__)


class KeyRefused(Exception):
    """The key's state may not change so now; the text says why and what to do."""


class UnknownKey(KeyRefused):
    """There is no key of this ``kid``."""


class NoSigningKey(KeyStoreError):
    """No key of the needed algorithm is active."""


@dataclass(frozen=True, slots=True)
class _Keys:
    """The keys of one reading of the key store, imported once."""

    by_kid: Mapping[str, SigningKey] = field(default_factory=dict)
    signers: Mapping[str, SigningKey] = field(default_factory=dict)
    published: tuple[Mapping[str, Any], ...] = ()


class KeyRing:
    """The signing keys of this node; it looks for changed files every five seconds at most."""

    def __init__(
        self,
        store: KeyStore,
        clock: Clock,
        *,
        may_sign: Callable[[], None],
        jwks_cache: timedelta,
        longest_token: timedelta,
    ) -> None:
        """``may_sign`` raises ClockSkew while the clock cannot be trusted.

        ``jwks_cache``: how long portals keep the key set; ``longest_token``: a token's life.
        """
        self._store = store
        self._clock = clock
        self._may_sign = may_sign
        self.jwks_cache = jwks_cache
        self._longest_token = longest_token
        self._keys = _Keys()
        self._version: str | None = None
        self._looked_at = _LONG_AGO
        self._lock = Lock()

    def signer(self, alg: str) -> SigningKey:
        """Return the only key that signs with ``alg`` (attack J16).

        Raises:
            NoSigningKey: no key of the algorithm is active.
            ClockSkew: a signature now would have a wrong time (fault F20).
        """
        self._may_sign()
        key = self._current().signers.get(alg)
        if key is None:
            raise NoSigningKey(f"no active {alg} key: `idp keys new --alg {alg}`, then promote it")
        return key

    def signing(self) -> frozenset[str]:
        """Return the ``kid`` of each key that signs now, one for each algorithm."""
        return frozenset(key.kid for key in self._current().signers.values())

    def find(self, kid: str | None, alg: str) -> PublicKey | None:
        """Return the published key of this ``kid``, or None."""
        if kid not in {jwk["kid"] for jwk in self._current().published}:
            return None
        return self.find_kept(kid, alg)

    def find_kept(self, kid: str | None, alg: str) -> PublicKey | None:
        """Return the key of this ``kid``, a retired one too, or None (for ``id_token_hint``)."""
        known = self._current().by_kid.get(kid or "")
        return known.key if known is not None and known.alg == alg else None

    def published(self) -> Sequence[Mapping[str, Any]]:
        """Return the public JWKs of the key set: of all keys but the retired."""
        return self._current().published

    def algorithms(self) -> tuple[str, ...]:
        """Return the algorithms that can sign now, in the order of ``ALGORITHMS``."""
        signers = self._current().signers
        return tuple(alg for alg in ALGORITHMS if alg in signers)

    def encryption_algorithms(self) -> tuple[str, ...]:
        """Return the key management algorithms with which clients can encrypt to the hub now."""
        signers = self._current().signers
        return tuple(alg for alg in KEY_MANAGEMENT if alg in signers)

    def find_decrypter(self, kid: str | None, alg: str) -> PublicKey | None:
        """Return the published key to decrypt with; without ``kid`` the newest active one."""
        if kid is not None:
            return self.find(kid, alg)
        newest = self._current().signers.get(alg)
        return newest.key if newest else None

    def all(self) -> Sequence[SigningKeyFile]:
        """Return every key with its state, the oldest first. Raises KeyStoreError."""
        return sorted(self._store.load(), key=lambda key: key.created_at)

    def new(self, alg: str) -> SigningKeyFile:
        """Generate a key and publish it as ``next``. Raises KeyRefused, KeyStoreError."""
        if alg not in KEY_ALGORITHMS:
            raise KeyRefused(f"{alg} is not one of {', '.join(KEY_ALGORITHMS)}")
        made = _generate(alg)
        key = SigningKeyFile(
            # On the command line a word that begins with a hyphen would be an option.
            kid=made.thumbprint().lstrip("-"),
            alg=alg,
            state=NEXT,
            created_at=self._clock(),
            promoted_at=None,
            retired_at=None,
            jwk=made.as_dict(private=True),
        )
        return self._write(key)

    def promote(self, kid: str, *, at_once: bool = False) -> SigningKeyFile:
        """Activate a ``next`` key: it signs from now on; the previous signer stays published.

        The first key of an algorithm need not wait: portals cache no other. ``at_once``: for leaks.

        Raises:
            KeyRefused: unknown, not ``next``, or not published for twice the cache time yet.
        """
        key = self._get(kid)
        if key.state != NEXT:
            raise KeyRefused(f"{kid} is {key.state}; only a key in the state next can be promoted")
        ready_at = key.created_at + 2 * self.jwks_cache
        if self._has_signer(key.alg) and not at_once and self._clock() < ready_at:
            raise KeyRefused(f"portals may not know {kid} before {ready_at.isoformat()}")
        return self._write(replace(key, state=ACTIVE, promoted_at=self._clock()))

    def retire(self, kid: str, *, at_once: bool = False) -> SigningKeyFile:
        """Remove a key from the published set for good.

        Raises:
            KeyRefused: unknown, already retired, the current signer, or (unless ``at_once``) the
            signer of a token that may still be valid.
        """
        key = self._get(kid)
        if key.state == RETIRED:
            raise KeyRefused(f"{kid} is retired already")
        if key.state == ACTIVE:
            self._check_superseded(key, at_once=at_once)
        return self._write(replace(key, state=RETIRED, retired_at=self._clock()))

    def _check_superseded(self, key: SigningKeyFile, *, at_once: bool) -> None:
        later = [one.promoted_at for one in self.all() if _supersedes(one, key)]
        if not later:
            raise KeyRefused(f"{key.kid} signs; promote another {key.alg} key first")
        dead_at = min(at for at in later if at is not None) + self._longest_token + LATE
        if not at_once and self._clock() < dead_at:
            raise KeyRefused(f"tokens that {key.kid} signed live until {dead_at.isoformat()}")

    def _has_signer(self, alg: str) -> bool:
        return any(key.alg == alg and key.state == ACTIVE for key in self.all())

    def _get(self, kid: str) -> SigningKeyFile:
        for key in self.all():
            if key.kid == kid:
                return key
        raise UnknownKey(f"there is no key {kid}; `idp keys list` shows them")

    def _write(self, key: SigningKeyFile) -> SigningKeyFile:
        self._store.write(key)
        self._looked_at = _LONG_AGO
        return key

    def _current(self) -> _Keys:
        # Read before the lock is taken: the demo's clock asks the database.
        now = self._clock()
        if self._must_look(now):
            # Other threads wait: at the start there is no older set to use meanwhile.
            with self._lock:
                if self._must_look(now):
                    self._look(now)
        return self._keys

    def _must_look(self, now: datetime) -> bool:
        # The absolute value: a clock that jumped back must not hide changes (fault F20).
        return abs(now - self._looked_at) >= LOOK_EVERY

    def _look(self, now: datetime) -> None:
        version = self._store.version()
        try:
            if version != self._version:
                self._keys = _read(self._store.load())
                self._version = version
        except KeyStoreError as error:
            # The old keys are still used: a damaged folder must not fail every sign-in.
            log.error("key_store_error", reason=str(error))  # noqa: TRY400 (the reason says all)
        self._looked_at = now


def _supersedes(other: SigningKeyFile, key: SigningKeyFile) -> bool:
    if other.alg != key.alg or other.state != ACTIVE:
        return False
    return (other.promoted_at or _LONG_AGO) > (key.promoted_at or _LONG_AGO)


def _read(files: Sequence[SigningKeyFile]) -> _Keys:
    by_kid = {file.kid: _import(file) for file in files}
    active = sorted(
        (file for file in files if file.state == ACTIVE),
        key=lambda file: file.promoted_at or _LONG_AGO,
    )
    return _Keys(
        by_kid=by_kid,
        signers={file.alg: by_kid[file.kid] for file in active},
        published=tuple(by_kid[file.kid].public for file in files if file.state != RETIRED),
    )


def _import(file: SigningKeyFile) -> SigningKey:
    return _imported(file.kid, file.alg, json.dumps(file.jwk, sort_keys=True))


@lru_cache(maxsize=MOST_IMPORTED)
def _imported(kid: str, alg: str, jwk: str) -> SigningKey:
    """Return the key of a file; once a process, for OpenSSL checks an RSA key for 50 ms."""
    kind = {**KEY_TYPES, **KEY_MANAGEMENT}.get(alg)
    if kind is None:
        raise KeyStoreError(f"key {kid} has the unknown algorithm {alg!r}")
    try:
        key = kind.import_key(json.loads(jwk))
    except (ValueError, TypeError, KeyError) as error:
        raise KeyStoreError(f"key {kid} is no {alg} key") from error
    use = "enc" if alg in KEY_MANAGEMENT else "sig"
    public = key.as_dict(private=False, kid=kid, alg=alg, use=use)
    return SigningKey(kid, alg, key, public)


def _generate(alg: str) -> PublicKey:
    if alg in {"ES256", "ECDH-ES"}:
        return ECKey.generate_key("P-256")
    if alg == "EdDSA":
        return OKPKey.generate_key("Ed25519")
    return RSAKey.generate_key(RSA_BITS)
