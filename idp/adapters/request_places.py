"""A bound on the requests that a process serves at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Semaphore, local


class RequestPlaces:
    """At most ``count`` threads of the process serve requests; who waits elsewhere gives way.

    A server has more threads than places: those that wait for a hash hold none, and without the
    bound all threads would compete for the interpreter and the database's connections.
    """

    def __init__(self, count: int) -> None:
        self._free = Semaphore(count)
        self._mine = local()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold a place inside the block; wait until one is free."""
        self._take()
        try:
            yield
        finally:
            self._give_back()

    @contextmanager
    def given_back(self) -> Iterator[None]:
        """Leave this thread's place to others inside the block, if it has one."""
        if not getattr(self._mine, "is_taken", False):
            yield
            return
        self._give_back()
        try:
            yield
        finally:
            self._take()

    def _take(self) -> None:
        self._free.acquire()
        self._mine.is_taken = True

    def _give_back(self) -> None:
        self._mine.is_taken = False
        self._free.release()
