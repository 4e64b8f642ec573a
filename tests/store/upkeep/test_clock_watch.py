"""The machine's clock against a real PostgreSQL's: fault F20."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from structlog.testing import capture_logs

from idp.ports import ClockSkew
from idp.store.database import Database
from tests.fakes import PlainVault

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


class WrongClock:
    """The machine's clock, set wrong by as much as a test says."""

    def __init__(self) -> None:
        self.off = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.off


@pytest.fixture
def machine_clock():
    return WrongClock()


@pytest.fixture
def opened(migrated_postgres_url, machine_clock):
    database = Database(
        migrated_postgres_url, PlainVault(), pool_size=1, machine_clock=machine_clock
    )
    yield database
    database.close()


def agree(database) -> bool:
    try:
        database.require_agreeing_clocks()
    except ClockSkew:
        return False
    return True


@pytest.mark.parametrize(
    ("off", "agreed"),
    [
        (timedelta(0), True),
        (28 * SECOND, True),
        (-28 * SECOND, True),
        (32 * SECOND, False),
        (-32 * SECOND, False),
        (-timedelta(hours=1), False),
        (timedelta(days=400), False),
    ],
    ids=str,
)
def test_clocks_are_compared_at_the_first_connect(opened, machine_clock, off, agreed):
    machine_clock.off = off
    opened.check()

    assert agree(opened) is agreed


@pytest.mark.parametrize("jump", [MINUTE, -2 * MINUTE, -timedelta(hours=1)], ids=str)
def test_an_open_connection_is_looked_at_each_minute(opened, machine_clock, jump):
    opened.check()
    machine_clock.off = jump

    assert agree(opened)
    opened.check()
    assert not agree(opened)


def test_a_new_connection_is_looked_at_at_once(opened, machine_clock):
    opened.check()
    machine_clock.off = 40 * SECOND
    opened.close()
    opened.check()

    assert not agree(opened)


def test_a_clock_that_was_put_right_is_trusted_again(opened, machine_clock):
    machine_clock.off = timedelta(hours=1)
    opened.check()
    machine_clock.off = timedelta(0)
    opened.check()

    assert agree(opened)


def test_the_look_is_no_part_of_the_transaction(opened, machine_clock):
    opened.check()
    machine_clock.off = 2 * MINUTE
    with opened.begin(read_only=True) as work:
        assert work.clients.changes() == 0


def test_a_clock_astray_is_an_alarm(opened, machine_clock):
    machine_clock.off = -timedelta(hours=1)
    with capture_logs() as logs:
        opened.check()

    assert [(line["alarm"], line["ahead_seconds"]) for line in logs] == [("clock_skew", -3600)]


def test_clocks_that_agree_are_no_line_of_the_log(opened):
    with capture_logs() as logs:
        opened.check()

    assert logs == []


def test_a_look_at_a_dead_connection_opens_another(opened, machine_clock, migrated_postgres_url):
    opened.check()
    with psycopg.connect(migrated_postgres_url.replace("+psycopg", ""), autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    machine_clock.off = 2 * MINUTE

    opened.check()

    assert not agree(opened)


def test_how_far_they_are_apart_is_told_afresh(opened, machine_clock):
    opened.check()
    machine_clock.off = 20 * SECOND

    assert abs(opened.clock_ahead() - 20 * SECOND) < 2 * SECOND


def test_an_embedded_database_has_no_clock_of_its_own(sqlite_url, machine_clock):
    machine_clock.off = timedelta(days=400)
    database = Database(sqlite_url, PlainVault(), machine_clock=machine_clock)
    database.check()

    assert agree(database)
    assert database.clock_ahead() is None
    database.close()
