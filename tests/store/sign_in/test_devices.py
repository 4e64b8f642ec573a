from dataclasses import replace
from datetime import timedelta

import pytest

from idp.domain.people.account import AccountState
from tests.factories import NATIONAL_ID, OTHER_NATIONAL_ID, account, known_device
from tests.fakes import NOON

LATER = NOON + timedelta(minutes=1)


def test_a_device_comes_back_as_it_was(database):
    with database.begin() as work:
        work.devices.save(known_device())
        assert work.devices.find_all(["device-1"]) == [known_device()]
        assert work.devices.find_all(["another"]) == []


def test_devices_are_found_together_in_the_order_of_their_ids(database):
    with database.begin() as work:
        work.devices.save(known_device("a"))
        work.devices.save(known_device("b"))
        found = work.devices.find_all(["b", "another", "a", "b"])
        assert [one.id for one in found] == ["b", "a"]


def test_devices_that_exist_have_owners(database):
    with database.begin() as work:
        work.devices.save(known_device("a"))
        work.devices.save(known_device("b", account_id="account-2"))
        owners = work.devices.owners(["b", "another", "a"])
        assert owners == {"a": "account-1", "b": "account-2"}


@pytest.fixture
def household(database):
    """A database with an account, and two devices at one browser."""
    with database.begin() as work:
        work.accounts.add(account())
        work.devices.save(known_device("a"))
        work.devices.save(known_device("b", account_id="account-2"))
    return database


@pytest.mark.parametrize("device_ids", [[], ["another"]])
def test_an_account_is_found_without_devices(household, device_ids):
    with household.begin() as work:
        found = work.devices.find_with_account(NATIONAL_ID, device_ids)
        assert found == (account(), [])


def test_an_account_is_found_with_the_devices_of_everybody_at_the_browser(household):
    with household.begin() as work:
        found, devices = work.devices.find_with_account(NATIONAL_ID, ["b", "another", "a"])
        assert (found, {one.id for one in devices}) == (account(), {"a", "b"})


@pytest.mark.parametrize("national_id", [OTHER_NATIONAL_ID, None])
def test_attack_E01_devices_are_found_without_an_account_too(household, national_id):
    with household.begin() as work:
        found, devices = work.devices.find_with_account(national_id, ["a", "b"])
        assert (found, {one.id for one in devices}) == (None, {"a", "b"})


def test_a_closed_account_is_not_found(household):
    with household.begin() as work:
        work.accounts.save(account(state=AccountState.CLOSED))
        assert work.devices.find_with_account(NATIONAL_ID, []) == (None, [])


def test_a_device_saved_again_is_replaced(database):
    newer = replace(known_device(), epoch=2, last_at=LATER)
    with database.begin() as work:
        work.devices.save(known_device())
        work.devices.save(newer)
        assert work.devices.of_account("account-1") == [newer]


def test_the_device_used_last_comes_first(database):
    with database.begin() as work:
        work.devices.save(known_device("a"))
        work.devices.save(known_device("b", last_at=LATER))
        work.devices.save(known_device("c", account_id="account-2"))
        assert [one.id for one in work.devices.of_account("account-1")] == ["b", "a"]


def test_attack_SE17_a_device_is_forgotten_by_its_own_account_only(database):
    with database.begin() as work:
        work.devices.save(known_device())
        assert not work.devices.forget("account-2", "device-1")
        assert work.devices.forget("account-1", "device-1")
        assert not work.devices.forget("account-1", "device-1")


def test_all_devices_of_an_account_are_forgotten_at_once(database):
    with database.begin() as work:
        for name in ("a", "b"):
            work.devices.save(known_device(name))
        work.devices.save(known_device("c", account_id="account-2"))
        assert work.devices.forget_all("account-1") == 2
        assert work.devices.owners(["a", "b", "c"]) == {"c": "account-2"}
