"""Recoveries that many ask for: what strangers can cause, what only the owner can, and work."""

from contextlib import suppress

import pytest

from idp.domain.protection.rate_limits import WAITED
from idp.services.protection.shared_marks import WorkNeeded
from tests import factories
from tests.codes import WORK_BY_NETWORK, WORK_BY_TYPED
from tests.services.house import (
    PASSWORD,
    UNKNOWN,
    USER,
    House,
    attempt,
    enter,
    visitor,
)

KNOWN = factories.NATIONAL_ID


# What strangers ask for, and what only the owner can.


def ask_often(house: House, times: int) -> int:
    """Let strangers start recoveries of the ID; return how many codes went."""
    for number in range(times):
        house.recover.start(KNOWN, visitor(browser=f"stranger-{number}"))
    return len(house.texts())


def test_attack_O08_a_phone_gets_five_codes_an_hour_that_anybody_can_have_asked_for(house):
    assert ask_often(house, 8) == 5


def test_attack_O08_and_ten_a_day(house):
    went = 0
    for _ in range(4):
        went += ask_often(house, 5)
        house.later(hours=2)
    assert went == 10


def test_a_phone_that_answered_a_code_lately_gets_three_times_as_many(house):
    recovery_id = house.recover.start(KNOWN, visitor())
    house.recover.prove(recovery_id, house.code(), visitor())
    assert ask_often(house, 20) == 14


def test_attack_E05_the_page_is_the_same_when_the_phone_had_too_many(house):
    ask_often(house, 8)
    house.later(seconds=1)
    recovery_id = house.recover.start(KNOWN, visitor())
    assert house.recover.standing(recovery_id, "browser-1").code.asked_at == house.clock()


def test_attack_O15_what_strangers_asked_for_keeps_no_code_from_a_known_device(house):
    device = enter(house).device
    house.later(minutes=1)
    ask_often(house, 40)
    house.recover.start(KNOWN, visitor(device=device))
    assert len(house.texts()) == 1


def test_attack_O15_what_strangers_asked_for_keeps_no_code_from_the_right_password(house):
    ask_often(house, 40)
    house.sign_in.with_password(USER, PASSWORD, attempt())
    assert len(house.texts()) == 1


# Work, where many codes are asked for.


@pytest.fixture
def working_house(migrated_sqlite_url):
    opened = House(migrated_sqlite_url, asks_for_work=True)
    opened.add_account()
    yield opened
    opened.database.close()


@pytest.mark.parametrize("who", [KNOWN, UNKNOWN])
def test_from_the_third_code_a_day_for_an_id_work_is_asked_whoever_it_is(working_house, who):
    for number in range(WORK_BY_TYPED - 1):
        working_house.recover.start(who, visitor(browser=f"stranger-{number}"))
    with pytest.raises(WorkNeeded):
        working_house.recover.start(who, visitor())


def test_who_brings_the_work_is_served(working_house):
    for number in range(WORK_BY_TYPED):
        working_house.recover.start(KNOWN, visitor(browser=f"stranger-{number}", work=WAITED))
    working_house.texts()
    working_house.recover.start(KNOWN, visitor(work=WAITED))
    assert len(working_house.texts()) == 1


def test_law_2_a_known_device_is_asked_for_no_work(working_house):
    device = enter(working_house).device
    working_house.later(minutes=1)
    for number in range(WORK_BY_TYPED):
        working_house.recover.start(KNOWN, visitor(browser=f"stranger-{number}", work=WAITED))
    recovery_id = working_house.recover.start(KNOWN, visitor(device=device))
    working_house.later(minutes=1)
    assert working_house.recover.send_again(recovery_id, visitor(device=device))


def test_a_recovery_that_has_its_code_is_asked_for_no_work(working_house):
    recovery_id = working_house.recover.start(KNOWN, visitor())
    for number in range(WORK_BY_TYPED):
        working_house.recover.start(KNOWN, visitor(browser=f"stranger-{number}", work=WAITED))
    assert working_house.recover.start(KNOWN, visitor()) == recovery_id


def test_sending_again_is_asked_for_work_too(working_house):
    recovery_id = working_house.recover.start(KNOWN, visitor())
    for number in range(WORK_BY_TYPED):
        working_house.recover.start(KNOWN, visitor(browser=f"stranger-{number}", work=WAITED))
    working_house.later(minutes=1)
    with pytest.raises(WorkNeeded):
        working_house.recover.send_again(recovery_id, visitor())


def test_what_asks_for_work_by_the_id_counts_nothing_for_the_network(working_house):
    for _ in range(WORK_BY_NETWORK):
        with suppress(WorkNeeded):
            working_house.recover.start(
                KNOWN, visitor(browser=f"b-{working_house.randomness.token()}")
            )
    working_house.recover.start(UNKNOWN, visitor())
