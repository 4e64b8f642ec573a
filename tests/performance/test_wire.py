"""The proxy counts what psycopg and redis-py say, however they say it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from psycopg import Connection
from sqlalchemy import make_url

from tests.performance import hub
from tests.performance.counts import Counting, Counts
from tests.performance.hub import Place, Wires

Said = Callable[[], Counts]


@pytest.fixture
def overheard(
    migrated_postgres_url: str, redis_url: str, tmp_path: Path
) -> Iterator[tuple[Place, Wires]]:
    with hub.overheard(Place(tmp_path, migrated_postgres_url, redis_url)) as (place, wires):
        yield place, wires


@pytest.fixture
def said(overheard: tuple[Place, Wires]) -> Said:
    """Return what tells the counts of all that was said."""
    return Counting(overheard[1]).now


@pytest.fixture
def connection(overheard: tuple[Place, Wires]) -> Iterator[Connection]:
    url = make_url(overheard[0].database)
    with psycopg.connect(
        dbname=url.database, user=url.username, host=str(url.query["host"])
    ) as connection:
        yield connection


@pytest.fixture
def cost(said: Said) -> Callable[[Callable[[], object]], Counts]:
    """Return what tells the counts of one act."""

    def cost_of(act: Callable[[], object]) -> Counts:
        before = said()
        act()
        return said().minus(before)

    return cost_of


def test_a_statement_counts_without_its_begin_and_commit(connection, cost):
    def read() -> None:
        connection.execute("SELECT 1")
        connection.commit()

    assert cost(read) == Counts(statements=1, reading=1, round_trips=3)


def test_a_prepared_statement_counts_each_time(connection, cost):
    connection.autocommit = True
    connection.execute("SELECT %s::int", [1], prepare=True)

    def read_twice() -> None:
        for number in (2, 3):
            connection.execute("SELECT %s::int", [number], prepare=True)

    assert cost(read_twice) == Counts(statements=2, round_trips=2)


def test_a_pipeline_is_one_round_trip_of_many_statements(connection, cost):
    connection.autocommit = True

    def read_thrice() -> None:
        with connection.pipeline():
            for number in (1, 2, 3):
                connection.execute("SELECT %s::int", [number])

    assert cost(read_thrice) == Counts(statements=3, reading=1, round_trips=1)


def test_statements_of_one_text_count_each(connection, cost):
    connection.autocommit = True

    assert cost(lambda: connection.execute("SELECT 1; SELECT 2")).statements == 2


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO consents SELECT * FROM consents",
        "WITH gone AS (DELETE FROM consents RETURNING 1) SELECT * FROM gone",
        "SELECT 1 FROM consents FOR UPDATE",
    ],
)
def test_a_transaction_that_writes_is_told_from_one_that_reads(connection, cost, statement):
    def write() -> None:
        connection.execute(statement)
        connection.rollback()

    assert cost(write) == Counts(statements=1, writing=1, round_trips=3)


def test_a_statement_that_fails_counts(connection, cost):
    def fail() -> None:
        with pytest.raises(psycopg.errors.DivisionByZero):
            connection.execute("SELECT 1 / 0")
        connection.rollback()

    assert cost(fail) == Counts(statements=1, reading=1, round_trips=3)


def test_commands_of_one_pipeline_are_one_round_trip_to_redis(overheard, cost):
    with redis.Redis.from_url(overheard[0].redis) as client:
        client.ping()
        together = client.pipeline(transaction=False).get("a").get("b")

        assert cost(together.execute) == Counts(redis=1)
