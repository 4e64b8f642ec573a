"""Redis may be away, slow or mixed up; nothing raises and nothing stale comes back (D2, D07)."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from idp.adapters.circuit_breaker import CircuitBreaker
from idp.adapters.local_bucket import LocalBucket
from idp.adapters.redis_ephemeral import RedisEphemeral
from idp.ports import Count, Forget, GiveBack, Hit, Once, Put

MINUTE = timedelta(minutes=1)
NOBODY = "redis://127.0.0.1:1/0"


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Proxy:
    """Between the adapter and Redis: delays or cuts what Redis says."""

    def __init__(self, port: int) -> None:
        self.delay = 0.0
        self.cut = False
        self._upstream = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self._listener.accept()
                upstream = socket.create_connection(("127.0.0.1", self._upstream))
                for source, sink, slow in ((line, upstream, False), (upstream, line, True)):
                    threading.Thread(
                        target=self._pump, args=[source, sink, slow], daemon=True
                    ).start()

    def _pump(self, source: socket.socket, sink: socket.socket, slow: bool) -> None:
        with suppress(OSError), source, sink:
            while data := source.recv(65536):
                if slow and self.delay:
                    time.sleep(self.delay)
                if slow and self.cut:
                    sink.sendall(data[:1])
                    return
                sink.sendall(data)

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def proxy(redis_url: str) -> Iterator[Proxy]:
    proxy = Proxy(int(redis_url.rsplit(":", 1)[1].partition("/")[0]))
    yield proxy
    proxy.close()


def behind(proxy: Proxy, redis_url: str, **changes: object) -> RedisEphemeral:
    url = f"redis://127.0.0.1:{proxy.port}/{redis_url.rsplit('/', 1)[1]}"
    arguments = {"breaker": CircuitBreaker(failures=1000)} | changes
    return RedisEphemeral(url, **arguments)  # type: ignore[arg-type]


def test_a_counter_ends_with_its_window(redis_url: str) -> None:
    ephemeral = RedisEphemeral(redis_url)
    ephemeral.hit("k", window=MINUTE)
    ephemeral.hit("k", window=timedelta(hours=5))

    assert 0 < redis.Redis.from_url(redis_url).pttl("k") <= 60_000


def test_counting_is_exact_among_threads(redis_url: str) -> None:
    ephemeral = RedisEphemeral(redis_url, seconds=5)
    seen: list[int] = []
    threads = [
        threading.Thread(target=lambda: seen.append(ephemeral.hit("k", window=MINUTE)))
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(seen) == list(range(1, 21))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(), st.text())
def test_any_key_and_value_can_be_kept(redis_url: str, key: str, value: str) -> None:
    ephemeral = RedisEphemeral(redis_url, seconds=5)
    ephemeral.put(key, value, ttl=MINUTE)

    assert ephemeral.find(key) == value


def test_away_counters_are_kept_by_the_process() -> None:
    away = RedisEphemeral(NOBODY)

    assert [away.hit("k", window=MINUTE) for _ in range(3)] == [1, 2, 3]


def test_away_a_stamp_is_taken_once_by_the_process() -> None:
    away = RedisEphemeral(NOBODY)

    assert [away.add("k", ttl=MINUTE), away.add("k", ttl=MINUTE)] == [True, False]


def test_away_nothing_is_cached() -> None:
    away = RedisEphemeral(NOBODY)
    away.put("k", "v", ttl=MINUTE)

    assert away.find("k") is None


def test_away_forgetting_is_no_error() -> None:
    RedisEphemeral(NOBODY).forget("k")


def test_slow_redis_costs_tenths_of_a_second(proxy: Proxy, redis_url: str) -> None:  # F07
    ephemeral = behind(proxy, redis_url)
    proxy.delay = 2.0
    start = time.monotonic()

    assert ephemeral.find("k") is None
    assert time.monotonic() - start < 1.5


def test_an_open_breaker_asks_nobody(proxy: Proxy, redis_url: str) -> None:  # F07
    clock = Time()
    breaker = CircuitBreaker(failures=1, rest=MINUTE, clock=clock)
    ephemeral = behind(proxy, redis_url, breaker=breaker)
    proxy.cut = True
    ephemeral.hit("k", window=MINUTE)
    proxy.cut = False

    assert ephemeral.hit("k", window=MINUTE) == 2  # of the process, not of Redis


def test_redis_is_used_again_after_the_rest(proxy: Proxy, redis_url: str) -> None:
    clock = Time()
    breaker = CircuitBreaker(failures=1, rest=MINUTE, clock=clock)
    ephemeral = behind(proxy, redis_url, breaker=breaker)
    redis.Redis.from_url(redis_url).set("k", "v")
    proxy.cut = True
    ephemeral.find("other")
    proxy.cut = False
    clock.now += 61

    assert ephemeral.find("k") == "v"


def test_a_read_is_tried_once_more(proxy: Proxy, redis_url: str) -> None:
    ephemeral = behind(proxy, redis_url, breaker=CircuitBreaker(failures=1, rest=MINUTE))
    ephemeral.put("k", "v", ttl=MINUTE)
    # The idle connection dies, as when Redis restarts; the next read finds out.
    redis.Redis.from_url(redis_url).client_kill_filter(_type="normal", skipme=True)

    assert ephemeral.find("k") == "v"


def test_a_count_is_never_repeated(proxy: Proxy, redis_url: str) -> None:
    ephemeral = behind(proxy, redis_url)
    ephemeral.hit("k", window=MINUTE)
    proxy.cut = True
    ephemeral.hit("k", window=MINUTE)
    proxy.cut = False

    assert redis.Redis.from_url(redis_url).get("k") in {b"1", b"2"}


def test_a_late_reply_answers_nobody_else(proxy: Proxy, redis_url: str) -> None:  # D07, F07
    direct = redis.Redis.from_url(redis_url)
    for number in range(10):
        direct.set(f"user-{number}", f"data-{number}")
    ephemeral = behind(proxy, redis_url)

    for number in range(10):
        proxy.delay = 0.12 if number % 2 else 0.0
        assert ephemeral.find(f"user-{number}") in {f"data-{number}", None}


def test_what_was_forgotten_meanwhile_does_not_come_back(proxy: Proxy, redis_url: str) -> None:
    ephemeral = behind(proxy, redis_url)
    ephemeral.put("session", "live", ttl=MINUTE)
    proxy.cut = True
    ephemeral.forget("session")
    redis.Redis.from_url(redis_url).set("session", "live")  # the removal never arrived
    proxy.cut = False

    assert ephemeral.find("session") is None


def test_what_was_replaced_meanwhile_does_not_come_back(proxy: Proxy, redis_url: str) -> None:
    ephemeral = behind(proxy, redis_url)
    ephemeral.put("client", "old", ttl=MINUTE)
    proxy.cut = True
    ephemeral.put("client", "new", ttl=MINUTE)
    redis.Redis.from_url(redis_url).set("client", "old")
    proxy.cut = False

    assert ephemeral.find("client") is None


def test_full_redis_is_redis_away(redis_url: str) -> None:  # F08
    direct = redis.Redis.from_url(redis_url)
    direct.set("k", "not a number")

    assert RedisEphemeral(redis_url).hit("k", window=MINUTE) == 1


def test_a_local_count_starts_again_after_its_window() -> None:
    clock = Time()
    bucket = LocalBucket(clock=clock)
    bucket.hit("k", window=MINUTE)
    clock.now += 60

    assert bucket.hit("k", window=MINUTE) == 1


def test_a_local_window_is_not_prolonged() -> None:
    clock = Time()
    bucket = LocalBucket(clock=clock)
    bucket.hit("k", window=MINUTE)
    clock.now += 59
    bucket.hit("k", window=MINUTE)
    clock.now += 1

    assert bucket.hit("k", window=MINUTE) == 1


def test_a_flood_of_keys_costs_bounded_memory() -> None:
    bucket = LocalBucket(most_keys=2)
    for key in ("a", "b", "c"):
        bucket.hit(key, window=MINUTE)

    assert [bucket.hit("c", window=MINUTE), bucket.hit("a", window=MINUTE)] == [2, 1]


def test_a_breaker_lets_one_trial_through_after_its_rest() -> None:
    clock = Time()
    breaker = CircuitBreaker(failures=2, rest=MINUTE, clock=clock)
    breaker.failed()
    breaker.failed()
    clock.now += 60

    assert [breaker.lets_through(), breaker.lets_through()] == [True, False]


def test_a_failed_trial_makes_the_breaker_rest_again() -> None:
    clock = Time()
    breaker = CircuitBreaker(failures=1, rest=MINUTE, clock=clock)
    breaker.failed()
    clock.now += 60
    breaker.lets_through()
    breaker.failed()
    clock.now += 59

    assert not breaker.lets_through()


def test_a_success_closes_the_breaker() -> None:
    breaker = CircuitBreaker(failures=1, rest=timedelta(0))
    breaker.failed()
    breaker.lets_through()
    breaker.succeeded()

    assert [breaker.lets_through(), breaker.lets_through()] == [True, True]


def test_single_failures_do_not_open_the_breaker() -> None:
    breaker = CircuitBreaker(failures=2, rest=MINUTE)
    breaker.failed()
    breaker.succeeded()
    breaker.failed()

    assert breaker.lets_through()


def test_without_redis_a_count_can_be_read() -> None:
    ephemeral = RedisEphemeral(NOBODY)
    ephemeral.hit("k", window=MINUTE)

    assert ephemeral.count("k") == 1


def test_a_local_count_is_zero_after_its_window() -> None:
    clock = Time()
    bucket = LocalBucket(clock=clock)
    bucket.hit("k", window=MINUTE)
    clock.now += 60

    assert bucket.count("k") == 0


def test_without_redis_steps_are_counted_in_the_process() -> None:
    ephemeral = RedisEphemeral(NOBODY)
    once = [Hit("stamp", MINUTE), Hit("k", MINUTE, first_of="stamp"), Count("k"), Forget("gone")]

    ephemeral.together(once)

    assert list(ephemeral.together([*once, GiveBack("k"), Count("k")])) == [2, 1, 1, 0, 0, 0]


def test_without_redis_a_stamp_is_kept_in_the_process() -> None:
    ephemeral = RedisEphemeral(NOBODY)
    steps = [Once("stamp", MINUTE), Hit("k", MINUTE)]

    assert [list(ephemeral.together(steps)) for _ in range(2)] == [[1, 1], [0, 0]]


def test_what_steps_replaced_meanwhile_is_not_read(proxy: Proxy, redis_url: str) -> None:
    ephemeral = behind(proxy, redis_url)
    ephemeral.put("answer", "old", ttl=MINUTE)
    proxy.cut = True
    ephemeral.together([Put("answer", "new", MINUTE)])
    proxy.cut = False

    assert ephemeral.find("answer") is None


def test_what_steps_forgot_meanwhile_does_not_come_back(proxy: Proxy, redis_url: str) -> None:
    ephemeral = behind(proxy, redis_url)
    proxy.cut = True
    ephemeral.together([Forget("session")])
    redis.Redis.from_url(redis_url).set("session", "live")  # the removal never arrived
    proxy.cut = False

    assert ephemeral.find("session") is None
