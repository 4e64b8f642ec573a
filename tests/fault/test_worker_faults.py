"""The worker among dying workers, poison rows and its own kind (faults F01, F25, F33)."""

import os
import random
import signal
import sys
import threading
from collections import Counter
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text
from structlog.testing import capture_logs

from idp import resources
from idp.domain.case_state import CaseState
from idp.domain.mobile import Mobile
from idp.domain.one_time_code import CodePurpose
from idp.domain.verdict import NotFound, PhoneAnswer
from idp.jobs.schedule import Schedule
from idp.jobs.worker import Handler, Worker
from idp.ports import DatabaseAway, Job, SmsReceipt, SmsResult
from idp.services.desk_acts import DeskAct
from idp.services.messages import Event, Notice, code_message_id, notice_job
from idp.services.waiting import spread, wait_by_age, wait_by_tries
from tests.services.cases.laboratory import LEASE, Laboratory, persona_of, with_mobile

ROUNDS = 50
SEED = 20260321
HOUR = timedelta(hours=1)


@pytest.fixture
def lab(database_url):
    laboratory = Laboratory(database_url)
    yield laboratory
    laboratory.close()


def put(lab, kind="poison", unique="1"):
    with lab.begin() as work:
        work.outbox.put(Job(kind=kind, subject="s", unique=unique, run_at=lab.clock()))


def worker(lab, run, kind="poison", name="w"):
    return Worker(name, lab.worker_ports(), {kind: Handler(run)})


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


def test_a_parked_row_is_an_alarm(lab):
    put(lab)

    with capture_logs() as logs:
        run_through(lab, worker(lab, explode))

    assert [line["alarm"] for line in logs if "alarm" in line] == ["job_parked"]


def test_a_failure_is_logged_without_what_the_exception_says(lab):
    put(lab)

    with capture_logs() as logs:
        worker(lab, explode).run_due()

    assert "0912" not in repr(logs)
    assert logs[0]["error"] == "ValueError"
    assert logs[0]["place"].startswith("test_worker_faults.py:")


def test_others_go_on_beside_a_poison_row(lab):
    put(lab)
    case = lab.submit(_known(lab))
    run_through(lab, worker(lab, explode))

    lab.work()

    assert lab.case(case).state is CaseState.ACTIVATED


@pytest.mark.parametrize("sealed", ["garbage", ""])
def test_a_row_that_cannot_be_opened_is_parked_and_others_go_on(lab, database_url, sealed):  # F33
    put_notice(lab, "1")
    break_jobs(database_url, {"sealed_message": sealed})

    assert_parked_beside_another(lab, database_url)


def test_a_row_that_cannot_be_read_is_parked_and_others_go_on(sqlite_url):  # F33
    """SQLite only: PostgreSQL takes no broken JSON."""
    lab = Laboratory(sqlite_url)
    put_notice(lab, "1")
    break_jobs(sqlite_url, {"payload": "{broken"})

    assert_parked_beside_another(lab, sqlite_url)
    lab.close()


def test_a_message_whose_key_comes_within_minutes_is_not_lost(lab, database_url):
    """A worker may be restarted with a new sealing key later than the pages that use it."""
    put_notice(lab, "1")
    newer = Laboratory(database_url, migrate=False)
    newer.clock.now = lab.clock.now
    sealed = column(database_url, "sealed_message")
    break_jobs(database_url, {"sealed_message": f"k2{sealed[2:]}"})
    newer.work()
    break_jobs(database_url, {"sealed_message": sealed})

    newer.work_for(timedelta(minutes=10), step=timedelta(minutes=1))
    newer.close()

    assert len(newer.gateway.sent) == 1


def assert_parked_beside_another(lab, url):
    put_notice(lab, "2")
    with capture_logs() as logs:
        lab.work_for(timedelta(minutes=30), step=timedelta(minutes=1))

    assert len(lab.gateway.sent) == 1
    assert [line["alarm"] for line in logs if "alarm" in line] == ["job_parked"]
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
        Schedule(failing, lab.clock, each_minute=lambda: None).run(stop)

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


def test_a_row_that_kills_its_worker_is_parked_too(lab):
    put(lab)
    dying = worker(lab, lambda job: None)  # never ends its job, as if killed on the way

    for _ in range(6):
        dying.run_one()
        lab.clock.move(LEASE)

    with lab.begin(read_only=True) as work:
        assert [job.reason for job in work.outbox.dead()] == ["worker_died"]


