"""A sign-in by password: on new and known devices, refused alike, and into which session."""

import pytest

from idp.domain.people.account import AccountState
from idp.domain.protection.rate_limits import EverybodysKey
from idp.domain.sign_in.session import ACR_PASSWORD, ACR_PASSWORD_OTP
from idp.services.sign_in.entering import Entered
from idp.services.sign_in.sign_in import CodeNeeded, Refused
from tests import factories
from tests.services.house import (
    DEVICE_LIFE,
    PASSWORD,
    UNKNOWN,
    USER,
    attempt,
    enter,
    grow_epoch,
)
from tests.statements import statements


def test_the_guides_way_is_the_password_alone(guide_house):
    entered = guide_house.sign_in.with_password(USER, PASSWORD, attempt())
    assert entered.session.acr == ACR_PASSWORD
    assert entered.session.amr == ("pwd",)
    assert guide_house.texts() == []


def test_a_new_device_needs_a_code(house):
    entered = enter(house)
    assert entered.session.acr == ACR_PASSWORD_OTP
    assert entered.session.amr == ("pwd", "otp", "sms")


def test_attack_O12_the_message_names_the_portal(house):
    house.sign_in.with_password(USER, PASSWORD, attempt())
    [text] = house.texts()
    assert "کد ورود سوابق بیمه " in text


def test_a_new_device_is_told_by_sms(house):
    enter(house)
    [text] = house.texts()
    assert "دستگاه" in text


def test_a_known_device_needs_no_code(house):
    device = enter(house).device
    again = house.sign_in.with_password(USER, PASSWORD, attempt(device=device))
    assert again.session.acr == ACR_PASSWORD


def test_a_device_is_forgotten_after_thirty_days(house):
    device = enter(house).device
    house.clock.move(DEVICE_LIFE)
    again = house.sign_in.with_password(USER, PASSWORD, attempt(device=device))
    assert isinstance(again, CodeNeeded)


def test_signing_in_does_not_put_off_the_next_code(house):
    device = enter(house).device
    house.later(days=20)
    device = house.sign_in.with_password(USER, PASSWORD, attempt(device=device)).device
    house.later(days=20)
    again = house.sign_in.with_password(USER, PASSWORD, attempt(device=device))
    assert isinstance(again, CodeNeeded)


def test_attack_SE17_a_device_of_one_account_is_new_to_another(house):
    device = enter(house).device
    house.add_account(
        account_id="account-2",
        national_id=factories.OTHER_NATIONAL_ID,
        mobile=factories.OTHER_MOBILE,
    )
    other = house.sign_in.with_password(
        factories.OTHER_NATIONAL_ID.value, PASSWORD, attempt(device=device)
    )
    assert isinstance(other, CodeNeeded)


def test_attack_SE17_the_device_cookie_is_another_after_each_sign_in(house):
    first = enter(house).device
    second = house.sign_in.with_password(USER, PASSWORD, attempt(device=first)).device
    assert second != first


def test_a_new_epoch_forgets_all_devices(house):
    device = enter(house).device
    house.change(epoch=1)
    assert isinstance(
        house.sign_in.with_password(USER, PASSWORD, attempt(device=device)), CodeNeeded
    )


@pytest.mark.parametrize("cookie", ["", "k1.", "k1.AAAA", "no seal at all", "\x00"])
def test_a_made_up_device_cookie_is_no_device(house, cookie):
    result = house.sign_in.with_password(USER, PASSWORD, attempt(device=cookie))
    assert isinstance(result, CodeNeeded)


@pytest.mark.parametrize(
    "typed", ["۹۹۹۴۸۶۳۱۷۷", "٩٩٩٤٨٦٣١٧٧", " 999-486-3177 ", "\u200f9994863177\u200e"]
)
def test_the_user_name_is_taken_in_any_digits(guide_house, typed):
    assert isinstance(guide_house.sign_in.with_password(typed, PASSWORD, attempt()), Entered)


@pytest.mark.parametrize("typed", [UNKNOWN.value, "", "1234567890", "ali", "9" * 10_000])
def test_attack_E01_whoever_has_no_account_is_refused_with_a_hash(house, typed):
    assert house.sign_in.with_password(typed, PASSWORD, attempt()) is Refused.WRONG
    assert house.hashing.verified == [None]


def test_attack_E01_a_wrong_password_is_refused_alike(house):
    assert house.sign_in.with_password(USER, "Wrong1234", attempt()) is Refused.WRONG
    assert len(house.hashing.verified) == 1


@pytest.mark.parametrize("state", [AccountState.SUSPENDED, AccountState.CLOSED])
def test_attack_E01_the_right_password_of_an_inactive_account_is_refused_alike(house, state):
    house.change(state=state)
    assert house.sign_in.with_password(USER, PASSWORD, attempt()) is Refused.WRONG
    assert house.hashing.verified == [None]


