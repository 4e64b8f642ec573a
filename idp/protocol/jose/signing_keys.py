"""Signing keys and their states: ``next``, ``active``, ``retired`` (D12).

Several keys of one algorithm may be active: the key promoted last signs; the others stay published
until the last token that they signed has expired and an administrator retires them.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Lock
from typing import Any

import structlog

from idp.ports import (
    Clock,
    KeyReport,
    KeyStore,
    KeyStoreError,
    SigningDevice,
    SigningDeviceUnavailable,
    SigningKeyFile,
)
from idp.protocol.jose.jwe import KEY_MANAGEMENT
from idp.protocol.jose.jws import PublicKey, SigningKey, Verified, sign, verify
from idp.protocol.jose.key_import import IN_DEVICE, RETIRED, generate, import_key, in_device
from idp.protocol.jose.key_reports import KeyRefused, idle_since, published_since
from idp.protocol.jose.verified_tokens import VerifiedTokens

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
KEY_ALGORITHMS = (*ALGORITHMS, *KEY_MANAGEMENT)
"""What a key may be for: to sign, or to be encrypted to."""

DEFAULT_ALGORITHM = "RS256"
"""Mandatory for every provider (OIDC Core 15.1)."""

LOOK_EVERY = timedelta(seconds=4)
"""A change is known within five seconds: a look, and what the reading takes on a busy machine."""
LATE = LOOK_EVERY + 3 * timedelta(seconds=30)
"""Added to the life of a key's last token: the node that signed it had not read the new key yet,
and its clock and those that recorded both changes were each up to 30 s off."""

COMPLAIN_EVERY = timedelta(minutes=1)
"""How often a process repeats the alarm about a key store that stays broken."""

NEXT, ACTIVE = "next", "active"
_LONG_AGO = datetime.min.replace(tzinfo=UTC)

log = structlog.get_logger(__name__)


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
    published_since: Mapping[str, datetime] = field(default_factory=dict)
    """By kid: since when this process has the key in its key set."""
    idle_since: Mapping[str, datetime] = field(default_factory=dict)
    """By kid, of published keys that do not sign: since when this process has not signed so."""


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
        self._complained_at = _LONG_AGO
        self._lock = Lock()
        self._verified = VerifiedTokens(
            partial(verify, find_key=self.find, algorithms=ALGORITHMS), self.find
        )
        self.problem: str | None = None
        """What was wrong with the key store at the last look; None: nothing."""

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

    def verify(self, token: str) -> Verified:
        """Verify a token by a published key, and return its header and claims. Raises BadToken.

        One that comes again costs no second signature check (``VerifiedTokens``).
        """
        return self._verified.verify(token)

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
        """Return the key to decrypt with; without ``kid`` the newest active one.

        A retired one, too: clients may keep the key set in which they found it.
        """
        if kid is not None:
            return self.find_kept(kid, alg)
        newest = self._current().signers.get(alg)
        return newest.key if newest else None

    def all(self) -> Sequence[SigningKeyFile]:
        """Return every key with its state, the oldest first. Raises KeyStoreError."""
        return sorted(self._store.load(), key=lambda key: key.created_at)

    def check(self) -> Sequence[SigningKeyFile]:
        """Return every key, if all can be used. Raises KeyStoreError, for a process that starts.

        A running process keeps the set that it has instead (fault F22).
        """
        files = self.all()
        for file in files:
            key = import_key(file, self._store.device)
            if key.device is not None:
                verify(sign({}, key, typ="JWT"), partial(_the_key, key.key), ALGORITHMS)
        return files

    def close(self) -> None:
        """Let the device go, before web processes are forked."""
        if self._store.device is not None:
            self._store.device.close()

    def report(self, process: str) -> KeyReport:
        """Return which keys this process publishes, and with which it does not sign."""
        keys = self._current()
        return KeyReport(process, self._clock(), keys.published_since, keys.idle_since)

    def new(self, alg: str) -> SigningKeyFile:
        """Generate a key and publish it as ``next``. Raises KeyRefused, KeyStoreError."""
        if alg not in KEY_ALGORITHMS:
            raise KeyRefused(f"{alg} is not one of {', '.join(KEY_ALGORITHMS)}")
        if self._store.device is not None and alg in self._store.device.algorithms:
            kid, public = self._store.device.generate(alg)
            return self._write_next(kid, alg, {**public, IN_DEVICE: True})
        made = generate(alg)
        # On the command line a word that begins with a hyphen would be an option.
        return self._write_next(made.thumbprint().lstrip("-"), alg, made.as_dict(private=True))

    def promote(
        self,
        kid: str,
        *,
        at_once: bool = False,
        reports: Sequence[KeyReport] = (),
        ahead: timedelta | None = None,
    ) -> SigningKeyFile:
        """Activate a ``next`` key: it signs from now on; the previous signer stays published.

        The first key of an algorithm need not wait: portals cache no other. ``at_once``: for leaks.
        ``reports``: of all running processes; ``ahead``: how long each must have published the key,
        at least twice the cache time.

        Raises:
            KeyRefused: unknown, not ``next``, or not published by every process, or for so long.
        """
        key = self._get(kid)
        if key.state != NEXT:
            raise KeyRefused(f"{kid} is {key.state}; only a key in the state next can be promoted")
        if not at_once:
            since = published_since(key, reports)
            ready_at = since + max(ahead or timedelta(0), 2 * self.jwks_cache)
            if self._has_signer(key.alg) and self._clock() < ready_at:
                raise KeyRefused(f"portals may not know {kid} before {ready_at.isoformat()}")
        return self._write(replace(key, state=ACTIVE, promoted_at=self._clock()))

    def retire(
        self, kid: str, *, at_once: bool = False, reports: Sequence[KeyReport] = ()
    ) -> SigningKeyFile:
        """Remove a key from the published set for good, and a signer's private half with it.

        Raises:
            KeyRefused: unknown, already retired, the current signer, or (unless ``at_once``) the
            signer of a token that may still be valid, in one of the ``reports``, too.
        """
        key = self._get(kid)
        if key.state == RETIRED:
            raise KeyRefused(f"{kid} is retired already")
        if key.state == ACTIVE:
            self._check_superseded(key, () if at_once else reports, at_once=at_once)
        # Nothing is signed with it any more; what it signed is still verified, for a hint.
        retired = replace(key, state=RETIRED, retired_at=self._clock())
        if key.alg not in KEY_MANAGEMENT:
            retired = replace(retired, jwk=import_key(retired).key.as_dict(private=False))
        self._write(retired)
        if self._store.device is not None and in_device(key):
            with suppress(SigningDeviceUnavailable):  # an alarm; the key signs nothing any more
                self._store.device.destroy(kid)
        return retired

    def erase(self, before: datetime) -> Sequence[str]:
        """Remove the files of keys that were retired before then; return their kids."""
        old = [key.kid for key in self.all() if key.retired_at and key.retired_at < before]
        for kid in old:
            self._store.remove(kid)
        return old

    def _check_superseded(
        self, key: SigningKeyFile, reports: Sequence[KeyReport], *, at_once: bool
    ) -> None:
        later = [one.promoted_at for one in self.all() if _supersedes(one, key)]
        if not later:
            raise KeyRefused(f"{key.kid} signs; promote another {key.alg} key first")
        superseded_at = min(at for at in later if at is not None)
        dead_at = idle_since(key, superseded_at, reports) + self._longest_token + LATE
        if not at_once and self._clock() < dead_at:
            raise KeyRefused(f"tokens that {key.kid} signed live until {dead_at.isoformat()}")

    def _has_signer(self, alg: str) -> bool:
        return any(key.alg == alg and key.state == ACTIVE for key in self.all())

    def _get(self, kid: str) -> SigningKeyFile:
        for key in self.all():
            if key.kid == kid:
                return key
        raise UnknownKey(f"there is no key {kid}; `idp keys list` shows them")

    def _write_next(self, kid: str, alg: str, jwk: Mapping[str, Any]) -> SigningKeyFile:
        return self._write(SigningKeyFile(kid, alg, NEXT, self._clock(), None, None, jwk))

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
            if version != self._version or self.problem:
                self._keys = self._next_keys(self._store.load(), now)
                self._version = version
            self.problem = None
        except KeyStoreError as error:
            # The old keys are still used: a damaged folder must not fail every sign-in.
            self._complain(str(error), now)
        self._looked_at = now

    def _next_keys(self, files: Sequence[SigningKeyFile], now: datetime) -> _Keys:
        """Return the new set, unless a key vanished without being retired. Raises KeyStoreError.

        Tokens that it signed would be refused; an empty folder would empty the key set.
        """
        fresh, old = _read(files, self._store.device), self._keys
        for kid in old.published_since.keys() - fresh.by_kid.keys():
            raise KeyStoreError(f"the file of the key {kid} is gone: restore it from a backup")
        if self._version is None:
            return fresh
        return replace(
            fresh,
            published_since={
                kid: old.published_since.get(kid, now) for kid in fresh.published_since
            },
            idle_since={kid: old.idle_since.get(kid, now) for kid in fresh.idle_since},
        )

    def _complain(self, problem: str, now: datetime) -> None:
        if problem != self.problem or abs(now - self._complained_at) >= COMPLAIN_EVERY:
            log.error("key_store_error", alarm="key_store_error", reason=problem)
            self._complained_at = now
        self.problem = problem


def _the_key(key: PublicKey, _kid: str | None, _alg: str) -> PublicKey:
    return key


def _supersedes(other: SigningKeyFile, key: SigningKeyFile) -> bool:
    if other.alg != key.alg or other.state != ACTIVE:
        return False
    return (other.promoted_at or _LONG_AGO) > (key.promoted_at or _LONG_AGO)


def _read(files: Sequence[SigningKeyFile], device: SigningDevice | None) -> _Keys:
    by_kid = {file.kid: import_key(file, device) for file in files}
    active = sorted(
        (file for file in files if file.state == ACTIVE),
        key=lambda file: file.promoted_at or _LONG_AGO,
    )
    shown = [file for file in files if file.state != RETIRED]
    signs = {file.alg: file for file in active}
    return _Keys(
        by_kid=by_kid,
        signers={alg: by_kid[file.kid] for alg, file in signs.items()},
        published=tuple(by_kid[file.kid].public for file in shown),
        published_since={file.kid: file.created_at for file in shown},
        idle_since={file.kid: file.created_at for file in shown if file != signs.get(file.alg)},
    )
