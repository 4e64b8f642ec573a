"""A key ring of somebody else: its keys are in memory, and no hub publishes them."""

from collections.abc import Sequence
from datetime import timedelta

from idp.ports import Clock, SigningKeyFile
from idp.protocol.jose.signing_keys import KeyRing


class MemoryKeys:
    """A key store that forgets its keys with the process."""

    device = None

    def __init__(self) -> None:
        self._keys: dict[str, SigningKeyFile] = {}
        self._writes = 0

    def load(self) -> Sequence[SigningKeyFile]:
        """Return all keys."""
        return list(self._keys.values())

    def write(self, key: SigningKeyFile) -> None:
        """Keep one key."""
        self._keys[key.kid] = key
        self._writes += 1

    def remove(self, kid: str) -> None:
        """Forget one key."""
        self._keys.pop(kid, None)

    def version(self) -> str:
        """Return a text that changes with each write."""
        return str(self._writes)


def strangers_keys(clock: Clock, alg: str) -> KeyRing:
    """Return a key ring with one key that signs by ``alg``."""
    ring = KeyRing(
        MemoryKeys(),
        clock,
        may_sign=lambda: None,
        jwks_cache=timedelta(0),
        longest_token=timedelta(0),
    )
    ring.promote(ring.new(alg).kid, at_once=True)
    return ring
