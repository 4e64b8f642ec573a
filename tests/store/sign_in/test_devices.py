from dataclasses import replace
from datetime import timedelta

from tests.factories import known_device
from tests.fakes import NOON

LATER = NOON + timedelta(minutes=1)


def test_a_device_comes_back_as_it_was(database):
    with database.begin() as work:
        work.devices.save(known_device())
        assert work.devices.find("device-1") == known_device()
        assert work.devices.find("another") is None


def test_devices_are_found_together_in_the_order_of_their_ids(database):
    with database.begin() as work:
        work.devices.save(known_device("a"))
        work.devices.save(known_device("b"))
        found = work.devices.find_all(["b", "another", "a", "b"])
        assert [one.id for one in found] == ["b", "a"]


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
        assert work.devices.find("c") is not None
