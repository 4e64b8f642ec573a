"""The worker beside poison rows, unreadable rows and a database that is away (fault F33)."""

import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text
from structlog.testing import capture_logs

from idp import resources
from idp.domain.people.mobile import Mobile
from idp.domain.registration.case_state import CaseState
from idp.domain.sign_in.one_time_code import CodePurpose
from idp.jobs.schedule import Schedule
from idp.ports import DatabaseUnavailable
from idp.services.backoff import spread, wait_by_age, wait_by_tries
from idp.services.messages.messages import (
    CODE_AT_PORTAL,
    Event,
    Notice,
    code_message_id,
    notice_job,
)
from tests.fault.workers import known_person, put, worker
from tests.services.laboratory import HOUR, Laboratory


def explode(job):
    raise ValueError("0912 123 4567")


def run_through(lab, one, span=2 * HOUR):
    end = lab.clock.now + span
    while lab.clock.now < end:
        one.run_due()
        lab.clock.move(timedelta(minutes=2))


def test_a_poison_row_is_parked_after_five_tries(lab):  # F33
    put(lab)
    tries = []

    run_through(lab, worker(lab, lambda job: (tries.append(job.tries), explode(job))))

    assert tries == [1, 2, 3, 4, 5]
    with lab.begin(read_only=True) as work:
        assert [job.reason for job in work.outbox.dead()] == ["ValueError"]


def test_a_job_that_a_lock_keeps_from_ending_is_not_parked_within_minutes(lab):  # F14
    put(lab)
    until = lab.clock() + timedelta(minutes=2)

    def run(job):
        if lab.clock() < until:
            raise DatabaseUnavailable

    one = worker(lab, run)
    while lab.clock() < until:
        with suppress(DatabaseUnavailable):
            one.run_one()
        lab.clock.move(timedelta(seconds=1))
    lab.clock.move(timedelta(hours=1))

    assert one.run_one()
    with lab.begin(read_only=True) as work:
        assert work.outbox.dead() == []


def test_a_parked_row_is_an_alarm(lab):
    put(lab)

    with capture_logs() as logs:
        run_through(lab, worker(lab, explode))

    assert [line["alarm"] for line in logs if "alarm" in line] == ["job_dead_letter"]


def test_a_failure_is_logged_without_what_the_exception_says(lab):
    put(lab)

    with capture_logs() as logs:
        worker(lab, explode).run_due()

    assert "0912" not in repr(logs)
    assert logs[0]["error"] == "ValueError"
    assert logs[0]["place"].startswith("test_worker_faults.py:")


def test_others_go_on_beside_a_poison_row(lab):
    put(lab)
    case = lab.submit(known_person(lab))
    run_through(lab, worker(lab, explode))

    lab.work()

    assert lab.case(case).state is CaseState.ACTIVATED


@pytest.mark.parametrize("sealed", ["garbage", ""])
def test_a_row_that_cannot_be_opened_is_parked_and_others_go_on(lab, migrated_url, sealed):  # F33
    put_notice(lab, "1")
    break_jobs(migrated_url, {"sealed_message": sealed})

    assert_parked_beside_another(lab, migrated_url)


def test_a_row_that_cannot_be_read_is_parked_and_others_go_on(migrated_sqlite_url):  # F33
    """SQLite only: PostgreSQL takes no broken JSON."""
    lab = Laboratory(migrated_sqlite_url)
    put_notice(lab, "1")
    break_jobs(migrated_sqlite_url, {"payload": "{broken"})

    assert_parked_beside_another(lab, migrated_sqlite_url)
    lab.close()


def test_a_message_whose_key_comes_within_minutes_is_not_lost(lab, migrated_url):
    """A worker may be restarted with a new sealing key later than the pages that use it."""
    put_notice(lab, "1")
    newer = Laboratory(migrated_url)
    newer.clock.now = lab.clock.now
    sealed = column(migrated_url, "sealed_message")
    break_jobs(migrated_url, {"sealed_message": f"k2{sealed[2:]}"})
    newer.work()
    break_jobs(migrated_url, {"sealed_message": sealed})

    newer.work_for(timedelta(minutes=10), step=timedelta(minutes=1))
    newer.close()

    assert len(newer.gateway.sent) == 1


def assert_parked_beside_another(lab, url):
    put_notice(lab, "2")
    with capture_logs() as logs:
        lab.work_for(timedelta(minutes=30), step=timedelta(minutes=1))

    assert len(lab.gateway.sent) == 1
    assert [line["alarm"] for line in logs if "alarm" in line] == ["job_dead_letter"]
    assert job_states(url) == [("dead", None), ("done", None)]


