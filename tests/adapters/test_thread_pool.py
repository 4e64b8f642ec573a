"""Calls side by side, for a moment that somebody waits."""

from datetime import timedelta
from threading import Barrier, Event
from time import monotonic

import pytest

from idp.adapters.thread_pool import ThreadPool

SOON, MOMENT = timedelta(seconds=10), timedelta(milliseconds=50)


@pytest.fixture
def hanging():
    """A call that does not end before the test does."""
    event = Event()
    yield lambda: event.wait(30)
    event.set()


def test_all_have_ended_when_it_returns():
    done = []
    ThreadPool().run([lambda: done.append(1), lambda: done.append(2)], SOON)
    assert sorted(done) == [1, 2]


def test_they_run_at_once():
    both = Barrier(2, timeout=10)
    ThreadPool().run([both.wait, both.wait], SOON)
    assert not both.broken


def test_nobody_waits_longer_than_told(hanging):
    begun = monotonic()
    ThreadPool().run([hanging, hanging], MOMENT)
    assert monotonic() - begun < 5


def test_without_a_free_thread_a_call_is_left_out(hanging):
    done = []
    one = ThreadPool(threads=1)
    one.run([hanging], MOMENT)
    one.run([lambda: done.append(1)], MOMENT)
    assert done == []


def test_a_thread_is_free_again_after_its_call():
    done = []
    one = ThreadPool(threads=1)
    for number in range(3):
        one.run([lambda number=number: done.append(number)], SOON)
    assert done == [0, 1, 2]