def test_attack_SE15_a_password_over_1024_bytes_is_refused_without_a_hash(house):
    assert house.sign_in.with_password(USER, "آ" * 513, attempt()) is Refused.WRONG
    assert house.hashing.verified == []


def test_attack_SE15_nothing_of_a_long_password_is_cut_off(house):
    assert house.sign_in.with_password(USER, PASSWORD + "x" * 72, attempt()) is Refused.WRONG


def test_attack_SE16_an_aged_hash_is_renewed_when_the_password_is_right(house):
    house.hashing.version = 2
    house.sign_in.with_password(USER, "Wrong1234", attempt())
    assert house.account().credentials.password_hash == f"1:{PASSWORD}"
    house.sign_in.with_password(USER, PASSWORD, attempt())
    assert house.account().credentials.password_hash == f"2:{PASSWORD}"
    assert house.account().epoch == 0


def test_attack_SE03_the_same_person_keeps_the_session_with_a_new_token(house):
    first = enter(house)
    house.later(minutes=5)
    again = house.sign_in.with_password(USER, PASSWORD, attempt(first.session, device=first.device))
    assert again.session.id == first.session.id
    assert again.session.auth_time == house.clock()
    assert house.sessions.find_live(first.token) is None


def test_attack_SE03_another_person_ends_the_old_session(house):
    first = enter(house)
    house.add_account(
        account_id="account-2",
        national_id=factories.OTHER_NATIONAL_ID,
        mobile=factories.OTHER_MOBILE,
    )
    who = factories.OTHER_NATIONAL_ID.value
    needed = house.sign_in.with_password(who, PASSWORD, attempt(first.session))
    assert house.sessions.find_live(first.token) is not None
    other = house.sign_in.with_code(needed.pending_id, house.code(), attempt(first.session))
    assert other.session.id != first.session.id
    assert house.sessions.find_live(first.token) is None


def test_signing_in_is_audited(house):
    entered = enter(house)
    with house.begin(read_only=True) as work:
        entry = work.audit.tail()[-1]
    assert (entry.action, entry.subject) == ("signed_in", "account-1")
    assert entry.details["session"] == entered.session.id


def test_a_password_that_was_changed_while_it_was_checked_opens_nothing(house):
    house.hashing.meanwhile = lambda: grow_epoch(house)
    assert house.sign_in.with_password(USER, PASSWORD, attempt()) is Refused.WRONG


def test_a_password_that_was_changed_meanwhile_opens_nothing_without_a_code_either(guide_house):
    guide_house.hashing.meanwhile = lambda: grow_epoch(guide_house)
    assert guide_house.sign_in.with_password(USER, PASSWORD, attempt()) is Refused.WRONG
    assert guide_house.actions() == []


def test_a_right_password_is_not_counted_though_the_account_has_changed(guide_house):
    guide_house.hashing.meanwhile = lambda: grow_epoch(guide_house)
    guide_house.sign_in.with_password(USER, PASSWORD, attempt())
    assert guide_house.by_account.count(EverybodysKey.of_typed_id(USER)) == 1


def test_a_rehash_that_must_wait_keeps_nobody_out(guide_house):
    guide_house.hashing.version = 2
    guide_house.hashing.busy_to_hash = True
    entered = guide_house.sign_in.with_password(USER, PASSWORD, attempt())
    assert isinstance(entered, Entered)
    assert guide_house.account().credentials.password_hash == f"1:{PASSWORD}"


def test_a_sign_in_runs_no_statement_twice(guide_house):
    guide_house.sign_in.with_password(USER, PASSWORD, attempt())  # the audit has begun
    with statements() as seen:
        guide_house.sign_in.with_password(USER, PASSWORD, attempt())
    durable = [one for one in seen if "ephemeral" not in one]
    assert sorted(durable) == sorted(set(durable))


def test_a_sign_in_on_a_known_device_looks_the_device_up_once(guide_house):
    device = guide_house.sign_in.with_password(USER, PASSWORD, attempt()).device
    with statements() as seen:
        guide_house.sign_in.with_password(USER, PASSWORD, attempt(device=device))
    assert sum(one.startswith("SELECT") and "known_devices" in one for one in seen) == 1


def forget_devices(house):
    with house.begin() as work:
        work.devices.forget_all("account-1")


def test_a_device_that_its_owner_forgets_during_the_hash_stays_forgotten(guide_house):
    device = guide_house.sign_in.with_password(USER, PASSWORD, attempt()).device
    guide_house.hashing.meanwhile = lambda: forget_devices(guide_house)
    entered = guide_house.sign_in.with_password(USER, PASSWORD, attempt(device=device))
    assert isinstance(entered, Entered)
    with guide_house.begin(read_only=True) as work:
        assert work.devices.of_account("account-1") == []
