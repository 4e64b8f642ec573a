"""A job is its worker's while the lease lasts, also among many (faults F13, F14, F25, F33)."""

import threading
from collections import Counter
from contextlib import suppress

import pytest

from idp.domain.registration.case_state import CaseState
from idp.ports import DatabaseUnavailable
from tests.fault.workers import known_person, put, worker
from tests.services.laboratory import HOUR, LEASE, with_mobile


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
    case = lab.submit(known_person(lab))

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


def test_a_job_whose_statement_was_ended_comes_again_before_its_lease_ends(lab):  # F13, F14
    case = lab.submit(known_person(lab))
    decide = lab.use_cases().decide_case
    ended = []

    def run(job):
        if not ended:
            ended.append(job)
            raise DatabaseUnavailable
        decide.run(job)

    one = worker(lab, run, "check_case")
    with pytest.raises(DatabaseUnavailable):
        one.run_one()
    lab.clock.move(LEASE / 2)
    one.run_one()

    assert lab.case(case).state is CaseState.ACTIVATED


def test_a_job_whose_statements_are_always_ended_is_parked_too(lab):  # F33
    put(lab)

    def run(job):
        raise DatabaseUnavailable

    one = worker(lab, run)
    for _ in range(6):
        with suppress(DatabaseUnavailable):
            one.run_one()
        lab.clock.move(HOUR)  # longer than a job waits for its next try

    with lab.begin(read_only=True) as work:
        assert [job.reason for job in work.outbox.dead()] == ["worker_died"]


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
    person = known_person(lab)
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