def test_a_job_held_by_a_living_worker_is_left_to_it(lab):
    put(lab)
    worker(lab, lambda job: None).run_one()

    assert worker(lab, lambda job: None, name="other").run_one() is False


def test_who_lost_the_lease_writes_nothing(lab):
    case = lab.submit(_known(lab))

    class Sleepy:
        """Answers after another worker has taken the case over and decided it."""

        def lookup(self, national_id, birth):
            lab.registries.lookup = original
            lab.clock.move(LEASE)
            lab.work()
            return original(national_id, birth)

    original = lab.registries.lookup
    lab.registries.lookup = Sleepy().lookup

    lab.work()

    assert lab.actions(case.id) == ["case.activated"]


def test_a_database_that_is_away_stops_no_worker(lab):
    stop = threading.Event()
    tries = []

    def away(*, read_only=False):
        tries.append(1)
        stop.set()
        raise DatabaseAway

    lab.begin = away
    worker(lab, explode).run(stop, timedelta(seconds=1))

    assert tries == [1]


def test_a_job_whose_statement_was_ended_comes_again_before_its_lease_ends(lab):  # F13, F14
    case = lab.submit(_known(lab))
    decide = lab.use_cases().decide_case
    ended = []

    def run(job):
        if not ended:
            ended.append(job)
            raise DatabaseAway
        decide.run(job)

    one = worker(lab, run, "check_case")
    with pytest.raises(DatabaseAway):
        one.run_one()
    lab.clock.move(LEASE / 2)
    one.run_one()

    assert lab.case(case).state is CaseState.ACTIVATED


def test_a_job_whose_statements_are_always_ended_is_parked_too(lab):  # F33
    put(lab)

    def run(job):
        raise DatabaseAway

    one = worker(lab, run)
    for _ in range(6):
        with suppress(DatabaseAway):
            one.run_one()
        lab.clock.move(LEASE)

    with lab.begin(read_only=True) as work:
        assert [job.reason for job in work.outbox.dead()] == ["worker_died"]


def test_a_case_of_a_failing_rule_is_not_lost(lab):
    case = lab.submit(_known(lab))
    original, lab.registries.lookup = lab.registries.lookup, lambda *who: 1 / 0
    lab.work()
    lab.registries.lookup = original

    lab.work_for(HOUR)

    assert lab.case(case).state is CaseState.ACTIVATED


def test_a_case_whose_check_was_parked_is_checked_again_within_the_hour(lab):
    case = lab.submit(_known(lab))
    original, lab.registries.lookup = lab.registries.lookup, lambda *who: 1 / 0
    lab.work_for(HOUR / 2, step=timedelta(minutes=5))
    lab.registries.lookup = original
    with lab.begin(read_only=True) as work:
        assert [job.kind for job in work.outbox.dead()] == ["check_case"]

    lab.work_for(HOUR)

    assert lab.case(case).state is CaseState.ACTIVATED


def test_stopping_ends_the_job_in_hand_first(lab):
    case = lab.submit(_known(lab))
    told = threading.Event()
    original = lab.registries.lookup

    def lookup(*who):
        told.set()
        return original(*who)

    lab.registries.lookup = lookup

    lab.crew.run(told.is_set)

    assert lab.case(case).state is CaseState.ACTIVATED


