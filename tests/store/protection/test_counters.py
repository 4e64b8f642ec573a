from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from idp.ports import Backoff, Taken
from tests.fakes import NOON

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
YES = Taken(allowed=True)
BACKOFF = Backoff(free=5, first=2 * SECOND, longest=15 * MINUTE, memory=timedelta(hours=24))
same_database = settings(
    max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def take(work, now, *, limit=2, per=MINUTE):
    return work.counters.take("key", limit=limit, per=per, now=now)


def test_so_many_are_allowed_within_a_window(database):
    with database.begin() as work:
        assert take(work, NOON) == YES
        assert take(work, NOON + SECOND) == YES
        assert take(work, NOON + 2 * SECOND) == Taken(allowed=False, retry_after=58 * SECOND)


def test_counts_are_read_without_counting_while_their_window_lasts(database):
    with database.begin() as work:
        take(work, NOON)
        take(work, NOON)
        asked = ["key", "other"]
        assert work.counters.counts(asked, NOON + 59 * SECOND) == {"key": 2}
        assert work.counters.counts(asked, NOON + 59 * SECOND) == {"key": 2}
        assert work.counters.counts(asked, NOON + MINUTE) == {}


def test_what_did_not_happen_is_given_back(database):
    with database.begin() as work:
        take(work, NOON)
        take(work, NOON)
        work.counters.give_back("key")
        assert take(work, NOON) == YES
        assert not take(work, NOON).allowed


def test_nothing_is_given_back_that_was_not_taken(database):
    with database.begin() as work:
        work.counters.give_back("key")
        take(work, NOON)
        work.counters.give_back("key")
        work.counters.give_back("key")
        assert [take(work, NOON).allowed for _ in range(3)] == [True, True, False]


def test_the_window_opens_with_its_first_action(database):
    with database.begin() as work:
        take(work, NOON)
        take(work, NOON + 30 * SECOND)
        assert take(work, NOON + MINUTE) == YES
        assert take(work, NOON + MINUTE) == YES
        assert not take(work, NOON + MINUTE).allowed


def test_keys_are_counted_apart(database):
    with database.begin() as work:
        work.counters.take("one", limit=1, per=MINUTE, now=NOON)
        assert work.counters.take("two", limit=1, per=MINUTE, now=NOON) == YES


def test_a_cleared_counter_starts_again(database):
    with database.begin() as work:
        take(work, NOON, limit=1)
        work.counters.clear("key")
        assert take(work, NOON, limit=1) == YES


def test_a_counter_outlives_the_connection(database):
    with database.begin() as work:
        take(work, NOON, limit=1)
    database.close()
    with database.begin() as work:
        assert not take(work, NOON, limit=1).allowed


def test_a_finished_window_is_forgotten(database):
    with database.begin() as work:
        take(work, NOON)
        assert work.counters.forget_expired(NOON + 59 * SECOND) == 0
        assert work.counters.forget_expired(NOON + MINUTE) == 1


def test_free_tries_are_followed_by_waits_that_double(database):
    now, waits = NOON, []
    with database.begin() as work:
        for _ in range(18):
            while not (taken := work.counters.take_try("key", BACKOFF, now)).allowed:
                waits.append(taken.retry_after)
                now += taken.retry_after
    doubling = [2 * SECOND * 2**n for n in range(9)]
    assert waits == [*doubling, *[15 * MINUTE] * 4]


def test_a_try_within_the_wait_is_not_counted(database):
    with database.begin() as work:
        for _ in range(5):
            work.counters.take_try("key", BACKOFF, NOON)
        for _ in range(10):
            assert work.counters.take_try("key", BACKOFF, NOON).retry_after == 2 * SECOND


def test_tries_are_forgotten_after_the_memory(database):
    with database.begin() as work:
        for _ in range(5):
            work.counters.take_try("key", BACKOFF, NOON)
        later = NOON + BACKOFF.memory
        assert [work.counters.take_try("key", BACKOFF, later) for _ in range(5)] == [YES] * 5


def test_a_right_try_forgets_the_wrong_ones(database):
    with database.begin() as work:
        for _ in range(5):
            work.counters.take_try("key", BACKOFF, NOON)
        work.counters.clear("key")
        assert work.counters.take_try("key", BACKOFF, NOON) == YES


@same_database
@given(steps=st.lists(st.integers(0, 90), max_size=25), limit=st.integers(1, 4))
def test_no_window_ever_allows_more_than_its_limit(database, steps, limit):
    now, window_opened, allowed = NOON, None, 0
    with database.begin() as work:
        work.counters.clear("key")
        for step in steps:
            now += step * SECOND
            if window_opened is None or now >= window_opened + MINUTE:
                window_opened, allowed = now, 0
            taken = take(work, now, limit=limit)
            allowed += taken.allowed
            assert allowed <= limit
            assert taken.allowed or taken.retry_after == window_opened + MINUTE - now


@same_database
@given(steps=st.lists(st.integers(0, 2000), max_size=25))
def test_who_waits_as_told_is_let_in_and_nobody_sooner(database, steps):
    now, wait_until = NOON, NOON
    with database.begin() as work:
        work.counters.clear("key")
        for step in steps:
            now += step * SECOND
            taken = work.counters.take_try("key", BACKOFF, now)
            assert taken.allowed is (now >= wait_until)
            if taken.allowed:
                told = work.counters.take_try("key", BACKOFF, now)
                wait_until = now + told.retry_after
            else:
                assert now + taken.retry_after == wait_until


def test_an_answer_tells_how_many_there_were(database):
    with database.begin() as work:
        assert [take(work, NOON).count for _ in range(3)] == [1, 2, 3]
        tries = [work.counters.take_try("tries", BACKOFF, NOON).count for _ in range(7)]
        assert tries == [1, 2, 3, 4, 5, 0, 0]


def test_a_key_is_full_until_its_window_ends(database):
    with database.begin() as work:
        for _ in range(2):
            work.counters.take("key", limit=2, per=MINUTE, now=NOON)
        assert work.counters.full_until("key", 3, NOON) is None
        assert work.counters.full_until("key", 2, NOON) == NOON + MINUTE
        assert work.counters.full_until("key", 2, NOON + MINUTE) is None
