"""Recovery with the guide to the letter: the question alone, the same for everybody."""

import pytest

from idp.domain.people.questions import QUESTIONS, SecurityQuestion
from idp.domain.sign_in.one_time_code import CodeTry
from idp.ports import HashLane
from idp.services.recovery.recover import Changed, NewPassword, RecoveryFailed
from tests import factories
from tests.services.house import ANSWER, NEW_PASSWORD, UNKNOWN, visitor

GOOD = NewPassword(ANSWER, NEW_PASSWORD)
KNOWN = factories.NATIONAL_ID


def test_the_guides_way_asks_the_question_at_once(guide_house):
    recovery_id = guide_house.recover.start(KNOWN, visitor())
    asked = guide_house.recover.standing(recovery_id, "browser-1").question
    assert asked == factories.QUESTION
    assert guide_house.recover.finish(recovery_id, GOOD, visitor()) is Changed.CHANGED


def test_attack_E04_an_unknown_id_has_a_question_that_stays(guide_house):
    questions: set[SecurityQuestion | None] = set()
    for _ in range(3):
        recovery_id = guide_house.recover.start(UNKNOWN, visitor())
        questions.add(guide_house.recover.standing(recovery_id, "browser-1").question)
        guide_house.later(hours=1)
    assert len(questions) == 1
    assert questions < set(QUESTIONS)


@pytest.mark.parametrize("who", [KNOWN, UNKNOWN])
def test_N17_is_the_answer_to_every_failure(guide_house, who):
    wrong = NewPassword("قرمز", NEW_PASSWORD)
    recovery_id = guide_house.recover.start(who, visitor())
    results = [guide_house.recover.finish(recovery_id, wrong, visitor()) for _ in range(8)]
    assert set(results) == {RecoveryFailed.WRONG}
    assert len(guide_house.hashing.verified) == 5


@pytest.mark.parametrize("who", [KNOWN, UNKNOWN])
def test_attack_E04_nobody_is_told_how_many_answers_are_left(guide_house, who):
    recovery_id = guide_house.recover.start(who, visitor())
    guide_house.recover.finish(recovery_id, NewPassword("قرمز", NEW_PASSWORD), visitor())
    assert guide_house.recover.standing(recovery_id, "browser-1").answers_left is None


def test_a_hash_that_has_not_aged_is_kept(guide_house):
    before = guide_house.account().credentials.answer_hash
    guide_house.recover.finish(guide_house.recover.start(KNOWN, visitor()), GOOD, visitor())

    assert guide_house.account().credentials.answer_hash == before


def test_an_answer_without_a_code_is_hashed_in_everybodys_lane(guide_house):
    guide_house.recover.finish(guide_house.recover.start(KNOWN, visitor()), GOOD, visitor())
    assert guide_house.hashing.lanes == [HashLane.REST]


def test_an_answer_after_a_code_is_hashed_in_the_owners_lane(house):
    recovery_id = house.recover.start(KNOWN, visitor())
    assert house.recover.prove(recovery_id, house.code(), visitor()) is CodeTry.RIGHT
    house.recover.finish(recovery_id, GOOD, visitor())
    assert house.hashing.lanes == [HashLane.OWNER]