def test_a_fault_of_the_claim_itself_stops_no_worker(lab):
    put(lab)
    stop, ran, begin, failures = threading.Event(), [], lab.begin, []

    def failing(*, read_only=False):
        if not failures:
            failures.append(1)
            raise ValueError("no such column")
        return begin(read_only=read_only)

    def run(job):
        ran.append(job.id)
        stop.set()

    lab.begin = failing
    with capture_logs() as logs:
        worker(lab, run).run(stop, timedelta(milliseconds=1))

    assert len(ran) == 1
    assert [line["alarm"] for line in logs] == ["worker_failed"]


def test_a_fault_of_the_schedule_stops_no_schedule(lab):
    stop, tries = threading.Event(), []

    def failing(*, read_only=False):
        tries.append(1)
        stop.set()
        raise ValueError("no such column")

    with capture_logs() as logs:
        Schedule(failing, lab.clock, each_minute=()).run(stop)

    assert (len(tries), [line["alarm"] for line in logs]) == (1, ["worker_failed"])


def put_notice(lab, name):
    event = Event(subject="case", name=name, at=lab.clock())
    with lab.begin() as work:
        work.outbox.put(notice_job(Notice.ACTIVATED, Mobile("+989121234567"), event))


def break_jobs(url, columns):
    engine = create_engine(url)
    with engine.begin() as connection:
        for name, value in columns.items():
            connection.execute(text(f"UPDATE jobs SET {name} = :value"), {"value": value})
    engine.dispose()


def column(url, name):
    engine = create_engine(url)
    with engine.begin() as connection:
        value = connection.execute(text(f"SELECT {name} FROM jobs WHERE kind = 'sms'")).scalar_one()
    engine.dispose()
    return value


def job_states(url):
    engine = create_engine(url)
    with engine.begin() as connection:
        rows = connection.execute(
            text("SELECT state, sealed_message FROM jobs WHERE kind = 'sms' ORDER BY id")
        ).all()
    engine.dispose()
    return [tuple(row) for row in rows]


def test_a_database_that_is_away_stops_no_worker(lab):
    stop = threading.Event()
    tries = []

    def away(*, read_only=False):
        tries.append(1)
        stop.set()
        raise DatabaseUnavailable

    lab.begin = away
    worker(lab, explode).run(stop, timedelta(seconds=1))

    assert tries == [1]


def test_a_case_of_a_failing_rule_is_not_lost(lab):
    case = lab.submit(known_person(lab))
    original, lab.registries.lookup = lab.registries.lookup, lambda *who: 1 / 0
    lab.work()
    lab.registries.lookup = original

    lab.work_for(HOUR)

    assert lab.case(case).state is CaseState.ACTIVATED


def test_a_case_whose_check_was_parked_is_checked_again_within_the_hour(lab):
    case = lab.submit(known_person(lab))
    original, lab.registries.lookup = lab.registries.lookup, lambda *who: 1 / 0
    lab.work_for(HOUR / 2, step=timedelta(minutes=5))
    lab.registries.lookup = original
    with lab.begin(read_only=True) as work:
        assert [job.kind for job in work.outbox.dead()] == ["check_case"]

    lab.work_for(HOUR)

    assert lab.case(case).state is CaseState.ACTIVATED


def test_stopping_ends_the_job_in_hand_first(lab):
    case = lab.submit(known_person(lab))
    told = threading.Event()
    original = lab.registries.lookup

    def lookup(*who):
        told.set()
        return original(*who)

    lab.registries.lookup = lookup

    lab.crew.run(told.is_set)

    assert lab.case(case).state is CaseState.ACTIVATED


def test_waits_double_and_end():
    waits = [
        wait_by_tries(n, first=timedelta(seconds=5), longest=timedelta(minutes=1))
        for n in (1, 2, 3, 9)
    ]

    assert [wait.total_seconds() for wait in waits] == [5, 10, 20, 60]


def test_a_wait_by_age_is_as_long_as_the_age_within_bounds():
    bounds = {"first": timedelta(minutes=1), "longest": timedelta(minutes=15)}
    ages = [timedelta(0), timedelta(minutes=4), timedelta(days=1)]

    waits = [wait_by_age(age, **bounds) for age in ages]

    assert waits == [timedelta(minutes=1), timedelta(minutes=4), timedelta(minutes=15)]


@pytest.mark.parametrize(("code", "seconds"), [("000000", 80), ("500000", 100), ("999999", 120)])
def test_waits_are_spread_by_a_fifth_either_way(code, seconds):
    class Fixed:
        def code(self):
            return code

    moved = spread(timedelta(seconds=100), Fixed())

    assert round(moved.total_seconds()) == seconds


def test_the_text_of_every_sms_file_is_known():
    names = {path.stem for path in (resources.template_folder() / "sms").glob("*.txt")}

    codes = {code_message_id(purpose) for purpose in CodePurpose}
    assert names == set(Notice) | codes | {CODE_AT_PORTAL}
