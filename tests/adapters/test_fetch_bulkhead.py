"""The bulkhead before the servers of clients."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest

from idp.adapters.fetch_bulkhead import FetchBulkhead
from idp.ports import FetchBusy, FetchRefused

JSON = frozenset({"application/json"})
URL, OTHER = "https://portal.example/jwks", "https://other.example/jwks"


class SlowWeb:
    """Servers that answer when they are told to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.begun, self.let_go = Event(), Event()
        self.failure: Exception | None = None

    def get(self, url: str, *, media_types: frozenset[str]) -> bytes:
        self.asked.append(url)
        self.begun.set()
        assert self.let_go.wait(10)
        if self.failure is not None:
            raise self.failure
        return url.encode()

    def post_form(self, url: str, form: object) -> int:
        raise NotImplementedError


@pytest.fixture
def web() -> Iterator[SlowWeb]:
    slow = SlowWeb()
    yield slow
    slow.let_go.set()


@pytest.fixture
def pool(web: SlowWeb) -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as threads:
        yield threads
        web.let_go.set()


def bulkhead(web: SlowWeb, *, places: int = 2, wait: float = 5, now: list[float] | None = None):
    clock = now or [0.0]
    return FetchBulkhead(
        web,
        places=places,
        longest_wait=timedelta(seconds=wait),
        remember=timedelta(seconds=30),
        monotonic=lambda: clock[0],
    )


def begun(pool: ThreadPoolExecutor, web: SlowWeb, fetch: FetchBulkhead) -> Future[bytes]:
    """Let another thread fetch, and return once it does."""
    result = pool.submit(fetch.get, URL, media_types=JSON)
    assert web.begun.wait(10)
    return result


def test_a_second_thread_gets_what_the_first_fetched(web, pool):
    fetch = bulkhead(web, wait=10)
    first = begun(pool, web, fetch)
    second = pool.submit(fetch.get, URL, media_types=JSON)
    while fetch._places.acquire(blocking=False):  # until the second has come in
        fetch._places.release()
    web.let_go.set()
    assert first.result(10) == second.result(10) == URL.encode()
    assert web.asked == [URL]


def test_a_second_thread_waits_no_longer_than_it_may(web, pool):
    fetch = bulkhead(web, wait=0.01)
    begun(pool, web, fetch)
    with pytest.raises(FetchBusy, match="under_way"):
        fetch.get(URL, media_types=JSON)
    assert web.asked == [URL]


def test_who_may_not_wait_goes_on_at_once(web, pool):
    fetch = bulkhead(web, wait=60)
    begun(pool, web, fetch)
    with pytest.raises(FetchBusy, match="under_way"):
        fetch.get(URL, media_types=JSON, may_wait=False)


@pytest.mark.parametrize("url", [URL, OTHER])
def test_where_no_place_is_free_nobody_waits(web, pool, url):
    fetch = bulkhead(web, places=1, wait=60)
    begun(pool, web, fetch)
    with pytest.raises(FetchBusy, match="no_place"):
        fetch.get(url, media_types=JSON)
    assert web.asked == [URL]


def test_a_place_is_free_again_after_a_fetch(web):
    web.let_go.set()
    fetch = bulkhead(web, places=1)
    for url in (URL, OTHER, URL):
        assert fetch.get(url, media_types=JSON) == url.encode()


def test_a_failure_is_told_again_for_a_while_without_asking(web):
    web.let_go.set()
    web.failure, now = FetchRefused("timeout"), [0.0]
    fetch = bulkhead(web, now=now)
    for _ in range(3):
        with pytest.raises(FetchRefused, match="timeout"):
            fetch.get(URL, media_types=JSON)
    assert web.asked == [URL]
    now[0] = 30.0
    web.failure = None
    assert fetch.get(URL, media_types=JSON) == URL.encode()


def test_the_failure_of_one_address_is_no_others(web):
    web.let_go.set()
    web.failure = FetchRefused("timeout")
    fetch = bulkhead(web)
    with pytest.raises(FetchRefused):
        fetch.get(URL, media_types=JSON)
    web.failure = None
    assert fetch.get(OTHER, media_types=JSON) == OTHER.encode()


def test_who_may_not_begin_does_not_and_that_is_no_failure_of_the_server(web):
    web.let_go.set()
    fetch = bulkhead(web)

    def too_soon() -> None:
        raise FetchRefused("too_often")

    with pytest.raises(FetchRefused, match="too_often"):
        fetch.get(URL, media_types=JSON, may_begin=too_soon)
    assert web.asked == []
    assert fetch.get(URL, media_types=JSON) == URL.encode()


def test_what_is_unforeseen_leaves_no_place_taken_and_nobody_waiting(web):
    web.let_go.set()
    web.failure = RuntimeError("unforeseen")
    fetch = bulkhead(web, places=1)
    for _ in range(2):
        with pytest.raises(RuntimeError):
            fetch.get(URL, media_types=JSON)
    web.failure = None
    assert fetch.get(URL, media_types=JSON) == URL.encode()
