"""A circuit breaker: after repeated failures, a service is not called for a while."""

import time
from collections.abc import Callable
from datetime import timedelta
from threading import Lock


class CircuitBreaker:
    """Counts consecutive failures; after ``failures`` of them it is open for ``rest``.

    Afterwards one trial call is let through: if it succeeds, the breaker closes; if it fails, the
    breaker is open for another ``rest``. One breaker serves the threads of one process.
    """

    def __init__(
        self,
        *,
        failures: int = 5,
        rest: timedelta = timedelta(seconds=30),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``clock`` is monotonic, in seconds."""
        self._most = failures
        self._rest = rest.total_seconds()
        self._clock = clock
        self._lock = Lock()
        self._failures = 0
        self._rests_until = 0.0

    def lets_through(self) -> bool:
        """Return whether to call now; True uses up the trial call of an open breaker."""
        with self._lock:
            if self._failures < self._most:
                return True
            if self._clock() < self._rests_until:
                return False
            self._rests_until = self._clock() + self._rest
            return True

    def succeeded(self) -> None:
        """Record an answer, and close the breaker."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """Record a failure."""
        with self._lock:
            self._failures += 1
            if self._failures >= self._most:
                self._rests_until = self._clock() + self._rest
