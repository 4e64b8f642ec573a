"""How often a password may be tried: by account, device and network."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from idp.ports import HashingBusy
from idp.services.sign_in import CodeNeeded, Entered, Refused
from idp.services.throttle import TooMany
from tests.unit.services.signin.house import PASSWORD, UNKNOWN, USER, attempt, enter


@pytest.mark.parametrize("user", [USER, UNKNOWN.value])
@pytest.mark.parametrize("last", [PASSWORD, "Wrong1234"])
def test_attack_E02_the_sixth_try_waits_for_known_and_unknown_right_and_wrong(house, user, last):
    for _ in range(5):
        house.sign_in.with_password(user, "Wrong1234", attempt())
    with pytest.raises(TooMany) as refusal:
        house.sign_in.with_password(user, last, attempt())
    assert refusal.value.retry_after == timedelta(seconds=2)
    assert len(house.hashing.verified) == 5


def test_waits_double_up_to_a_quarter_of_an_hour(house):
    waits = []
    for _ in range(17):
        try:
            house.sign_in.with_password(USER, "Wrong1234", attempt())
        except TooMany as refusal:
            waits.append(refusal.retry_after.total_seconds())
            house.clock.move(refusal.retry_after)
            house.sign_in.with_password(USER, "Wrong1234", attempt())
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


def test_attack_SE11_digits_of_another_keyboard_count_for_the_same_account(house):
    spellings = ["9994863177", "۹۹۹۴۸۶۳۱۷۷", "٩٩٩٤٨٦٣١٧٧", "999-4863177", " 9994863177"]
    for typed in spellings:
        house.sign_in.with_password(typed, "Wrong1234", attempt())
    with pytest.raises(TooMany):
        house.sign_in.with_password(USER, "Wrong1234", attempt())


def test_attack_SE12_a_stranger_elsewhere_does_not_slow_the_owner(house):
    for _ in range(5):
        house.sign_in.with_password(USER, "Wrong1234", attempt(address="9.9.9.9"))
    assert isinstance(house.sign_in.with_password(USER, PASSWORD, attempt()), CodeNeeded)


def test_attack_SE12_a_known_device_has_a_counter_of_its_own(house):
    device = enter(house).device
    for _ in range(5):
        house.sign_in.with_password(USER, "Wrong1234", attempt())
    again = house.sign_in.with_password(USER, PASSWORD, attempt(device=device))
    assert isinstance(again, Entered)


def test_a_known_device_is_limited_too(house):
    device = enter(house).device
    for _ in range(5):
        house.sign_in.with_password(USER, "Wrong1234", attempt(device=device))
    with pytest.raises(TooMany):
        house.sign_in.with_password(USER, PASSWORD, attempt(device=device))


def test_over_all_networks_an_account_is_slowed_and_never_closed(house):
    for number in range(100):
        address = f"9.9.{number}.1"
        house.sign_in.with_password(USER, "Wrong1234", attempt(address=address))
    with pytest.raises(TooMany) as refusal:
        house.sign_in.with_password(USER, PASSWORD, attempt(address="8.8.8.8"))
    assert refusal.value.retry_after == timedelta(seconds=1)
    house.later(seconds=1)
    again = house.sign_in.with_password(USER, PASSWORD, attempt(address="8.8.8.8"))
    assert isinstance(again, CodeNeeded)


def test_a_right_password_forgets_the_failures(house):
    for _ in range(4):
        house.sign_in.with_password(USER, "Wrong1234", attempt())
    enter(house)
    for _ in range(4):
        house.sign_in.with_password(USER, "Wrong1234", attempt())
    assert house.sign_in.with_password(USER, "Wrong1234", attempt()) is Refused.WRONG


def test_a_network_of_many_accounts_is_limited(house):
    for number in range(300):
        house.sign_in.with_password(f"{number:010}", "x", attempt())
    with pytest.raises(TooMany):
        house.sign_in.with_password(USER, PASSWORD, attempt())


def test_attack_SE10_parallel_tries_verify_no_more_than_the_limit(any_house):
    def once(number: int) -> str:
        try:
            any_house.sign_in.with_password(USER, f"Wrong{number}xyz", attempt())
        except TooMany:
            return "limited"
        return "verified"

    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(once, range(32)))
    assert results.count("verified") == 5


def test_a_busy_machine_counts_the_try(house):
    house.hashing.busy = True
    for _ in range(5):
        with pytest.raises(HashingBusy):
            house.sign_in.with_password(USER, PASSWORD, attempt())
    with pytest.raises(TooMany):
        house.sign_in.with_password(USER, PASSWORD, attempt())
