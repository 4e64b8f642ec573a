"""How many requests a process serves at once, beside those that wait for a hash (D02)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from idp.adapters.host_semaphore import HostSemaphore, NoSlot
from idp.adapters.request_places import RequestPlaces
from idp.web.http.bounded_requests import BoundedRequests
from tests.adapters.test_host_semaphore import until_in_line

LONG = 20


def test_no_more_than_the_places_are_taken_at_once():
    places, inside, most = RequestPlaces(2), [], []

    def serve(number):
        with places.taken():
            inside.append(number)
            most.append(len(inside))
            inside.remove(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(serve, range(200)))
    assert max(most) <= 2


def test_a_place_that_is_given_back_serves_another():
    places = RequestPlaces(1)
    with ThreadPoolExecutor(1) as pool, places.taken(), places.given_back():
        assert pool.submit(lambda: is_served(places)).result(LONG)


def is_served(places):
    with places.taken():
        return True


def test_who_gave_a_place_back_goes_on_after_it_was_returned():
    places, order = RequestPlaces(1), []
    is_taken = Event()

    def other():
        with places.taken():
            is_taken.set()
            order.append("other")

    with ThreadPoolExecutor(1) as pool, places.taken():
        with places.given_back():
            pool.submit(other)
            is_taken.wait(LONG)
        order.append("first")
    assert order == ["other", "first"]


def test_a_thread_without_a_place_gives_none_back():
    places = RequestPlaces(1)
    with places.given_back(), places.given_back():
        pass
    with places.taken(), ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(lambda: is_served(places))
        assert not waiting.done()
        with places.given_back():
            assert waiting.result(LONG)


def test_a_failure_gives_the_place_back():
    places = RequestPlaces(1)
    with pytest.raises(KeyError), places.taken():
        raise KeyError
    assert is_served(places)


def test_who_waits_for_a_slot_holds_no_place(tmp_path: Path):
    places = RequestPlaces(1)
    slots = HostSemaphore(
        folder=tmp_path, count=1, queue=1, wait=timedelta(seconds=LONG), meanwhile=places.given_back
    )
    with ThreadPoolExecutor(1) as pool, HostSemaphore(folder=tmp_path, count=1, queue=1).one():
        waiting = pool.submit(sign_in, places, slots)
        until_in_line(tmp_path, 1)
        assert is_served(places)
    assert waiting.result(LONG)


def sign_in(places, slots):
    with places.taken(), slots.one():
        return True


def test_a_refused_wait_for_a_slot_takes_the_place_again(tmp_path: Path):
    places = RequestPlaces(1)
    slots = HostSemaphore(
        folder=tmp_path, count=1, queue=1, wait=timedelta(0), meanwhile=places.given_back
    )
    with HostSemaphore(folder=tmp_path, count=1, queue=1).one(), places.taken():
        with pytest.raises(NoSlot), slots.one():
            pass
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(is_served, places)
            assert not waiting.done()
            with places.given_back():
                waiting.result(LONG)


def test_a_request_runs_in_a_place():
    places, seen = RequestPlaces(1), []

    def app(environ, start_response):
        with places.given_back():
            seen.append(is_served(places))
        return [b"answer"]

    assert BoundedRequests(app, places.taken)({}, lambda *_: None) == [b"answer"]
    assert seen == [True]


def test_what_is_answered_from_memory_waits_for_no_place():  # F12
    places = RequestPlaces(1)
    app = BoundedRequests(lambda *_: [b"alive"], places.taken, ["/alive"])
    with places.taken():
        assert app({"PATH_INFO": "/alive"}, lambda *_: None) == [b"alive"]
