"""The codes of a sign-in: of a new device, and of the second step."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from idp.domain.session import ACR_PASSWORD_OTP
from idp.services.sign_in import CodeNeeded, Entered, Refused
from idp.services.throttle import TooMany
from tests.unit.services.signin.house import (
    NEW_PASSWORD,
    PASSWORD,
    USER,
    House,
    attempt,
    grow_epoch,
)


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


def test_a_session_of_an_older_epoch_takes_no_second_step(guide_house, by_password):
    guide_house.sign_in.send_second_step(by_password.session, attempt())
    code = guide_house.code()
    grow_epoch(guide_house)
    assert guide_house.sign_in.second_step(by_password.session, code, attempt()) is Refused.EXPIRED


def test_a_session_without_an_account_gets_no_code(guide_house, by_password):
    stray = replace(by_password.session, account_id="nobody")
    guide_house.sign_in.send_second_step(stray, attempt())
    assert guide_house.texts() == []
