"""What health checks and metrics read of the database."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from idp.ports import DatabaseUnavailable, DueJobs, Job
from idp.store import migrate
from idp.store.database import Database
from idp.store.state_watch import StateWatch
from tests.factories import case
from tests.fakes import NOON, FixedClock
from tests.migrated import emptied

MINUTE = timedelta(minutes=1)


@pytest.fixture
def watch(migrated_url: str, clock: FixedClock) -> Iterator[StateWatch]:
    opened = StateWatch(migrated_url, clock)
    yield opened
    opened.close()


def put(database: Database, *kinds: str, ago: timedelta) -> None:
    with database.begin() as work:
        for number, kind in enumerate(kinds):
            job = Job(kind=kind, subject="s", unique=f"{kind}{ago}{number}", run_at=NOON - ago)
            work.outbox.put(job)


def test_a_new_database_has_the_newest_revision_and_no_age(watch):
    health = watch.health()
    assert (health.revision, health.is_current) == (migrate.heads()[0], True)
    assert (health.oldest_case, health.oldest_job) == (None, None)


def test_an_empty_database_is_not_current(sqlite_url, clock):
    watch = StateWatch(sqlite_url, clock)
    assert not watch.health().is_current
    assert watch.state().open_cases == {}
    watch.close()


def test_the_oldest_due_job_is_told(watch, database):
    put(database, "sms", ago=MINUTE)
    put(database, "sms", ago=2 * MINUTE)
    assert watch.health().oldest_job == NOON - 2 * MINUTE


def test_a_job_of_later_is_not_due(watch, database):
    put(database, "sms", ago=-MINUTE)
    assert watch.health().oldest_job is None
    assert watch.state().due_jobs == ()


def test_due_jobs_are_counted_by_kind(watch, database):
    put(database, "sms", "sms", "mail", ago=MINUTE)
    found = sorted(watch.state().due_jobs, key=lambda due: due.kind)
    assert found == [
        DueJobs(kind="mail", count=1, oldest=NOON - MINUTE),
        DueJobs(kind="sms", count=2, oldest=NOON - MINUTE),
    ]


def test_dead_letters_are_counted_by_kind(watch, database):
    put(database, "sms", ago=MINUTE)
    with database.begin() as work:
        job = work.outbox.claim("w", NOON, lease=MINUTE)
        work.outbox.bury(job, NOON, reason="rejected")
    assert watch.state().dead_jobs == {"sms": 1}


def test_open_cases_are_counted_by_state(watch, database):
    with database.begin() as work:
        work.cases.add(case(submitted_at=NOON - MINUTE))
    state = watch.state()
    assert state.open_cases == {"received": 1, "checking": 0, "branch": 0}
    assert state.overdue_cases == 0
    assert state.health.oldest_case == NOON - MINUTE


def test_a_database_that_is_away_is_said_to_be(clock):
    watch = StateWatch("postgresql+psycopg://nobody@127.0.0.1:1/none", clock)
    with pytest.raises(DatabaseUnavailable):
        watch.health()


def test_a_connection_that_was_cut_is_opened_anew(emptied_postgres_url, clock):
    watch = StateWatch(emptied_postgres_url, clock)
    watch.health()
    emptied(emptied_postgres_url)  # throws out who is connected
    assert watch.health().is_current
    watch.close()
