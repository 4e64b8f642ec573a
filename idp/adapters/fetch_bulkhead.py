"""A bulkhead: slow servers of clients hold only a few of the hub's threads."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from datetime import timedelta
from threading import BoundedSemaphore, Lock

from idp.ports import Fetch, FetchBusy, FetchRefused

_Key = tuple[str, frozenset[str]]


class FetchBulkhead:
    """The port ``ClientFetch``: a bulkhead with few places in front of the port ``Fetch``.

    A thread that fetches, or waits for another's fetch of the same address, holds a place. A failed
    address fails again without a fetch, for a while.

    Source: attack D15.
    """

    def __init__(
        self,
        fetch: Fetch,
        *,
        places: int,
        longest_wait: timedelta,
        remember: timedelta,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """``longest_wait``: for another thread's fetch; ``remember``: how long a failure counts."""
        self._fetch = fetch
        self._places = BoundedSemaphore(places)
        self._longest_wait = longest_wait.total_seconds()
        self._remember = remember.total_seconds()
        self._monotonic = monotonic
        self._lock = Lock()
        self._under_way: dict[_Key, Future[bytes]] = {}
        self._failures: dict[_Key, tuple[float, str]] = {}

    def get(
        self,
        url: str,
        *,
        media_types: frozenset[str],
        may_begin: Callable[[], None] = lambda: None,
        may_wait: bool = True,
    ) -> bytes:
        """Return the body, or the result of another thread's fetch (port ``ClientFetch``)."""
        key = url, media_types
        with self._place():
            mine = Future[bytes]()
            found = self._join(key, mine)
            if found is mine:
                self._run(key, mine, may_begin)
            elif not may_wait:
                raise FetchBusy("under_way")
            return self._result(found)

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise FetchBusy("no_place")
        try:
            yield
        finally:
            self._places.release()

    def _join(self, key: _Key, mine: Future[bytes]) -> Future[bytes]:
        """Return the running fetch, ``mine`` if there is none. Raises a remembered failure."""
        with self._lock:
            ends, code = self._failures.get(key, (0.0, ""))
            if code and self._monotonic() < ends:
                raise FetchRefused(code)
            return self._under_way.setdefault(key, mine)

    def _run(self, key: _Key, mine: Future[bytes], may_begin: Callable[[], None]) -> None:
        try:
            may_begin()
            self._fetch_into(mine, key)
        except (FetchRefused, FetchBusy) as error:
            mine.set_exception(error)
        finally:
            with self._lock:
                del self._under_way[key]
            mine.cancel()  # takes effect after an unforeseen error only: no thread waits in vain

    def _fetch_into(self, mine: Future[bytes], key: _Key) -> None:
        url, media_types = key
        try:
            mine.set_result(self._fetch.get(url, media_types=media_types))
        except FetchRefused as error:
            self._note_failure(key, str(error))
            raise

    def _note_failure(self, key: _Key, code: str) -> None:
        now = self._monotonic()
        with self._lock:
            alive = {one: noted for one, noted in self._failures.items() if now < noted[0]}
            self._failures = {**alive, key: (now + self._remember, code)}

    def _result(self, found: Future[bytes]) -> bytes:
        try:
            return found.result(self._longest_wait)
        except (TimeoutError, CancelledError):
            raise FetchBusy("under_way") from None
