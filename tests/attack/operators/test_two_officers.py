"""One officer alone gets no account (OP9): whom the machine tells apart, or 72 hours between."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from idp.domain.people.account import Account, MobileMethod
from idp.domain.people.questions import QUESTIONS
from idp.domain.registration.verdict import NotFound, PhoneAnswer
from idp.ports import Operator
from idp.services.desk.citizens import NewAnswer
from idp.services.desk.desk import Filing
from idp.services.desk.desk_acts import DeskAct, DeskRefused
from idp.services.protection.password_tries import Visitor
from idp.services.recovery.recover import Changed, NewPassword, RecoveryFailed
from tests.factories import PHYSICIAN
from tests.services.conftest import lab, person
from tests.services.desk.test_desk_and_recovery import recover
from tests.services.laboratory import Laboratory
from tests.services.officer import FIRST, NEW_MOBILE, SECOND

__all__ = ["lab", "person", "recover"]

ONE = DeskAct("o-17", "شعبه ۴ تهران", "کارت ملی", "درخواست بیمه‌شده", FIRST)
OTHER = replace(ONE, officer="o-18", operator=SECOND)
DISGUISES = {
    "the same in everything": ONE,
    "another name": replace(ONE, officer="somebody else"),
    "another name on another machine": replace(
        ONE, officer="o-18", operator=Operator(FIRST.user, "x")
    ),
    "the same name as another user": replace(ONE, operator=SECOND),
    "the same name in other letters": replace(ONE, officer="O ۱۷", operator=SECOND),
}
ANSWER = NewAnswer(QUESTIONS[1], "خانم کریمی")
DAYS_3 = timedelta(hours=72)
in_any_disguise = pytest.mark.parametrize("again", DISGUISES.values(), ids=DISGUISES.keys())


@pytest.fixture
def account(lab: Laboratory, person) -> Account:
    lab.submit(person)
    lab.work()
    return lab.account_of(person.national_id)


def refused(act: Callable[[], object]) -> bool:
    with pytest.raises(DeskRefused) as refusal:
        act()
    return refusal.value.code == "same_officer"


def send(lab: Laboratory, account: Account, act: DeskAct) -> str:
    lab.citizens.send_mobile_code(account.id, NEW_MOBILE, act)
    lab.work()
    return lab.last_code(NEW_MOBILE)


def change_mobile(lab: Laboratory, account: Account, act: DeskAct) -> Account:
    return lab.citizens.change_mobile(account.id, NEW_MOBILE, send(lab, account, OTHER), act)


@in_any_disguise
def test_attack_OP9_who_changed_the_phone_opens_no_recovery(lab, account, again):
    change_mobile(lab, account, ONE)

    assert refused(lambda: lab.citizens.start_recovery(account.id, again, ANSWER))


@in_any_disguise
def test_attack_OP9_who_opened_the_recovery_changes_no_phone(lab, account, again):
    lab.citizens.start_recovery(account.id, ONE, ANSWER)
    code = send(lab, account, OTHER)

    assert refused(lambda: lab.citizens.change_mobile(account.id, NEW_MOBILE, code, again))


@pytest.mark.parametrize(
    "answer", [PhoneAnswer.MISMATCH, PhoneAnswer.NO_ANSWER, PhoneAnswer.UNAVAILABLE]
)
@in_any_disguise
def test_attack_OP9_a_phone_that_is_not_known_as_theirs_takes_two(lab, account, again, answer):
    lab.registries.phone = answer
    code = send(lab, account, ONE)

    assert refused(lambda: lab.citizens.change_mobile(account.id, NEW_MOBILE, code, again))


def test_attack_OP9_a_code_that_another_sent_before_vouches_for_no_later_one(lab, account):
    lab.registries.phone = PhoneAnswer.MISMATCH
    send(lab, account, OTHER)
    lab.clock.move(timedelta(hours=2))
    code = send(lab, account, ONE)

    assert refused(lambda: lab.citizens.change_mobile(account.id, NEW_MOBILE, code, ONE))


def test_attack_OP9_two_officers_give_a_phone_that_the_branch_answers_for(lab, account):
    lab.registries.phone = PhoneAnswer.MISMATCH

    changed = change_mobile(lab, account, ONE)

    assert (changed.mobile, changed.assurance.mobile) == (NEW_MOBILE, MobileMethod.BRANCH)


def test_attack_OP9_a_phone_that_the_registry_knows_as_theirs_takes_one(lab, account):
    code = send(lab, account, ONE)

    changed = lab.citizens.change_mobile(account.id, NEW_MOBILE, code, ONE)

    assert (changed.mobile, changed.assurance.mobile) == (NEW_MOBILE, MobileMethod.OWNERSHIP)


def test_attack_OP9_after_72_hours_one_officer_may_do_the_second_act(lab, account):
    change_mobile(lab, account, ONE)
    lab.clock.move(DAYS_3)

    assert lab.citizens.start_recovery(account.id, ONE, ANSWER)


def test_attack_OP9_a_second_officer_may_do_the_second_act_at_once(lab, account):
    change_mobile(lab, account, ONE)

    assert lab.citizens.start_recovery(account.id, OTHER, ANSWER)


def test_attack_OP9_no_act_of_the_desk_lifts_the_hold_of_the_recovery(lab, account, recover):
    change_mobile(lab, account, ONE)
    lab.citizens.start_recovery(account.id, OTHER, ANSWER)
    lab.work()
    sent = len(lab.texts_to(NEW_MOBILE))
    recover.start(account.national_id, VISITOR)
    lab.work()

    texts = lab.texts_to(NEW_MOBILE)
    assert "۷۲ ساعت" in texts[sent - 1]
    assert not [text for text in texts[sent:] if f"#{lab.last_code(NEW_MOBILE)}" in text]


def test_attack_OP9_after_the_hold_the_citizen_recovers(lab, account, recover):
    change_mobile(lab, account, ONE)
    lab.citizens.start_recovery(account.id, OTHER, ANSWER)
    lab.clock.move(DAYS_3)

    recovery = recover.start(account.national_id, VISITOR)
    lab.work()
    recover.prove(recovery, lab.last_code(NEW_MOBILE), VISITOR)
    ended = recover.finish(recovery, NewPassword("خانم کریمی", "Blue9Lake77"), VISITOR)

    assert ended is Changed.CHANGED is not RecoveryFailed.WRONG


VISITOR = Visitor(browser="browser", address="192.0.2.1")


@pytest.fixture
def physician(lab: Laboratory, account: Account) -> Account:
    with lab.begin() as work:
        work.accounts.save(account.with_profession(PHYSICIAN, at=lab.clock()))
    return lab.account_of(account.national_id)


def test_attack_OP9_a_profession_rests_after_a_change_of_phone(lab, physician):
    lab.registries.phone = PhoneAnswer.MISMATCH

    changed = change_mobile(lab, physician, ONE)

    assert (changed.physician, "physician" in changed.roles) == (None, False)
    assert changed.claim.at == lab.clock() + DAYS_3


def test_attack_OP9_a_profession_is_asked_again_at_once_where_the_phone_is_known(lab, physician):
    changed = change_mobile(lab, physician, ONE)

    assert (changed.physician, changed.claim.at) == (None, lab.clock())


def test_attack_OP9_a_profession_rests_after_a_new_answer(lab, physician):
    opened = lab.citizens.start_recovery(physician.id, ONE, ANSWER)

    assert (opened.physician, opened.claim.at) == (None, lab.clock() + DAYS_3)


def test_attack_OP9_a_profession_stays_where_only_wrong_answers_are_forgotten(lab, physician):
    assert lab.citizens.start_recovery(physician.id, ONE).physician


def test_attack_OP9_nobody_is_asked_about_a_resting_profession_before_its_time(lab, physician):
    lab.registries.phone = PhoneAnswer.MISMATCH
    change_mobile(lab, physician, ONE)
    lab.work_for(DAYS_3 - timedelta(hours=1), step=timedelta(hours=12))

    assert lab.account_of(physician.national_id).claim


@in_any_disguise
def test_attack_OP9_who_filed_a_case_does_not_activate_it_too(lab, person, again):
    lab.registries.registry = NotFound()
    case = lab.desk.file(Filing(person, "آبی"), ONE)
    lab.desk.send_code(case.id, again)
    lab.work()

    code = lab.last_code(person.mobile)
    assert refused(lambda: lab.desk.activate(case.id, code, again))


@in_any_disguise
def test_attack_OP9_who_closed_an_account_opens_no_other_in_its_place(lab, account, person, again):
    lab.citizens.close(account.id, ONE)
    lab.registries.phone = PhoneAnswer.MISMATCH
    case = lab.submit(replace(person, mobile=NEW_MOBILE))  # by the officer, with an own phone
    lab.work()
    lab.desk.send_code(case.id, ONE)
    lab.work()

    assert refused(lambda: lab.desk.activate(case.id, lab.last_code(NEW_MOBILE), again))


def test_attack_OP9_a_case_of_three_days_takes_one_officer(lab, person):
    lab.registries.phone = PhoneAnswer.MISMATCH
    case = lab.submit(person)
    lab.work()
    lab.clock.move(DAYS_3)
    lab.desk.send_code(case.id, ONE)
    lab.work()

    assert lab.desk.activate(case.id, lab.last_code(person.mobile), ONE)


@in_any_disguise
def test_attack_OP9_who_activated_a_case_changes_no_phone_and_opens_no_recovery(lab, person, again):
    lab.registries.registry = NotFound()
    case = lab.desk.file(Filing(person, "آبی"), OTHER)
    lab.desk.send_code(case.id, ONE)
    lab.work()
    account = lab.desk.activate(case.id, lab.last_code(person.mobile), ONE)

    assert refused(lambda: lab.citizens.start_recovery(account.id, again, ANSWER))
    code = send(lab, account, OTHER)
    assert refused(lambda: lab.citizens.change_mobile(account.id, NEW_MOBILE, code, again))