@pytest.mark.parametrize("workers", [2, 4])
def test_several_workers_run_each_job_once(lab, workers):  # F25
    ran = Counter()
    for number in range(60):
        put(lab, unique=str(number))

    def run(job):
        ran[job.id] += 1
        with lab.begin() as work:
            work.outbox.finish(job, lab.clock())

    threads = [
        threading.Thread(target=worker(lab, run, name=f"w{n}").run_due) for n in range(workers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(ran) == 60
    assert set(ran.values()) == {1}


def test_two_cases_of_one_person_at_once_give_one_account(lab):
    person = _known(lab)
    cases = [lab.submit(person), lab.submit(with_mobile(person, "+989121111111"))]
    barrier = threading.Barrier(2)
    original = lab.registries.check

    def together(*who):
        barrier.wait(timeout=10)
        return original(*who)

    lab.registries.check = together
    decide = lab.use_cases().decide_case
    threads = [
        threading.Thread(target=worker(lab, decide.run, "check_case", f"w{n}").run_due)
        for n in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    states = sorted(lab.case(case).state for case in cases)
    assert states == [CaseState.ACTIVATED, CaseState.DUPLICATE]


ANSWERS = {
    "activated": (None, PhoneAnswer.MATCH),
    "branch": (None, PhoneAnswer.MISMATCH),
    "mismatch": (NotFound(), PhoneAnswer.MATCH),
}
"""What the registries say (None: the person as known) for each way in which a case can end."""


class LedgerGateway:
    """A gateway in another process: what it took stands in a file, one line a message."""

    def __init__(self, ledger):
        self.ledger = ledger

    def send(self, uid, to, text, *, again):
        with self.ledger.open("a") as lines:
            lines.write(f"{uid} {to.e164}\n")
            lines.flush()
            os.fsync(lines.fileno())
        return SmsReceipt(SmsResult.ACCEPTED)


def run_until_killed(url, lab, ledger, lines):
    """Run a worker in a process of its own that kills itself after ``lines`` lines of the hub."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    try:
        inner = laboratory_of(url, lab, ledger)
        sys.settrace(_killer(lines))
        inner.work()
    finally:
        os._exit(0)


def _killer(lines):
    left = [lines]

    def trace(frame, event, argument):
        if "/idp/" not in frame.f_code.co_filename:
            return None
        left[0] -= event == "line"
        if left[0] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return trace

    return trace


def laboratory_of(url, lab, ledger):
    inner = Laboratory(url, migrate=False)
    inner.clock.now = lab.clock.now
    inner.registries.people.update(lab.registries.people)
    inner.registries.phone = lab.registries.phone
    inner.registries.registry = lab.registries.registry
    inner.gateways[:] = [LedgerGateway(ledger)]
    return inner


@pytest.mark.slow
@pytest.mark.parametrize("expected", ANSWERS)
def test_a_killed_worker_loses_no_case_decides_none_twice_and_forgets_no_message(
    lab, database_url, tmp_path, expected
):  # F01: 50 random points in the middle of a case
    chance = random.Random(SEED)
    ledger = tmp_path / "ledger"
    ledger.touch()
    known = _known(lab)
    lab.registries.registry, lab.registries.phone = ANSWERS[expected]
    whole = _lines_of_a_whole_run(lab, database_url, ledger, known)
    kills = 0
    for _ in range(ROUNDS):
        lab.database.close()
        case, taken = _fresh_case(lab, known), len(ledger.read_text().splitlines())
        lab.database.close()

        status = run_until_killed(database_url, lab, ledger, chance.randrange(1, whole))
        kills += os.WIFSIGNALED(status)
        for _ in range(3):
            lab.clock.move(LEASE + timedelta(seconds=10))
            after = laboratory_of(database_url, lab, ledger)
            after.work()
            after.close()

        _judge(lab, case, known, expected, ledger.read_text().splitlines()[taken:])
        _clear(lab, case, known)
    assert kills >= ROUNDS * 0.8


def _judge(lab, case, known, expected, sent):
    assert lab.case(case).state == expected
    assert [a for a in lab.actions(case.id) if a == f"case.{expected}"] == [f"case.{expected}"]
    assert (lab.account(known.national_id) is not None) == (expected == "activated")
    distinct = set(sent)
    assert len(distinct) == 1, "one event, one message id"
    assert len(sent) <= 2, "repeated at most once, by the kill between send and mark"
    with lab.begin(read_only=True) as work:
        assert work.outbox.dead() == []
        assert work.outbox.waiting() == 0


def _fresh_case(lab, known):
    lab.clock.move(timedelta(hours=1))
    return lab.submit(known)


def _clear(lab, case, known):
    """Make room for the next round: the account is closed, the branch case rejected."""
    act = DeskAct("o", "b", "d", "next round")
    account = lab.account(known.national_id)
    if account:
        lab.citizens.close(account.id, act)
    if lab.case(case).is_open:
        lab.desk.reject(case.id, act)
    lab.work()


def _lines_of_a_whole_run(lab, url, ledger, known):
    """Count the hub's lines of one undisturbed run, so that kills fall everywhere in it."""
    case = _fresh_case(lab, known)
    inner = laboratory_of(url, lab, ledger)
    count = [0]

    def trace(frame, event, argument):
        if "/idp/" not in frame.f_code.co_filename:
            return None
        count[0] += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        inner.work()
    finally:
        sys.settrace(before)
    inner.close()
    _clear(lab, case, known)
    return count[0]


def _known(lab):
    application, known = persona_of("ok_male")
    lab.registries.people[application.national_id.value] = known
    return application


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

    assert names == set(Notice) | {code_message_id(purpose) for purpose in CodePurpose}
