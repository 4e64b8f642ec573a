"""Rotation without one failed verification: fault F23.

Four nodes read one folder, each a little late and with a clock of its own; three portals keep the
key set as long as they are told to and never ask before. Keys change as soon as they may.
"""

import json
import random
from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from idp.domain.clients.public_jwk import PublicJwk
from idp.protocol.jose.jws import import_public, sign, verify
from idp.protocol.jose.signing_keys import KeyRefused, KeyRing
from idp.protocol.jwks import KeySet
from tests.fakes import FixedClock
from tests.protocol.hub import MemoryKeys
from tests.protocol.jose.test_keys import LIFE, make_ring

STEPS = (1, 3, 6, 60, 900)  # seconds
CLOSE_LOOK = (2, 2, LIFE.total_seconds() - 20, *[5] * 24)
"""After a change: just before the others see it, and around the end of the last token."""

OFFSETS = (0, 25, -25, 0)  # of the nodes' clocks, in seconds
ALGORITHM = "ES256"


class Portal:
    """Keeps the key set for as long as ``max-age`` says."""

    def __init__(self) -> None:
        self._keys: dict[str, object] = {}
        self._until: datetime | None = None

    def look(self, node: KeyRing, now: datetime) -> None:
        if self._until is not None and now < self._until:
            return
        document = KeySet(node).document()
        listed = json.loads(document.content)["keys"]
        self._keys = {jwk["kid"]: import_public(PublicJwk.parse(jwk)) for jwk in listed}
        self._until = now + timedelta(seconds=document.max_age)

    def find(self, kid, alg):
        return self._keys.get(kid)


class LongestLived:
    """Of each key the token that lives longest."""

    def __init__(self, clock: FixedClock) -> None:
        self._clock = clock
        self._last: dict[str, tuple[datetime, str]] = {}

    def sign_by(self, node: KeyRing, offset: int) -> None:
        key, dies_at = node.signer(ALGORITHM), self._clock() + timedelta(seconds=offset) + LIFE
        known = self._last.get(key.kid)
        if known is None or known[0] < dies_at:
            self._last[key.kid] = dies_at, sign({}, key, typ="JWT")

    def alive(self) -> list[str]:
        return [token for dies_at, token in self._last.values() if self._clock() < dies_at]


def skewed(clock, seconds):
    return lambda: clock() + timedelta(seconds=seconds)


def make_first(admin: KeyRing, clock: FixedClock) -> None:
    admin.promote(admin.new(ALGORITHM).kid)
    clock.move(timedelta(seconds=10))


def change(admin: KeyRing) -> bool:
    """Make, promote and retire whatever may be by now; return whether another key signs."""
    states = {key.kid: key.state for key in admin.all()}
    if "next" not in states.values():
        admin.new(ALGORITHM)
    before = admin.signer(ALGORITHM).kid
    for kid, state in states.items():
        with suppress(KeyRefused):
            admin.promote(kid) if state == "next" else admin.retire(kid)
    return admin.signer(ALGORITHM).kid != before


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_verification_fails_while_keys_rotate(seed):
    randomness, clock, store = random.Random(seed), FixedClock(), MemoryKeys()
    nodes = [make_ring(store, skewed(clock, seconds)) for seconds in OFFSETS]
    portals = [Portal(), Portal(), Portal()]
    tokens = LongestLived(clock)
    steps: list[float] = []
    make_first(nodes[0], clock)

    for _ in range(600):
        for node, offset in zip(nodes, OFFSETS, strict=True):
            tokens.sign_by(node, offset)
        for portal in portals:
            portal.look(randomness.choice(nodes), clock())
        for token in tokens.alive():
            for reader in (*portals, *nodes):
                verify(token, reader.find, (ALGORITHM,))
        if change(randomness.choice(nodes)):
            steps = list(CLOSE_LOOK)
        clock.move(timedelta(seconds=steps.pop(0) if steps else randomness.choice(STEPS)))

    assert sum(key.state == "retired" for key in store.load()) >= 5
