"""One suite for the three backends of ``Ephemeral`` (D2)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import redis

from idp.adapters.redis_ephemeral import RedisEphemeral
from idp.ports import Count, Ephemeral, Forget, GiveBack, Hit, Once, Put
from idp.store.database import Database
from tests.fakes import FixedClock, PlainVault

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@dataclass
class Backend:
    store: Ephemeral
    pass_time: Callable[[timedelta], None]


@pytest.fixture(params=["sqlite", "postgres", "redis"])
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    if request.param == "redis":
        url = request.getfixturevalue("redis_url")
        yield Backend(RedisEphemeral(url, seconds=5), lambda span: age(url, span))
        return
    database = Database(request.getfixturevalue(f"migrated_{request.param}_url"), PlainVault())
    clock = FixedClock()
    yield Backend(database.ephemeral(clock), clock.move)
    database.close()


def age(url: str, span: timedelta) -> None:
    """Take ``span`` from the life of every key: Redis has no clock that a test could move."""
    with redis.Redis.from_url(url) as client:
        for key in client.scan_iter():
            client.pexpire(key, client.pttl(key) - int(span.total_seconds() * 1000))


def test_hits_are_counted(backend):
    counts = [backend.store.hit("key", window=MINUTE) for _ in range(3)]
    assert counts == [1, 2, 3]
    assert backend.store.hit("another", window=MINUTE) == 1


def test_a_count_starts_again_after_its_window(backend):
    backend.store.hit("key", window=MINUTE)
    backend.pass_time(30 * SECOND)
    assert backend.store.hit("key", window=MINUTE) == 2
    backend.pass_time(30 * SECOND)
    assert backend.store.hit("key", window=MINUTE) == 1


def test_a_count_can_be_read_without_counting(backend):
    assert backend.store.count("key") == 0
    backend.store.hit("key", window=MINUTE)
    backend.store.hit("key", window=MINUTE)
    assert [backend.store.count("key"), backend.store.count("key")] == [2, 2]
    backend.pass_time(MINUTE)
    assert backend.store.count("key") == 0


def test_steps_are_taken_together_in_their_order(backend):
    steps = [Hit("one", MINUTE), Hit("one", MINUTE), Count("one"), Hit("two", MINUTE), Count("no")]
    assert list(backend.store.together(steps)) == [1, 2, 2, 1, 0]


def test_no_steps_have_no_counts(backend):
    assert list(backend.store.together([])) == []


def test_a_count_of_steps_starts_again_after_its_window(backend):
    backend.store.together([Hit("short", SECOND), Hit("long", MINUTE)])
    backend.pass_time(SECOND)
    again = [Count("short"), Hit("short", SECOND), Hit("long", MINUTE)]
    assert list(backend.store.together(again)) == [0, 1, 2]


def test_steps_and_calls_count_alike(backend):
    backend.store.hit("key", window=MINUTE)
    backend.store.together([Hit("key", MINUTE)])
    assert backend.store.count("key") == 2


def test_a_step_counts_for_the_first_hit_of_another_only(backend):
    def take(stamp):
        return list(
            backend.store.together([Hit(stamp, MINUTE), Hit("key", MINUTE, first_of=stamp)])
        )

    assert [take("one"), take("one"), take("two")] == [[1, 1], [2, 1], [1, 2]]


def test_steps_give_back_and_forget(backend):
    backend.store.put("value", "text", ttl=MINUTE)
    backend.store.together([Hit("key", MINUTE), Hit("key", MINUTE)])
    backend.store.together([GiveBack("key"), Forget("value"), GiveBack("never counted")])
    assert (backend.store.count("key"), backend.store.find("value")) == (1, None)


def test_a_step_keeps_a_value_for_its_time(backend):
    backend.store.together([Put("value", "text", MINUTE)])
    assert backend.store.find("value") == "text"
    backend.pass_time(MINUTE)
    assert backend.store.find("value") is None


def test_steps_after_a_stamp_are_taken_once(backend):
    steps = [
        Hit("before", MINUTE),
        Once("stamp", MINUTE),
        Hit("key", MINUTE),
        Put("v", "t", MINUTE),
    ]
    assert list(backend.store.together(steps)) == [1, 1, 1, 0]
    backend.store.forget("v")
    assert list(backend.store.together(steps)) == [2, 0, 0, 0]
    assert (backend.store.count("key"), backend.store.find("v")) == (1, None)


def test_a_stamp_of_steps_and_one_of_a_call_are_the_same(backend):
    assert list(backend.store.together([Once("stamp", MINUTE)])) == [1]
    assert not backend.store.add("stamp", ttl=MINUTE)
    backend.pass_time(MINUTE)
    assert list(backend.store.together([Once("stamp", MINUTE)])) == [1]


def test_what_was_counted_can_be_given_back(backend):
    for _ in range(3):
        backend.store.hit("key", window=MINUTE)
    backend.store.give_back("key")
    assert backend.store.count("key") == 2


def test_a_count_never_falls_below_nothing(backend):
    backend.store.give_back("key")
    backend.store.hit("key", window=MINUTE)
    for _ in range(3):
        backend.store.give_back("key")
    assert backend.store.hit("key", window=MINUTE) == 1


def test_a_count_that_was_given_back_ends_with_its_window(backend):
    backend.store.hit("key", window=MINUTE)
    backend.store.give_back("key")
    backend.store.hit("key", window=MINUTE)
    backend.pass_time(MINUTE)
    assert backend.store.count("key") == 0


def test_a_queue_gives_each_who_asks_the_next_place(backend):
    places = [backend.store.line_up("queue", now=100, ttl=MINUTE) for _ in range(3)]
    assert places == [101, 102, 103]


def test_an_empty_queue_begins_now(backend):
    backend.store.line_up("queue", now=100, ttl=MINUTE)
    assert backend.store.line_up("queue", now=150, ttl=MINUTE) == 151


def test_a_place_given_back_is_the_next_ones(backend):
    for _ in range(2):
        backend.store.line_up("queue", now=100, ttl=MINUTE)
    backend.store.give_back("queue")
    assert backend.store.line_up("queue", now=100, ttl=MINUTE) == 102


def test_a_queue_lives_on_while_somebody_lines_up(backend):
    backend.store.line_up("queue", now=100, ttl=MINUTE)
    backend.pass_time(40 * SECOND)
    backend.store.line_up("queue", now=100, ttl=MINUTE)
    backend.pass_time(40 * SECOND)
    assert backend.store.line_up("queue", now=100, ttl=MINUTE) == 103


def test_a_stamp_is_added_once(backend):
    assert backend.store.add("stamp", ttl=MINUTE)
    assert not backend.store.add("stamp", ttl=MINUTE)
    assert backend.store.add("another", ttl=MINUTE)


def test_a_stamp_can_be_added_again_after_its_time(backend):
    backend.store.add("stamp", ttl=MINUTE)
    backend.pass_time(MINUTE)
    assert backend.store.add("stamp", ttl=MINUTE)
    assert not backend.store.add("stamp", ttl=MINUTE)


def test_a_value_is_found_until_its_time(backend):
    backend.store.put("key", "مقدار", ttl=MINUTE)
    assert backend.store.find("key") == "مقدار"
    backend.pass_time(MINUTE)
    assert backend.store.find("key") is None


def test_a_later_value_replaces_the_earlier_one(backend):
    backend.store.put("key", "one", ttl=SECOND)
    backend.store.put("key", "two", ttl=MINUTE)
    backend.pass_time(SECOND)
    assert backend.store.find("key") == "two"


def test_an_unknown_key_is_not_found(backend):
    assert backend.store.find("key") is None


def test_what_is_forgotten_is_gone(backend):
    backend.store.put("key", "value", ttl=MINUTE)
    backend.store.forget("key")
    backend.store.forget("key")
    assert backend.store.find("key") is None
    assert backend.store.add("key", ttl=MINUTE)


def test_expired_rows_are_deleted(database, clock):
    store = database.ephemeral(clock)
    store.put("key", "value", ttl=MINUTE)
    assert store.forget_expired() == 0
    clock.move(MINUTE)
    assert store.forget_expired() == 1
