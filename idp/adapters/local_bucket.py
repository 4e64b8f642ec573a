"""Counters of one process: what limits by network fall back on while Redis is away."""

import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta
from threading import Lock

MOST_KEYS = 50_000


class LocalBucket:
    """Counts by key in memory, each until its window ends.

    At most ``most_keys`` are kept; beyond that the oldest go first, so that a flood of addresses
    costs memory only up to a bound.
    """

    def __init__(
        self, *, most_keys: int = MOST_KEYS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """``clock`` is monotonic, in seconds."""
        self._most_keys = most_keys
        self._clock = clock
        self._counts: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._lock = Lock()

    def hit(self, key: str, *, window: timedelta) -> int:
        """Count one more for ``key`` and return the count; it starts again after ``window``."""
        with self._lock:
            now = self._clock()
            count, until = self._counts.get(key, (0, 0.0))
            if until <= now:
                self._counts.pop(key, None)
                count, until = 0, now + window.total_seconds()
            self._counts[key] = (count + 1, until)
            while len(self._counts) > self._most_keys:
                self._counts.popitem(last=False)
            return count + 1

    def count(self, key: str) -> int:
        """Return the count of ``key`` without counting."""
        with self._lock:
            count, until = self._counts.get(key, (0, 0.0))
            return count if until > self._clock() else 0

    def add(self, key: str, *, ttl: timedelta) -> bool:
        """Put ``key`` there; False when it is there already."""
        return self.hit(f"add:{key}", window=ttl) == 1
