"""A worker that is killed anywhere in the middle of a case (fault F01)."""

import os
import random
import signal
import sys
from datetime import timedelta

import pytest

from idp.domain.registration.verdict import NotFound, PhoneAnswer
from idp.ports import Operator, SmsReceipt, SmsResult
from idp.services.desk.desk_acts import DeskAct
from tests.fault.workers import known_person
from tests.services.laboratory import LEASE, Laboratory

ROUNDS = int(os.environ.get("IDP_TEST_KILLS", "1"))
"""``make races`` kills 17 times for each end of a case and each database: 102 points."""
SEED = 20260321
ANSWERS = {
    "activated": (None, PhoneAnswer.MATCH),
    "branch": (None, PhoneAnswer.MISMATCH),
    "mismatch": (NotFound(), PhoneAnswer.MATCH),
}
"""What the registries say (None: the person as known) for each way in which a case can end."""


@pytest.fixture
def lab(deadly_url):
    laboratory = Laboratory(deadly_url)
    yield laboratory
    laboratory.close()


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
    inner = Laboratory(url)
    inner.clock.now = lab.clock.now
    inner.registries.people.update(lab.registries.people)
    inner.registries.phone = lab.registries.phone
    inner.registries.registry = lab.registries.registry
    inner.gateways[:] = [LedgerGateway(ledger)]
    return inner


@pytest.mark.slow
@pytest.mark.parametrize("expected", ANSWERS)
def test_a_killed_worker_loses_no_case_decides_none_twice_and_forgets_no_message(
    lab, deadly_url, tmp_path, expected
):  # F01: random points in the middle of a case, on each database
    randomness = random.Random(f"{SEED} {expected}")  # other points for each
    ledger = tmp_path / "ledger"
    ledger.touch()
    known = known_person(lab)
    lab.registries.registry, lab.registries.phone = ANSWERS[expected]
    whole = _lines_of_a_whole_run(lab, deadly_url, ledger, known)
    kills = 0
    for _ in range(ROUNDS):
        lab.database.close()
        case, taken = _fresh_case(lab, known), len(ledger.read_text().splitlines())
        lab.database.close()

        status = run_until_killed(deadly_url, lab, ledger, randomness.randrange(1, whole))
        kills += os.WIFSIGNALED(status)
        for _ in range(3):
            lab.clock.move(LEASE + timedelta(seconds=10))
            after = laboratory_of(deadly_url, lab, ledger)
            after.work()
            after.close()

        _judge(lab, case, known, expected, ledger.read_text().splitlines()[taken:])
        _clear(lab, case, known)
    assert kills >= ROUNDS * 0.8


def _judge(lab, case, known, expected, sent):
    assert lab.case(case).state == expected
    assert [a for a in lab.actions(case.id) if a == f"case.{expected}"] == [f"case.{expected}"]
    assert (lab.account_of(known.national_id) is not None) == (expected == "activated")
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
    act = DeskAct("o", "b", "d", "next round", Operator("tests", "here"))
    account = lab.account_of(known.national_id)
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
