"""From the desk to a password of one's own: the ordinary recovery takes over."""

from dataclasses import replace
from datetime import timedelta

import pytest

from idp.domain.protection.rate_limits import Limit
from idp.domain.registration.verdict import NotFound
from idp.services.desk.citizens import NewAnswer
from idp.services.desk.desk import Filing
from idp.services.desk.desk_acts import DeskAct
from idp.services.protection.password_tries import Visitor
from idp.services.recovery.recover import (
    Changed,
    NewPassword,
    Recover,
    RecoveryFailed,
)
from idp.services.sign_in.known_devices import KnownDevices
from tests.services.officer import FIRST, SECOND

ACT = DeskAct("o-17", "شعبه ۴ تهران", "کارت ملی و شناسنامه", "درخواست بیمه‌شده", FIRST)
OTHER = replace(ACT, officer="o-18", operator=SECOND)
VISITOR = Visitor(browser="browser", address="192.0.2.1")
PASSWORD = "Blue9Lake77"


@pytest.fixture
def recover(lab):
    return Recover(
        kernel=lab.kernel,
        codes=lab.codes,
        devices=KnownDevices(kernel=lab.kernel, life=timedelta(days=30)),
        answers=Limit(5, timedelta(days=30)),
        sms_code=True,
    )


def finish(lab, recover, national_id, mobile, answer):
    """Walk the whole recovery and return how it ended."""
    recovery = recover.start(national_id, VISITOR)
    lab.work()
    recover.prove(recovery, lab.last_code(mobile), VISITOR)
    return recover.finish(recovery, NewPassword(answer, PASSWORD), VISITOR)


def wait(lab):
    """Let the limits of SMS to one phone pass."""
    lab.clock.move(timedelta(hours=3))


def test_a_citizen_filed_at_the_desk_sets_the_first_password_by_recovery(lab, person, recover):
    lab.registries.registry = NotFound()
    case = lab.desk.file(Filing(person, "آبی"), ACT)
    lab.desk.send_code(case.id, OTHER)
    lab.work()
    lab.desk.activate(case.id, lab.last_code(person.mobile), ACT)
    wait(lab)

    ended = finish(lab, recover, person.national_id, person.mobile, "آبي")

    assert ended is Changed.CHANGED
    assert lab.account_of(person.national_id).credentials.password_hash == f"1:{PASSWORD}"


def test_a_recovery_opened_at_the_desk_forgets_wrong_answers(lab, person, recover):
    lab.submit(person)
    lab.work()
    for _ in range(5):
        wait(lab)
        finish(lab, recover, person.national_id, person.mobile, "سبز")
    wait(lab)
    assert (
        finish(lab, recover, person.national_id, person.mobile, "آبی")
        is RecoveryFailed.NO_MORE_ANSWERS
    )

    lab.citizens.start_recovery(person.national_id, ACT)
    wait(lab)

    assert finish(lab, recover, person.national_id, person.mobile, "ابی") is Changed.CHANGED


def test_an_answer_chosen_at_the_desk_is_the_one_that_counts(lab, person, recover):
    lab.submit(person)
    lab.work()
    lab.citizens.start_recovery(person.national_id, ACT, NewAnswer(person.question, "بنفش"))

    ended = finish(lab, recover, person.national_id, person.mobile, "بنفش")

    assert ended is Changed.CHANGED
