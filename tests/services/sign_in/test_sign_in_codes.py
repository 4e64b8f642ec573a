"""The codes of a sign-in: of a new device, and of the second step."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from idp.domain.sign_in.one_time_code import CodeStanding
from idp.domain.sign_in.session import ACR_PASSWORD_OTP
from idp.services.sign_in.entering import Entered
from idp.services.sign_in.sign_in import CodeNeeded, Refused
from tests.codes import OF_OWNER
from tests.fakes import NOON
from tests.services.house import (
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
    assert house.sign_in.with_code(needed.pending_id, code, attempt()) is Refused.CODE_DEAD


def test_attack_O02_tries_are_bounded_by_the_codes_that_an_account_gets_in_a_day(house, needed):
    sent = len(house.texts())
    for _ in range(200):
        house.later(minutes=7)
        pending = house.sign_in.with_password(USER, PASSWORD, attempt()).pending_id
        house.sign_in.send_again(pending, attempt())
        sent += len(house.texts())
        if house.clock() - NOON >= timedelta(hours=23):
            break
    assert sent == OF_OWNER[1].count


def test_past_the_own_count_the_page_says_from_when_on_a_code_can_be_had(house, needed):
    for _ in range(OF_OWNER[0].count):
        house.later(minutes=1)
        house.sign_in.with_password(USER, PASSWORD, attempt())
        house.sign_in.send_again(needed.pending_id, attempt())
    standing = house.sign_in.awaited_code(needed.pending_id, "browser-1")
    assert standing.is_spent
    assert standing.again_at == NOON + timedelta(hours=1)


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
    assert house.sign_in.with_code(needed.pending_id, code, attempt()) is Refused.CODE_DEAD


def test_attack_O05_a_code_of_one_flow_opens_no_other(house, needed):
    code = house.code()
    elsewhere = attempt(browser="browser-2")
    other = house.sign_in.with_password(USER, PASSWORD, elsewhere)
    assert house.sign_in.with_code(other.pending_id, code, elsewhere) is Refused.CODE_WRONG


def test_a_sign_in_begun_again_in_its_browser_keeps_the_code_that_came(house, needed):
    code = house.code()
    house.later(minutes=3)
    again = house.sign_in.with_password(USER, PASSWORD, attempt())
    assert house.texts() == []
    assert again == needed
    assert isinstance(house.sign_in.with_code(again.pending_id, code, attempt()), Entered)


def test_the_page_of_a_code_knows_when_it_was_sent_and_how_long_it_is_good(house, needed):
    house.later(minutes=2)
    standing = house.sign_in.awaited_code(needed.pending_id, "browser-1")
    assert standing == CodeStanding(
        asked_at=NOON,
        ends_at=NOON + timedelta(minutes=5),
        again_at=NOON + timedelta(minutes=1),
    )


def test_the_page_of_a_code_that_is_tried_out_says_that_none_is_good(house, needed):
    for _ in range(5):
        house.sign_in.with_code(needed.pending_id, "000000", attempt())
    assert house.sign_in.awaited_code(needed.pending_id, "browser-1").asked_at is None


def test_another_browser_sees_no_code(house, needed):
    assert house.sign_in.awaited_code(needed.pending_id, "browser-2") is None


def test_a_new_sign_in_gets_a_code_at_once_after_one_that_was_used(house, needed):
    house.sign_in.with_code(needed.pending_id, house.code(), attempt())
    house.texts()
    assert house.sign_in.with_password(USER, PASSWORD, attempt()) == needed
    assert len(house.texts()) == 1


def test_attack_O14_a_stranger_who_tries_codes_for_the_phone_spends_none_of_its_owners(
    house, needed
):
    code = house.code()
    for number in range(30):
        stranger = attempt(browser=f"stranger-{number}")
        house.sign_in.with_code(needed.pending_id, "000000", stranger)
    assert isinstance(house.sign_in.with_code(needed.pending_id, code, attempt()), Entered)


def test_attack_O08_the_flow_gets_one_code_a_minute_and_the_earlier_stays_good(house, needed):
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


def test_a_raised_session_gets_no_code(guide_house, by_password):
    guide_house.sign_in.send_second_step(by_password.session, attempt())
    raised = guide_house.sign_in.second_step(by_password.session, guide_house.code(), attempt())
    guide_house.jobs()
    guide_house.later(minutes=2)
    guide_house.sign_in.send_second_step(raised.session, attempt())
    assert guide_house.jobs() == []


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
    assert result is Refused.CODE_DEAD


def test_the_page_of_the_second_step_knows_whether_a_code_went(guide_house, by_password):
    assert guide_house.sign_in.awaited_step(by_password.session).asked_at is None
    guide_house.sign_in.send_second_step(by_password.session, attempt())
    assert guide_house.sign_in.awaited_step(by_password.session).asked_at == NOON


def test_a_session_without_an_account_awaits_no_second_step(guide_house, by_password):
    assert (
        guide_house.sign_in.awaited_step(replace(by_password.session, account_id="nobody")) is None
    )


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
