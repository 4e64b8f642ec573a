"""A physician's account is never open to a password alone, on whatever device."""

import pytest

from idp.domain.sign_in.session import ACR_PASSWORD, ACR_PASSWORD_OTP
from idp.services.recovery.recover import Changed, NewPassword
from idp.services.sign_in.entering import Entered
from idp.services.sign_in.sessions import Proof
from idp.services.sign_in.sign_in import CodeNeeded
from tests import factories
from tests.services.house import (
    ANSWER,
    NEW_PASSWORD,
    PASSWORD,
    USER,
    House,
    attempt,
    visitor,
)


@pytest.fixture(autouse=True)
def physician(house: House) -> None:
    house.change(physician=factories.PROVEN, roles=("insured", "physician"))


def enter(house: House, password: str = PASSWORD, **who: str | None) -> Entered:
    needed = house.sign_in.with_password(USER, password, attempt(**who))
    assert isinstance(needed, CodeNeeded)
    entered = house.sign_in.with_code(needed.pending_id, house.code(), attempt(**who))
    assert isinstance(entered, Entered)
    return entered


def open_session(house: House, acr: str) -> str:
    with house.begin() as work:
        return house.sessions.open(work, house.account(), Proof(house.clock(), acr, ("pwd",))).token


def test_a_known_device_needs_the_code_all_the_same(house):
    device = enter(house).device
    house.later(minutes=2)

    assert enter(house, device=device).session.acr == ACR_PASSWORD_OTP


def test_a_known_device_is_not_told_as_a_new_one(house):
    device = enter(house).device
    house.texts()
    house.later(minutes=2)
    enter(house, device=device)

    assert house.texts() == []


def test_a_known_device_stays_known(house):
    device = enter(house).device
    house.later(minutes=2)
    again = enter(house, device=device).device

    account = house.account()
    assert house.devices.find(again, account).id == house.devices.find(device, account).id


def test_a_session_of_a_password_alone_counts_as_none(house):
    assert house.sessions.find_live(open_session(house, ACR_PASSWORD)) is None


def test_a_session_with_the_second_step_lives(house):
    assert house.sessions.find_live(open_session(house, ACR_PASSWORD_OTP)) is not None


def test_a_session_from_before_the_profession_is_dead(house):
    house.change(physician=None)
    token = open_session(house, ACR_PASSWORD)
    house.change(physician=factories.PROVEN)

    assert house.sessions.find_live(token) is None


def test_a_claim_alone_changes_nothing(house):
    house.change(physician=None, claim=factories.PROVEN)
    device = enter(house).device
    again = house.sign_in.with_password(USER, PASSWORD, attempt(device=device))

    assert isinstance(again, Entered)


def test_after_a_recovery_the_code_is_needed(house):
    recovery_id = house.recover.start(factories.NATIONAL_ID, visitor())
    house.recover.prove(recovery_id, house.code(), visitor())
    done = house.recover.finish(recovery_id, NewPassword(ANSWER, NEW_PASSWORD), visitor())
    house.later(minutes=2)

    assert done is Changed.CHANGED
    assert enter(house, NEW_PASSWORD).session.acr == ACR_PASSWORD_OTP


def test_a_profession_given_between_password_and_code_ends_the_sign_in(house):
    house.change(physician=None)
    needed = house.sign_in.with_password(USER, PASSWORD, attempt())
    code = house.code()
    proven = house.account().with_profession(factories.PHYSICIAN, at=house.clock())
    with house.begin() as work:
        work.accounts.save(proven)

    assert not isinstance(house.sign_in.with_code(needed.pending_id, code, attempt()), Entered)
