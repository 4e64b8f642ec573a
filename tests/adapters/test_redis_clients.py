"""``redis.url`` names one server, Sentinels or a cluster; the hub's steps are the same on each."""

import signal
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest

from idp.adapters.circuit_breaker import CircuitBreaker
from idp.adapters.redis_clients import redis_problem
from idp.adapters.redis_ephemeral import RedisEphemeral
from idp.ports import Count, Forget, GiveBack, Hit, Once, Put
from tests.simulators.postgres import eventually
from tests.simulators.redis_servers import RedisServer, Watched, redis_cluster, watched_redis

MINUTE = timedelta(minutes=1)
NOBODY = "redis+cluster://127.0.0.1:1,127.0.0.1:2"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[RedisServer]]:
    with redis_cluster(tmp_path_factory.mktemp("cluster")) as servers:
        yield servers


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with watched_redis(tmp_path_factory.mktemp("watched")) as servers:
        yield servers


@pytest.fixture(scope="module", params=["cluster", "watched"])
def url(request: pytest.FixtureRequest) -> str:
    servers = request.getfixturevalue(request.param)
    if request.param == "watched":
        return f"redis+sentinel://127.0.0.1:1,127.0.0.1:{servers.sentinel.port}/hub/1"
    return "redis+cluster://" + ",".join(f"127.0.0.1:{one.port}" for one in servers)


@pytest.fixture(scope="module")
def ephemeral(url: str) -> RedisEphemeral:
    return RedisEphemeral(url, seconds=5)


numbers = count()


@pytest.fixture
def key() -> str:
    return f"key-{next(numbers)}"


def test_counts_and_places_are_exact(ephemeral, key):
    assert [ephemeral.hit(key, window=MINUTE) for _ in range(3)] == [1, 2, 3]
    ephemeral.give_back(key)
    assert ephemeral.count(key) == 2
    assert ephemeral.line_up(f"{key}-line", now=7, ttl=MINUTE) == 8
    assert [ephemeral.add(f"{key}-stamp", ttl=MINUTE) for _ in range(2)] == [True, False]


def test_values_are_kept_and_forgotten(ephemeral, key):
    ephemeral.put(key, "value", ttl=MINUTE)
    assert ephemeral.find(key) == "value"
    ephemeral.forget(key)
    assert ephemeral.find(key) is None


def test_steps_on_many_keys_are_taken_as_one(ephemeral, key):
    """Keys of any name: in a cluster, they would be on different servers."""
    first, second, value = (f"{key}-{name}" for name in ("first", "second", "value"))
    steps = [
        Once(f"{key}-once", MINUTE),
        Hit(first, MINUTE),
        Hit(second, MINUTE, first_of=first),
        Count(first),
        GiveBack(first),
        Put(value, "kept", MINUTE),
        Forget(f"{key}-gone"),
    ]
    assert ephemeral.together(steps) == [1, 1, 1, 1, 0, 0, 0]
    assert ephemeral.together(steps) == [0] * 7
    assert (ephemeral.count(first), ephemeral.find(value)) == (0, "kept")


def test_what_answers_has_no_problem(url):
    assert redis_problem(url, seconds=5) is None


def test_a_cluster_that_nobody_reaches_is_redis_away(key):
    away = RedisEphemeral(NOBODY)
    assert [away.hit(key, window=MINUTE) for _ in range(3)] == [1, 2, 3]
    assert away.find(key) is None
    assert "or used" in (redis_problem(NOBODY, seconds=1) or "")


def test_a_cluster_that_hangs_is_redis_away_until_it_is_back(cluster):
    nodes = ",".join(f"127.0.0.1:{one.port}" for one in cluster)
    ephemeral = RedisEphemeral(f"redis+cluster://{nodes}", breaker=CircuitBreaker(failures=1000))
    ephemeral.put("lasting", "value", ttl=MINUTE)
    for server in cluster:
        server.process.send_signal(signal.SIGSTOP)
    try:
        assert ephemeral.find("lasting") is None
    finally:
        for server in cluster:
            server.process.send_signal(signal.SIGCONT)
    eventually(lambda: ephemeral.find("lasting") == "value", "the cluster is not used again")


def test_a_sentinel_that_is_away_costs_no_time(watched):
    address = f"redis+sentinel://127.0.0.1:1,127.0.0.1:{watched.sentinel.port}/hub"
    begun = time.monotonic()
    assert redis_problem(address, seconds=5) is None
    assert time.monotonic() - begun < 1


def test_after_the_primary_has_died_the_promoted_replica_is_used(watched):
    address = f"redis+sentinel://127.0.0.1:{watched.sentinel.port}/hub"
    ephemeral = RedisEphemeral(address, breaker=CircuitBreaker(failures=1000))
    ephemeral.put("before", "value", ttl=MINUTE)
    eventually(lambda: watched.replica.client().get("before") == "value", "it is not copied")
    watched.primary.process.kill()
    eventually(lambda: watched.present() == watched.replica.port, "no other primary")
    eventually(lambda: ephemeral.find("before") == "value", "the other primary is not used")
    eventually(lambda: writes(ephemeral, watched), "nothing is written there")


def test_a_name_that_no_sentinel_knows_is_a_problem(watched):
    address = f"redis+sentinel://127.0.0.1:{watched.sentinel.port}/another"
    assert "or used" in (redis_problem(address, seconds=5) or "")


def writes(ephemeral: RedisEphemeral, watched: Watched) -> bool:
    ephemeral.put("after", "value", ttl=MINUTE)
    return watched.replica.client().get("after") == "value"
