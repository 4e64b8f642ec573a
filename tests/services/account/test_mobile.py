"""The change of the mobile: both numbers, the registry, the hold of the recovery."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from idp.domain.people.account import AccountState, MobileMethod
from idp.domain.people.mobile import Mobile
from idp.domain.people.mobile_change import ChangeState
from idp.domain.registration.verdict import PhoneAnswer
from idp.domain.sign_in.one_time_code import CodeTry
from idp.services.account.change_mobile import (
    CHECK_MOBILE,
    ChangeMobile,
    MobileRefused,
    Proven,
)
from idp.services.account.check_mobile import CheckMobile
from idp.services.messages.one_time_codes import OneTimeCodes
from idp.services.protection.owners_counters import TooMany
from idp.services.recovery.recover import NewPassword
from tests import factories
from tests.codes import code_limits
from tests.services.house import ANSWER, NEW_PASSWORD, visitor

NEW = factories.OTHER_MOBILE
OLD = factories.MOBILE


class Ownership:
    def __init__(self, answer):
        self.answer, self.asked = answer, []

    def check(self, national_id, mobile):
        self.asked.append((national_id, mobile))
        return self.answer


@pytest.fixture
def session(any_house):
    session = any_house.enter().session
    any_house.jobs()
    return session


@pytest.fixture
def house(any_house):
    return any_house


def sms(house):
    return [(job.sms.to, job.sms.message_id) for job in house.jobs() if job.sms]


def check(house, answer):
    """Run the job that asks the registry."""
    ownership = Ownership(answer)
    with house.begin() as work:
        job = work.outbox.claim(
            "w", house.clock(), lease=timedelta(minutes=1), kinds=(CHECK_MOBILE,)
        )
    runner = CheckMobile(kernel=house.kernel, mobile_ownership=ownership)
    runner.run(job)
    return ownership


def ask(house, session, mobile=NEW):
    """Prove both numbers; the job waits, messages are taken."""
    step = house.mobile.start(session, mobile)
    step = house.mobile.prove(session, step.sealed, take_code(house))
    assert house.mobile.prove(session, step.sealed, take_code(house)) is Proven.BOTH


def take_code(house):
    """The code of the newest message; other jobs stay."""
    with house.begin() as work:
        job = work.outbox.claim("w", house.clock(), lease=timedelta(minutes=1), kinds=("sms_code",))
        work.outbox.finish(job, house.clock())
    return re.search("#([0-9]{6})", job.sms.text)[1]


def test_the_old_number_gets_its_code_first_and_the_new_one_after_it(house, session):
    step = house.mobile.start(session, NEW)
    assert sms(house) == [(OLD, "code_leave_mobile")]
    house.later(minutes=2)
    house.mobile.send_again(session, step.sealed)
    step = house.mobile.prove(session, step.sealed, take_code(house))
    assert step.is_old_proven
    assert sms(house) == [(NEW, "code_change_mobile")]


def test_an_old_page_sends_no_code_for_a_step_that_is_over(house, session):
    old = house.mobile.start(session, NEW)
    house.mobile.prove(session, old.sealed, take_code(house))
    sms(house)
    house.later(minutes=2)
    assert house.mobile.send_again(session, old.sealed).is_old_proven
    assert sms(house) == []


@pytest.mark.parametrize("answer", [None, PhoneAnswer.MATCH], ids=["being asked", "changed"])
def test_an_old_page_sends_no_code_when_both_numbers_are_proven(house, session, answer):
    old = house.mobile.start(session, NEW)
    new = house.mobile.prove(session, old.sealed, take_code(house))
    house.mobile.prove(session, new.sealed, take_code(house))
    if answer:
        check(house, answer)
    sms(house)
    house.later(minutes=2)
    for step in (old, new):
        assert house.mobile.send_again(session, step.sealed) is MobileRefused.WAITING
    assert sms(house) == []


def test_a_code_typed_on_an_old_page_leads_to_the_step_of_now(house, session):
    old = house.mobile.start(session, NEW)
    code = take_code(house)
    house.mobile.prove(session, old.sealed, code)
    assert house.mobile.prove(session, old.sealed, code).is_old_proven


def test_the_number_is_the_new_one_after_the_registry_said_so(house, session):
    ask(house, session)
    assert house.account().mobile == OLD
    assert house.mobile.latest(session).state is ChangeState.WAITING
    ownership = check(house, PhoneAnswer.MATCH)
    account = house.account()
    assert ownership.asked == [(account.national_id, NEW)]
    assert account.mobile == NEW
    assert account.assurance.mobile is MobileMethod.OWNERSHIP
    assert account.phone_number_verified
    assert house.mobile.latest(session).state is ChangeState.CHANGED
    assert house.mobile.latest(session).mobile is None
    assert house.actions()[-2:] == ["mobile_change_asked", "mobile_changed"]


def test_attack_O11_both_numbers_are_told_and_recovery_is_held_for_72_hours(house, session):
    ask(house, session)
    check(house, PhoneAnswer.MATCH)
    assert set(sms(house)) == {(OLD, "mobile_changed_old"), (NEW, "mobile_changed_new")}
    assert house.account().is_recovery_held(house.clock() + timedelta(hours=71, minutes=59))
    assert not house.account().is_recovery_held(house.clock() + timedelta(hours=72))


def test_attack_O11_a_held_recovery_gets_a_message_and_no_code(house, session):
    house.change(recovery_held_until=house.clock() + timedelta(hours=72))
    house.later(minutes=2)
    recovery = house.recover.start(factories.NATIONAL_ID, visitor())
    assert sms(house) == [(OLD, "recovery_held")]
    assert house.recover.prove(recovery, "000000", visitor()) is CodeTry.WRONG
    assert house.recover.send_again(recovery, visitor())
    assert sms(house) == []


def test_a_recovery_opens_again_after_the_hold(house, session):
    house.change(recovery_held_until=house.clock() + timedelta(hours=72))
    house.later(hours=72)
    house.recover.start(factories.NATIONAL_ID, visitor())
    assert sms(house) == [(OLD, "code_recovery")]


def test_attack_O11_a_recovery_proven_before_the_change_changes_nothing(house, session):
    house.later(minutes=2)
    recovery = house.recover.start(factories.NATIONAL_ID, visitor())
    house.recover.prove(recovery, house.code(), visitor())
    house.change(recovery_held_until=house.clock() + timedelta(hours=72))
    done = house.recover.finish(recovery, NewPassword(ANSWER, NEW_PASSWORD), visitor())
    assert done == "wrong"


def test_a_number_that_is_not_the_persons_changes_nothing_and_leads_to_the_branch(house, session):
    ask(house, session)
    check(house, PhoneAnswer.MISMATCH)
    assert house.account().mobile == OLD
    assert sms(house) == [(OLD, "mobile_unchanged")]
    latest = house.mobile.latest(session)
    assert (latest.state, latest.reason) == (ChangeState.REFUSED, "phone_mismatch")


@pytest.mark.parametrize("answer", [PhoneAnswer.NO_ANSWER, PhoneAnswer.UNAVAILABLE])
def test_without_an_answer_the_registry_is_asked_for_a_day_and_then_the_branch_decides(
    house, session, answer
):
    ask(house, session)
    check(house, answer)
    assert house.mobile.latest(session).state is ChangeState.WAITING
    house.later(hours=24)
    check(house, answer)
    latest = house.mobile.latest(session)
    assert (latest.state, latest.reason) == (ChangeState.REFUSED, f"phone_{answer}")
    assert house.account().mobile == OLD


@pytest.mark.parametrize("changes", [{"epoch": 1}, {"state": AccountState.SUSPENDED}])
def test_a_new_password_or_a_suspension_cancels_the_change(house, session, changes):
    ask(house, session)
    house.change(**changes)
    check(house, PhoneAnswer.MATCH)
    assert house.account().mobile == OLD
    assert house.mobile.latest(session).reason == "cancelled"
    assert sms(house) == []


def test_a_change_that_was_decided_meanwhile_is_left_as_it_is(house, session):
    ask(house, session)
    with house.begin() as work:
        change = work.mobile_changes.latest("account-1")
        decided = change.decided(ChangeState.REFUSED, "cancelled", at=house.clock())
        work.mobile_changes.save(decided)
    assert check(house, PhoneAnswer.MATCH).asked == []
    assert house.account().mobile == OLD


def test_a_change_that_is_decided_while_the_registry_is_asked_is_left_as_it_is(house, session):
    ask(house, session)
    with house.begin(read_only=True) as work:
        change = work.mobile_changes.latest("account-1")

    class Meanwhile(Ownership):
        def check(self, national_id, mobile):
            with house.begin() as work:
                work.mobile_changes.save(
                    change.decided(ChangeState.REFUSED, "cancelled", at=house.clock())
                )
            return PhoneAnswer.MATCH

    with house.begin() as work:
        job = work.outbox.claim(
            "w", house.clock(), lease=timedelta(minutes=1), kinds=(CHECK_MOBILE,)
        )
    CheckMobile(kernel=house.kernel, mobile_ownership=Meanwhile(PhoneAnswer.MATCH)).run(job)
    assert house.account().mobile == OLD


def test_attack_O05_the_code_of_the_old_number_does_not_stand_for_the_new_one(house, session):
    step = house.mobile.start(session, NEW)
    old_code = take_code(house)
    step = house.mobile.prove(session, step.sealed, old_code)
    again = house.mobile.prove(session, step.sealed, old_code)
    assert again is MobileRefused.CODE_WRONG
    assert house.mobile.latest(session) is None


def test_attack_SE07_the_first_step_cannot_be_skipped(house, session):
    step = house.mobile.start(session, NEW)
    forged = replace(step, is_old_proven=True)
    assert house.mobile.prove(session, forged.sealed, "123456") is MobileRefused.CODE_WRONG


def test_attack_SE02_a_change_of_another_session_goes_nowhere(house, session):
    step = house.mobile.start(session, NEW)
    other = replace(session, id="other")
    assert house.mobile.prove(other, step.sealed, "1") is MobileRefused.EXPIRED
    assert house.mobile.send_again(other, step.sealed) is MobileRefused.EXPIRED


@pytest.mark.parametrize("sealed", ["", "x", "\x00"])
def test_a_made_up_change_goes_nowhere(house, session, sealed):
    assert house.mobile.prove(session, sealed, "1") is MobileRefused.EXPIRED


def test_a_change_that_lay_too_long_goes_nowhere(house, session):
    step = house.mobile.start(session, NEW)
    house.later(minutes=30)
    assert house.mobile.prove(session, step.sealed, "1") is MobileRefused.EXPIRED


def test_the_present_number_is_no_change(house, session):
    assert house.mobile.start(session, OLD) is MobileRefused.SAME


def test_while_one_change_waits_there_is_no_other(house, session):
    step = house.mobile.start(session, Mobile("+989120000001"))
    step = house.mobile.prove(session, step.sealed, take_code(house))
    code = take_code(house)
    house.later(minutes=2)
    ask(house, session)
    assert house.mobile.start(session, NEW) is MobileRefused.WAITING
    assert house.mobile.prove(session, step.sealed, code) is MobileRefused.WAITING


def test_nobody_sends_codes_to_number_after_number(house, session):
    for last in range(5):
        house.mobile.start(session, Mobile(f"+98912000000{last}"))
    with pytest.raises(TooMany):
        house.mobile.start(session, NEW)


def test_a_change_begun_again_is_the_same_and_keeps_the_code_that_came(house, session):
    step = house.mobile.start(session, NEW)
    code = take_code(house)
    house.later(minutes=2)
    again = house.mobile.start(session, NEW)
    assert sms(house) == []
    house.mobile.prove(session, step.sealed, code)
    assert house.mobile.standing(session, again.sealed).step.is_old_proven


def test_the_page_of_a_change_knows_how_its_code_stands(house, session):
    step = house.mobile.start(session, NEW)
    standing = house.mobile.standing(session, step.sealed)
    assert (standing.step.is_old_proven, standing.code.asked_at) == (False, house.clock())


def test_back_shows_no_step_that_is_over(house, session):
    first = house.mobile.start(session, NEW)
    house.mobile.prove(session, first.sealed, take_code(house))
    assert house.mobile.standing(session, first.sealed).step.is_old_proven


def test_the_page_of_a_change_that_is_asked_leads_to_where_it_stands(house, session):
    step = house.mobile.start(session, NEW)
    step = house.mobile.prove(session, step.sealed, take_code(house))
    house.mobile.prove(session, step.sealed, take_code(house))
    assert house.mobile.standing(session, step.sealed) is MobileRefused.WAITING


def test_a_made_up_change_has_no_page(house, session):
    assert house.mobile.standing(session, "x") is MobileRefused.EXPIRED


def test_five_wrong_codes_kill_the_code(house, session):
    step = house.mobile.start(session, NEW)
    tried = [house.mobile.prove(session, step.sealed, "x") for _ in range(6)]
    assert tried[4:] == [MobileRefused.CODE_WRONG, MobileRefused.CODE_DEAD]


def test_a_session_that_died_meanwhile_changes_nothing(house, session):
    step = house.mobile.start(session, NEW)
    code = take_code(house)
    house.change(epoch=1)
    assert house.mobile.prove(session, step.sealed, code) is MobileRefused.EXPIRED


def proven_meanwhile(house, session, happens):
    """Prove the new number while ``happens`` is done in the same moment."""

    class Meanwhile(OneTimeCodes):
        def attempt(self, work, to, typed):
            happens(work)
            return super().attempt(work, to, typed)

    step = house.mobile.start(session, NEW)
    step = house.mobile.prove(session, step.sealed, take_code(house))
    codes = Meanwhile(
        kernel=house.kernel,
        limits=code_limits(house.clock, house.vault),
        host="account.tamin.ir",
    )
    change = ChangeMobile(
        kernel=house.kernel, codes=codes, changes=house.five_a_day("mobile_change")
    )
    return change.prove(session, step.sealed, take_code(house))


def test_a_session_that_dies_while_the_code_is_counted_changes_nothing(house, session):
    def dies(work):
        account = work.accounts.find("account-1")
        work.accounts.save(replace(account, epoch=1))

    assert proven_meanwhile(house, session, dies) is MobileRefused.EXPIRED


def test_a_change_that_another_device_asks_for_meanwhile_is_waited_for(house, session):
    def asks(work):
        assert work.mobile_changes.add(factories.mobile_change())

    assert proven_meanwhile(house, session, asks) is MobileRefused.WAITING


def test_an_account_that_is_gone_gets_no_code(house, session):
    step = house.mobile.start(session, NEW)
    gone = replace(session, account_id="gone")
    assert house.mobile.send_again(gone, step.sealed) is MobileRefused.EXPIRED
