"""One password tried over many IDs (attack SE14), and the citizens who are not in its way."""

import pytest
from structlog.testing import capture_logs

from idp.domain.protection.rate_limits import WAITED
from idp.services.protection.password_spray import PasswordSpray
from idp.services.protection.shared_marks import WorkNeeded
from idp.services.sign_in.entering import Entered
from idp.services.sign_in.sign_in import CodeNeeded, Refused
from tests.services.house import PASSWORD, SPRAY, UNKNOWN, USER, House, attempt

SPRAYED = "Tehran1404"


@pytest.fixture
def strict(migrated_sqlite_url):
    """The house where work is asked for."""
    built = House(migrated_sqlite_url, asks_for_work=True)
    built.add_account()
    yield built
    built.database.close()


def spray(house, accounts=SPRAY.over_all, *, address="9.9.{}.1", first=0):
    for number in range(first, first + accounts):
        who = attempt(address=address.format(number))
        house.sign_in.with_password(f"{number:010}", SPRAYED, who)


@pytest.mark.parametrize("user", [USER, UNKNOWN.value])
def test_attack_SE14_a_password_tried_at_many_accounts_needs_work_at_known_and_unknown(
    strict, user
):
    spray(strict)
    hashed = len(strict.hashing.verified)
    with pytest.raises(WorkNeeded):
        strict.sign_in.with_password(user, SPRAYED, attempt())
    assert len(strict.hashing.verified) == hashed


def test_attack_SE14_within_a_network_fewer_accounts_are_enough(strict):
    spray(strict, SPRAY.by_network, address="9.9.9.9")
    with pytest.raises(WorkNeeded):
        strict.sign_in.with_password(USER, SPRAYED, attempt(address="9.9.9.9"))


def test_attack_SE14_the_same_ID_in_other_digits_is_no_other_account(strict):
    spray(strict, SPRAY.by_network - 1, address="9.9.9.9")
    for spelling in (USER, "".join(chr(0x6F0 + int(digit)) for digit in USER)):
        refused = strict.sign_in.with_password(spelling, SPRAYED, attempt(address="9.9.9.9"))
        assert refused is Refused.WRONG


def test_who_has_worked_goes_on(strict):
    spray(strict)
    worked = attempt(work=WAITED)
    assert strict.sign_in.with_password(USER, SPRAYED, worked) is Refused.WRONG


def test_attack_SE14_who_works_is_counted_all_the_same(strict):
    for number in range(SPRAY.over_all):
        who = attempt(address=f"9.9.{number}.1", work=WAITED)
        strict.sign_in.with_password(f"{number:010}", SPRAYED, who)
    with pytest.raises(WorkNeeded):
        strict.sign_in.with_password(USER, SPRAYED, attempt())


def test_another_password_goes_without_work_meanwhile(strict):
    spray(strict)
    assert isinstance(strict.sign_in.with_password(USER, PASSWORD, attempt()), CodeNeeded)


def test_who_mistypes_again_and_again_never_works_for_it(strict):
    spray(strict, SPRAY.by_network - 1, address="5.1.1.1")
    for _ in range(4):
        assert strict.sign_in.with_password(USER, SPRAYED, attempt()) is Refused.WRONG


def test_a_known_device_neither_works_nor_counts(strict):
    pending = strict.sign_in.with_password(USER, PASSWORD, attempt())
    device = strict.sign_in.with_code(pending.pending_id, strict.code(), attempt()).device
    for number in range(1, SPRAY.over_all):
        who = attempt(address=f"9.9.{number}.1")
        strict.sign_in.with_password(f"{number:010}", PASSWORD, who)
    with pytest.raises(WorkNeeded):
        strict.sign_in.with_password(UNKNOWN.value, PASSWORD, attempt(address="8.8.8.8"))
    again = strict.sign_in.with_password(USER, PASSWORD, attempt(device=device))
    assert isinstance(again, Entered)


def test_an_hour_later_the_password_is_forgotten(strict):
    spray(strict)
    strict.later(hours=1)
    assert strict.sign_in.with_password(USER, SPRAYED, attempt()) is Refused.WRONG


def test_the_alarm_names_nobody_and_sounds_once(strict):
    spray(strict)
    with capture_logs() as lines:
        for _ in range(3):
            with pytest.raises(WorkNeeded):
                strict.sign_in.with_password(USER, SPRAYED, attempt())
    [alarm] = [line for line in lines if "alarm" in line]
    assert alarm == {
        "event": "password_spray",
        "alarm": "password_spray",
        "log_level": "warning",
        "scope": "all",
        "accounts": 21,
    }


def test_without_the_proof_of_work_the_alarm_stays(house):
    with capture_logs() as lines:
        spray(house, SPRAY.over_all + 1)
    assert [line["scope"] for line in lines if line["event"] == "password_spray"] == ["all"]


def keys_of_a_try(house, limits):
    """The keys that a try touches in what may vanish."""
    spray_watch = PasswordSpray(house.vault, limits, asks_for_work=True)
    return [step.key for step in spray_watch.steps(USER, SPRAYED, "9.9.9.9")]


def test_attack_SE14_neither_password_nor_account_is_kept(house):
    keys = keys_of_a_try(house, SPRAY)
    assert keys
    assert not any(secret in key for key in keys for secret in (USER, SPRAYED, "9.9.9.9"))


def test_nothing_is_kept_where_networks_are_not_counted(house):
    assert keys_of_a_try(house, None) == []


def test_where_networks_are_not_counted_no_password_needs_work(house):
    assert not PasswordSpray(house.vault, None, asks_for_work=True).needs_work([])


def test_what_is_no_address_is_nobodys_network(strict):
    spray(strict, SPRAY.over_all, address="")
    with pytest.raises(WorkNeeded):
        strict.sign_in.with_password(USER, SPRAYED, attempt(address=""))
