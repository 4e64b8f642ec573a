"""How many answers are left: told to who has proven the phone, to nobody else."""

from idp.services.recovery.recover import Changed, NewPassword, RecoveryFailed
from tests import factories
from tests.services.house import NEW_PASSWORD, visitor
from tests.services.recovery.test_recover import GOOD, proven


def test_attack_RC4_answers_are_five_in_thirty_days_then_the_branch(house):
    wrong = NewPassword("قرمز", NEW_PASSWORD)
    answered = []
    for _ in range(5):
        answered.append(house.recover.finish(proven(house), wrong, visitor()))
        house.later(hours=1)
    assert answered == [RecoveryFailed.WRONG] * 4 + [RecoveryFailed.NO_MORE_ANSWERS]
    recovery_id = proven(house)
    last = house.recover.finish(recovery_id, GOOD, visitor())
    assert last is RecoveryFailed.NO_MORE_ANSWERS
    house.later(days=30)
    assert house.recover.finish(proven(house), GOOD, visitor()) is Changed.CHANGED


def left(house, recovery_id):
    return house.recover.standing(recovery_id, "browser-1").answers_left


def test_who_proved_the_phone_is_told_how_many_answers_are_left(house):
    recovery_id = proven(house)
    assert left(house, recovery_id) == 5
    house.recover.finish(recovery_id, NewPassword("قرمز", NEW_PASSWORD), visitor())
    assert left(house, recovery_id) == 4


def test_attack_E04_who_has_not_is_told_no_number(house):
    recovery_id = house.recover.start(factories.NATIONAL_ID, visitor())
    assert left(house, recovery_id) is None
