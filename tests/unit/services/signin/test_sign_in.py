from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from idp.domain.account import AccountState
from idp.domain.session import ACR_PASSWORD, ACR_PASSWORD_OTP
from idp.ports import HashingBusy
from idp.services.sign_in import CodeNeeded, Entered, Refused
from idp.services.throttle import TooMany
from tests import factories
from tests.unit.services.signin.house import (
    DEVICE_LIFE,
    NEW_PASSWORD,
    PASSWORD,
    UNKNOWN,
    USER,
    House,
    attempt,
)


def enter(house: House, **who: str | None) -> Entered:
    """A sign-in on a new device, with its code."""
    needed = house.sign_in.with_password(USER, PASSWORD, attempt(**who))
    assert isinstance(needed, CodeNeeded)
    entered = house.sign_in.with_code(needed.pending_id, house.code(), attempt(**who))
    assert isinstance(entered, Entered)
    return entered


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
    assert text.startswith("کد ورود به سوابق بیمه: ")


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


# The code of a new device.


@pytest.fixture
def needed(house: House) -> CodeNeeded:
    result = house.sign_in.with_password(USER, PASSWORD, attempt())
    assert isinstance(result, CodeNeeded)
    return result


def wrong_of(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def test_a_wrong_code_is_told_and_may_be_mended(house, needed):
    code = house.code()
    wrong = house.sign_in.with_code(needed.pending_id, wrong_of(code), attempt())
    assert wrong is Refused.CODE_WRONG
    assert isinstance(house.sign_in.with_code(needed.pending_id, code, attempt()), Entered)


def test_attack_O01_after_five_wrong_codes_the_right_one_is_dead(house, needed):
    code = house.code()
    for _ in range(5):
        house.sign_in.with_code(needed.pending_id, wrong_of(code), attempt())
    assert house.sign_in.with_code(needed.pending_id, code, attempt()) is Refused.CODE_WRONG


def test_attack_O02_twenty_tries_a_day_over_all_codes_of_the_phone(house, needed):
    for _ in range(20):
        house.sign_in.with_code(needed.pending_id, "000000", attempt())
    with pytest.raises(TooMany):
        house.sign_in.with_code(needed.pending_id, "000000", attempt())


def test_attack_O03_of_sixteen_right_codes_at_once_one_enters(any_house):
    needed = any_house.sign_in.with_password(USER, PASSWORD, attempt())
    code = any_house.code()
    with ThreadPoolExecutor(16) as pool:
        results = list(
            pool.map(
                lambda _: any_house.sign_in.with_code(needed.pending_id, code, attempt()),
                range(16),
            )
        )
    assert sum(isinstance(one, Entered) for one in results) == 1


def test_attack_O04_a_code_is_dead_after_its_resend(house, needed):
    first = house.code()
    house.later(minutes=1)
    assert house.sign_in.send_again(needed.pending_id, attempt())
    second = house.code()
    assert house.sign_in.with_code(needed.pending_id, first, attempt()) is Refused.CODE_WRONG
    assert isinstance(house.sign_in.with_code(needed.pending_id, second, attempt()), Entered)


def test_attack_O04_a_code_is_dead_after_five_minutes(house, needed):
    code = house.code()
    house.later(minutes=5)
    assert house.sign_in.with_code(needed.pending_id, code, attempt()) is Refused.CODE_WRONG


def test_attack_O05_a_code_of_one_flow_opens_no_other(house, needed):
    code = house.code()
    house.later(minutes=1)
    other = house.sign_in.with_password(USER, PASSWORD, attempt())
    assert house.sign_in.with_code(other.pending_id, code, attempt()) is Refused.CODE_WRONG


def test_attack_O08_the_phone_gets_one_code_a_minute_and_the_earlier_stays_good(house, needed):
    code = house.code()
    assert house.sign_in.send_again(needed.pending_id, attempt())
    assert house.texts() == []
    assert isinstance(house.sign_in.with_code(needed.pending_id, code, attempt()), Entered)


def test_attack_O13_a_code_is_taken_in_persian_digits(house, needed):
    persian = house.code().translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    assert isinstance(house.sign_in.with_code(needed.pending_id, persian, attempt()), Entered)


def test_attack_SE02_another_browser_cannot_finish(house, needed):
    code = house.code()
    stolen = house.sign_in.with_code(needed.pending_id, code, attempt(browser="browser-2"))
    assert stolen is Refused.EXPIRED
    assert not house.sign_in.send_again(needed.pending_id, attempt(browser="browser-2"))


def test_a_sign_in_waits_ten_minutes_for_its_code(house, needed):
    house.later(minutes=6)
    house.sign_in.send_again(needed.pending_id, attempt())
    code = house.code()
    house.later(minutes=4)
    assert house.sign_in.with_code(needed.pending_id, code, attempt()) is Refused.EXPIRED


def test_attack_SE08_a_new_password_meanwhile_ends_the_wait(house, needed):
    code = house.code()
    with house.begin() as work:
        work.accounts.save(house.account().with_password(f"1:{NEW_PASSWORD}", at=house.clock()))
    assert house.sign_in.with_code(needed.pending_id, code, attempt()) is Refused.EXPIRED


def test_attack_SE06_the_password_is_as_old_as_it_was_typed(house, needed):
    typed_at = house.clock()
    code = house.code()
    house.later(minutes=3)
    entered = house.sign_in.with_code(needed.pending_id, code, attempt())
    assert entered.session.auth_time == typed_at


@pytest.mark.parametrize("pending_id", ["", "x", "آ"])
def test_a_made_up_sign_in_is_none(house, pending_id):
    assert house.sign_in.with_code(pending_id, "123456", attempt()) is Refused.EXPIRED


# The second step.


@pytest.fixture
def by_password(guide_house: House) -> Entered:
    entered = guide_house.sign_in.with_password(USER, PASSWORD, attempt())
    assert isinstance(entered, Entered)
    return entered


def test_the_second_step_raises_the_session(guide_house, by_password):
    guide_house.sign_in.send_second_step(by_password.session, attempt())
    raised = guide_house.sign_in.second_step(by_password.session, guide_house.code(), attempt())
    assert raised.session.acr == ACR_PASSWORD_OTP
    assert raised.session.id == by_password.session.id


def test_attack_SE01_the_second_step_gives_a_new_token(guide_house, by_password):
    guide_house.sign_in.send_second_step(by_password.session, attempt())
    raised = guide_house.sign_in.second_step(by_password.session, guide_house.code(), attempt())
    assert guide_house.sessions.find_live(by_password.token) is None
    assert guide_house.sessions.find_live(raised.token) == raised.session


def test_attack_SE06_the_second_step_does_not_make_the_password_fresh(guide_house, by_password):
    guide_house.later(minutes=10)
    guide_house.sign_in.send_second_step(by_password.session, attempt())
    raised = guide_house.sign_in.second_step(by_password.session, guide_house.code(), attempt())
    assert raised.session.auth_time == by_password.session.auth_time


def test_a_wrong_second_step_raises_nothing(guide_house, by_password):
    guide_house.sign_in.send_second_step(by_password.session, attempt())
    wrong = wrong_of(guide_house.code())
    result = guide_house.sign_in.second_step(by_password.session, wrong, attempt())
    assert result is Refused.CODE_WRONG


def test_attack_SE07_a_second_step_without_a_code_sent_is_refused(guide_house, by_password):
    result = guide_house.sign_in.second_step(by_password.session, "123456", attempt())
    assert result is Refused.CODE_WRONG


def test_attack_SE08_a_second_step_does_not_revive_an_ended_session(guide_house, by_password):
    guide_house.sign_in.send_second_step(by_password.session, attempt())
    code = guide_house.code()
    guide_house.sign_out.sign_out(by_password.session)
    assert guide_house.sign_in.second_step(by_password.session, code, attempt()) is Refused.EXPIRED


def grow_epoch(house: House) -> None:
    house.change(epoch=house.account().epoch + 1)


def test_a_password_that_was_changed_while_it_was_checked_opens_nothing(house):
    house.hashing.meanwhile = lambda: grow_epoch(house)
    assert house.sign_in.with_password(USER, PASSWORD, attempt()) is Refused.WRONG


def test_a_rehash_that_must_wait_keeps_nobody_out(guide_house):
    guide_house.hashing.version = 2
    guide_house.hashing.busy_to_hash = True
    entered = guide_house.sign_in.with_password(USER, PASSWORD, attempt())
    assert isinstance(entered, Entered)
    assert guide_house.account().credentials.password_hash == f"1:{PASSWORD}"


def test_a_session_of_an_older_epoch_takes_no_second_step(guide_house, by_password):
    guide_house.sign_in.send_second_step(by_password.session, attempt())
    code = guide_house.code()
    grow_epoch(guide_house)
    assert guide_house.sign_in.second_step(by_password.session, code, attempt()) is Refused.EXPIRED


def test_a_session_without_an_account_gets_no_code(guide_house, by_password):
    stray = replace(by_password.session, account_id="nobody")
    guide_house.sign_in.send_second_step(stray, attempt())
    assert guide_house.texts() == []
