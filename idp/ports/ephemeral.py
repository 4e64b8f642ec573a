"""The ephemeral store, and the steps that one round trip to it takes together."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from idp.ports.basics import BATCH


@dataclass(frozen=True, slots=True)
class Hit:
    """Counts one more for ``key``, as ``Ephemeral.hit`` does.

    ``first_of``: the key of an earlier hit of the same steps. Unless that was its first one, this
    step only reads its count.
    """

    key: str
    window: timedelta
    first_of: str | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """Reads the count of ``key``."""

    key: str


@dataclass(frozen=True, slots=True)
class GiveBack:
    """Takes back one count of ``key``; a count never falls below 0."""

    key: str


@dataclass(frozen=True, slots=True)
class Forget:
    """Removes ``key`` if it exists."""

    key: str


@dataclass(frozen=True, slots=True)
class Put:
    """Keeps ``value`` under ``key`` for at most ``ttl``."""

    key: str
    value: str = field(repr=False)
    ttl: timedelta


@dataclass(frozen=True, slots=True)
class Once:
    """Inserts ``key`` for ``ttl``. Its count is 1; 0 when the key exists already.

    Then no step after it is taken, and each has the count 0.
    """

    key: str
    ttl: timedelta


Step = Hit | Count | GiveBack | Forget | Put | Once


class Ephemeral(Protocol):
    """The ephemeral store: counters by network, stamps, caches, change notices (D2).

    All of it may vanish at any time; that gives nobody access.
    """

    def hit(self, key: str, *, window: timedelta) -> int:
        """Count one more for ``key`` and return the count.

        The count starts again ``window`` after its first hit.
        """

    def count(self, key: str) -> int:
        """Return the count of ``key`` without counting; 0 when its window is over."""

    def together(self, steps: Sequence[Step]) -> Sequence[int]:
        """Take the steps in their order, as one, in one round trip; return the count of each.

        Nothing else happens between two of them. A step without a count has 0.
        """

    def give_back(self, key: str) -> None:
        """Take back one count of ``key``; a count never falls below 0."""

    def line_up(self, key: str, *, now: int, ttl: timedelta) -> int:
        """Return the next place in a queue that serves one place a step; the first is ``now + 1``.

        ``now`` is the number of the present step, which grows with time. No two calls get the same
        place; after ``ttl`` without a call the queue is forgotten.
        """

    def add(self, key: str, *, ttl: timedelta) -> bool:
        """Insert ``key``; False when it exists already."""

    def put(self, key: str, value: str, *, ttl: timedelta) -> None:
        """Keep ``value`` for at most ``ttl``."""

    def find(self, key: str) -> str | None:
        """Return the value of ``key``, or None."""

    def forget(self, key: str) -> None:
        """Remove ``key`` if it exists."""

    def forget_expired(self, limit: int = BATCH) -> int:
        """Delete expired keys where the store does not do so by itself; return how many."""
