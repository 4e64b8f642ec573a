"""Calls in parallel threads of this process, with a bounded wait for their end."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from threading import BoundedSemaphore, Thread
from time import monotonic

THREADS = 16


class ThreadPool:
    """The port ``ThreadPool``; the threads are daemons, because their work can be repeated."""

    def __init__(self, threads: int = THREADS) -> None:
        self._slots = BoundedSemaphore(threads)

    def run(self, calls: Sequence[Callable[[], None]], within: timedelta) -> None:
        """Start the calls and wait until all have ended, at most ``within``.

        Calls that still run then end by themselves. A call without a free thread is not started.
        """
        end = monotonic() + within.total_seconds()
        started = [
            Thread(target=self._run, args=(one,), daemon=True) for one in calls if self._take()
        ]
        for thread in started:
            thread.start()
        for thread in started:
            thread.join(max(0.0, end - monotonic()))

    def _take(self) -> bool:
        return self._slots.acquire(blocking=False)

    def _run(self, call: Callable[[], None]) -> None:
        try:
            call()
        finally:
            self._slots.release()
