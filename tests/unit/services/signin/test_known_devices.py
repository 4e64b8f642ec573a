"""The cookie of a known device tells nothing of anybody else's account."""

import pytest

from idp.services.sign_in import CodeNeeded, Entered
from tests import factories
from tests.unit.services.signin.house import PASSWORD, UNKNOWN, USER, House, attempt, statements

STRANGER = factories.OTHER_NATIONAL_ID.value


@pytest.fixture
def device(house: House) -> str:
    """The cookie of a device on which somebody signed in."""
    needed = house.sign_in.with_password(USER, PASSWORD, attempt())
    assert isinstance(needed, CodeNeeded)
    entered = house.sign_in.with_code(needed.pending_id, house.code(), attempt())
    assert isinstance(entered, Entered)
    return entered.device


def refused(house: House, typed: str, device: str) -> list[str]:
    with statements() as seen:
        house.sign_in.with_password(typed, "Wrong1234", attempt(device=device))
    return seen


def test_attack_E01_the_same_statements_run_for_a_stranger_and_for_nobody(
    house: House, device: str
):
    house.add_account(id="account-2", national_id=factories.OTHER_NATIONAL_ID)
    assert refused(house, STRANGER, device) == refused(house, UNKNOWN.value, device)


def test_a_device_that_was_forgotten_meanwhile_does_not_come_back(house: House, device: str):
    """Its owner forgets it while somebody's password on it is being computed."""
    account = factories.account()
    known = house.devices.find(device, account)
    with house.begin() as work:
        work.devices.forget(account.id, known.id)
        house.devices.remember(work, account, known, known.origin)
        assert work.devices.of_account(account.id) == []
