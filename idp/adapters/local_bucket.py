"""Counters of one process: the fallback of rate limits by network while Redis is unavailable."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import timedelta
from threading import RLock

from idp.ports import Count, GiveBack, Hit, Once, Step

MOST_KEYS = 50_000


class LocalBucket:
    """Counts by key in memory, each until its window ends.

    At most ``most_keys`` are kept and the oldest are dropped first, so that a flood of addresses
    takes bounded memory.
    """

    def __init__(
        self, *, most_keys: int = MOST_KEYS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """``clock`` is monotonic, in seconds."""
        self._most_keys = most_keys
        self._clock = clock
        self._counts: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._lock = RLock()

    def hit(self, key: str, *, window: timedelta) -> int:
        """Increment the count of ``key`` and return it; it starts at zero after ``window``."""
        with self._lock:
            count, until = self._running(key)
            return self._keep(key, count + 1, until or self._clock() + window.total_seconds())

    def together(self, steps: Sequence[Step]) -> list[int]:
        """Take the steps as one, and return the count of each; what is no count has 0."""
        with self._lock:
            taken: list[int] = []
            for step in steps:
                taken.append(self._take(step))
                if isinstance(step, Once) and not taken[-1]:
                    break
            return [*taken, *[0] * (len(steps) - len(taken))]

    def give_back(self, key: str) -> None:
        """Decrement the count of ``key``, not below zero."""
        with self._lock:
            count, until = self._running(key)
            if count:
                self._keep(key, count - 1, until)

    def line_up(self, key: str, *, now: int, ttl: timedelta) -> int:
        """Take and return the next place in a queue that serves one place a step."""
        with self._lock:
            tail, _ = self._running(key)
            return self._keep(key, max(tail, now) + 1, self._clock() + ttl.total_seconds())

    def count(self, key: str) -> int:
        """Return the count of ``key`` without incrementing it."""
        with self._lock:
            return self._running(key)[0]

    def add(self, key: str, *, ttl: timedelta) -> bool:
        """Add ``key``; return False when it exists already."""
        return self.hit(f"add:{key}", window=ttl) == 1

    def _take(self, step: Step) -> int:
        match step:
            case Hit(key, window, first_of) if first_of is None or self.count(first_of) == 1:
                return self.hit(key, window=window)
            case Hit(key) | Count(key):
                return self.count(key)
            case Once(key, ttl):
                return self.add(key, ttl=ttl)
            case GiveBack(key):
                self.give_back(key)
        return 0

    def _running(self, key: str) -> tuple[int, float]:
        """Return count and end of the key; when its window is over, remove it and return zeros."""
        count, until = self._counts.get(key, (0, 0.0))
        if until > self._clock():
            return count, until
        self._counts.pop(key, None)
        return 0, 0.0

    def _keep(self, key: str, count: int, until: float) -> int:
        self._counts[key] = (count, until)
        while len(self._counts) > self._most_keys:
            self._counts.popitem(last=False)
        return count
