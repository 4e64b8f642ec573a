"""The change of the own question, answer and residence: told to the owner, kept in the history."""

from dataclasses import replace
from datetime import timedelta

import pytest

from idp.domain.people.account import AccountState
from idp.domain.people.places import IRAN, Residence
from idp.domain.people.questions import SecurityQuestion, answer_key
from idp.ports import HashingBusy
from idp.services.protection.owners_counters import TooMany
from idp.services.recovery.answers import answers_key
from idp.services.recovery.recover import Changed, NewPassword, RecoveryFailed
from tests import factories
from tests.services.house import ANSWER, NEW_PASSWORD, visitor

QUESTION = SecurityQuestion.parse("first_school")
NEW_ANSWER = answer_key("دبستان سعدی")
YAZD = Residence(IRAN, "یزد")


@pytest.fixture
def session(house):
    session = house.enter().session
    house.jobs()
    return session


def told(house):
    return [job.sms.message_id for job in house.jobs() if job.sms]


def recovered(house, *answers):
    recovery_id = house.recover.start(factories.NATIONAL_ID, visitor())
    house.recover.prove(recovery_id, house.code(), visitor())
    typed = [NewPassword(answer, NEW_PASSWORD) for answer in answers]
    return [house.recover.finish(recovery_id, one, visitor()) for one in typed]


def test_the_new_answer_is_the_one_that_recovers_after_the_hold(house, session):
    assert house.answer.change(session, QUESTION, NEW_ANSWER)
    assert house.account().credentials.question == QUESTION
    house.later(hours=72)
    done = recovered(house, ANSWER, "دبستان سعدي")
    assert done == [RecoveryFailed.WRONG, Changed.CHANGED]


def test_attack_O11_a_new_answer_holds_the_recovery_for_72_hours(house, session):
    house.answer.change(session, QUESTION, NEW_ANSWER)
    held = house.account().recovery_held_until
    assert held == house.clock() + timedelta(hours=72)


def test_the_owner_is_told_of_a_new_answer_and_finds_it_in_the_history(house, session):
    house.answer.change(session, QUESTION, NEW_ANSWER)
    assert told(house) == ["answer_changed"]
    assert house.actions()[-1] == "answer_changed"


def test_wrong_answers_of_before_are_forgotten(house, session):
    key = answers_key(house.kernel.vault, factories.NATIONAL_ID)
    with house.begin() as work:
        work.counters.take(key, limit=5, per=timedelta(days=30), now=house.clock())
    house.answer.change(session, QUESTION, NEW_ANSWER)
    with house.begin(read_only=True) as work:
        assert work.counters.counts([key], house.clock()) == {}


def test_the_answer_is_hashed_and_stands_nowhere(house, session):
    house.answer.change(session, QUESTION, NEW_ANSWER)
    assert NEW_ANSWER not in repr(house.account())


def test_the_owner_is_told_of_a_new_residence_and_finds_it_in_the_history(house, session):
    assert house.residence.change(session, YAZD)
    assert house.account().residence == YAZD
    assert told(house) == ["residence_changed"]
    assert house.actions()[-1] == "residence_changed"


def test_the_present_residence_is_no_change(house, session):
    house.residence.change(session, YAZD)
    house.jobs()
    assert house.residence.change(session, YAZD)
    assert told(house) == []


def change_answer(house, session):
    return house.answer.change(session, QUESTION, NEW_ANSWER)


def change_residence(house, session):
    return house.residence.change(session, YAZD)


CHANGES = [change_answer, change_residence]


@pytest.mark.parametrize("change", CHANGES)
def test_attack_SE08_a_session_that_has_ended_changes_nothing(house, session, change):
    house.change(epoch=7)
    before = house.account()
    assert not change(house, session)
    assert house.account() == before


@pytest.mark.parametrize("change", CHANGES)
def test_attack_RC6_a_suspended_account_changes_nothing(house, session, change):
    house.change(state=AccountState.SUSPENDED)
    assert not change(house, session)
    assert told(house) == []


def test_a_session_that_ends_while_the_answer_is_hashed_changes_nothing(house, session):
    class Slow:
        def hash(self, text):
            house.change(epoch=7)
            return f"1:{text}"

    slow = replace(house.answer, kernel=replace(house.kernel, hashing=Slow()))
    assert not slow.change(session, QUESTION, NEW_ANSWER)


def test_changes_are_five_a_day_over_both_kinds(house, session):
    for _ in range(4):
        house.answer.change(session, QUESTION, NEW_ANSWER)
    house.residence.change(session, YAZD)
    with pytest.raises(TooMany):
        house.answer.change(session, QUESTION, NEW_ANSWER)
    with pytest.raises(TooMany):
        house.residence.change(session, Residence(IRAN, "قم"))
    house.later(days=1)
    assert house.answer.change(session, QUESTION, NEW_ANSWER)


def test_a_busy_machine_counts_no_change(house, session):
    house.hashing.busy = True
    for _ in range(6):
        with pytest.raises(HashingBusy):
            house.answer.change(session, QUESTION, NEW_ANSWER)
    house.hashing.busy = False
    assert house.answer.change(session, QUESTION, NEW_ANSWER)
