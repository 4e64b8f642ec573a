"""Step one's answers: with the proof of the phone, and in the guide's way. Both columns."""

import html
import re
from datetime import timedelta

import pytest

from idp.domain.registration.case_state import CaseState
from tests.factories import (
    MOBILE,
    NATIONAL_ID,
    OTHER_MOBILE,
    OTHER_NATIONAL_ID,
    account,
    application,
    case,
)
from tests.web.hub import Hub, words
from tests.web.registration.walk import prove, step_one

EXISTS = "حساب کاربری شما قبلاً ایجاد شده است."
INVALID = "کد ملی و یا شماره موبایل معتبر نیست"
PENDING = "درخواست شما با موفقیت ثبت گردید."
BRANCH = "جهت فعال سازی حساب کاربری با در دست داشتن مدارک هویتی به نزدیکترین شعبه"
STEP_TWO = "ثبت نام - گام دوم"
CODE_PAGE = "تأیید شماره تلفن همراه"

AN_ACCOUNT = {"an account of this phone": account()}
OTHER_PHONE = {"an account of another phone": account(mobile=OTHER_MOBILE)}
PENDING_HERE = {"an open case of this phone": case()}
CHECKING_HERE = {"a case being checked of this phone": case(state=CaseState.CHECKING)}
BRANCH_HERE = {"a branch case of this phone": case(state=CaseState.BRANCH)}
PENDING_THERE = {
    "an open case of another phone": case(application=application(mobile=OTHER_MOBILE))
}
OTHERWISE = {"nothing": None}
ROWS = {
    **AN_ACCOUNT,
    **OTHER_PHONE,
    **PENDING_HERE,
    **CHECKING_HERE,
    **BRANCH_HERE,
    **PENDING_THERE,
    **OTHERWISE,
}
WITH_PROOF = dict(
    zip(ROWS, (EXISTS, STEP_TWO, PENDING, PENDING, BRANCH, STEP_TWO, STEP_TWO), strict=True)
)
TO_THE_LETTER = dict(
    zip(ROWS, (EXISTS, EXISTS, PENDING, PENDING, BRANCH, INVALID, STEP_TWO), strict=True)
)


def write(hub: Hub, row):
    with hub.deps.begin() as work:
        if row is not None:
            (work.accounts if hasattr(row, "credentials") else work.cases).add(row)


@pytest.mark.parametrize("row", ROWS)
def test_after_the_code(hub, row):
    write(hub, ROWS[row])
    browser = hub.browser()
    assert WITH_PROOF[row] in words(prove(browser, step_one(browser)))


@pytest.mark.parametrize("row", ROWS)
def test_at_once_in_the_guides_way(guide_hub, row):
    write(guide_hub, ROWS[row])
    page = step_one(guide_hub.browser())
    assert TO_THE_LETTER[row] in words(page)
    assert guide_hub.take_sms() == []


@pytest.mark.parametrize("row", ROWS)
def test_before_the_code_all_pages_are_alike(make_hub, row):
    pages = []
    for one in (ROWS[row], None):
        hub = make_hub()
        write(hub, one)
        pages.append(step_one(hub.browser()).get_data())
    assert pages[0] == pages[1]


@pytest.mark.parametrize("row", ROWS)
def test_every_pair_gets_one_code(hub, row):
    write(hub, ROWS[row])
    step_one(hub.browser())
    assert [message.message_id for message in hub.take_sms()] == ["code_registration"]


def test_a_decided_mismatch_may_register_again_at_once(hub):
    write(hub, case(state=CaseState.MISMATCH))
    browser = hub.browser()
    assert STEP_TWO in words(prove(browser, step_one(browser)))


def test_the_operator_is_never_compared_with_the_number(hub):
    page = step_one(hub.browser(), operator="rightel")
    assert CODE_PAGE in words(page)
    assert "پیش‌شماره با اپراتور انتخاب‌شده هم‌خوان نیست" in words(page)


def test_the_code_page_says_why(hub):
    assert "چرا کد؟" in words(step_one(hub.browser()))


def test_persian_digits_and_marks_are_welcome(hub):
    page = step_one(
        hub.browser(), national_id="\u200f۹۹۹-۴۸۶۳۱۷-۷\u200c", mobile="۰۹۱۲ ۹۱۲ ٩٩٢٩\u202c"
    )
    assert CODE_PAGE in words(page)


def test_two_tabs_keep_their_own_data(hub):
    browser = hub.browser()
    first = step_one(browser)
    hub.clock.move(timedelta(minutes=2))
    code = hub.take_code()
    second = step_one(browser, national_id=OTHER_NATIONAL_ID.value, mobile=OTHER_MOBILE.national)
    assert OTHER_NATIONAL_ID.value in words(prove(browser, second))
    assert case().application.national_id.value in words(prove(browser, first, code))


def test_an_error_of_step_one_keeps_what_was_typed(guide_hub):
    write(guide_hub, account())
    page = step_one(guide_hub.browser()).get_data(as_text=True)
    assert f'value="{NATIONAL_ID.value}"' in page
    assert f'value="{MOBILE.national}"' in page


def test_who_typed_the_wrong_number_finds_the_rest_again(hub):
    browser = hub.browser()
    code_page = step_one(browser).get_data(as_text=True)
    back = html.unescape(re.search(r'<a href="(/register\?[^"]*)"', code_page)[1])
    assert f'value="{NATIONAL_ID.value}"' in browser.get(back).get_data(as_text=True)


def test_another_browser_finds_nothing(hub):
    code_page = step_one(hub.browser()).get_data(as_text=True)
    back = html.unescape(re.search(r'<a href="(/register\?[^"]*)"', code_page)[1])
    assert NATIONAL_ID.value not in hub.browser().get(back).get_data(as_text=True)


def test_who_has_no_national_id_is_told_where_to_go(hub):
    assert "اتباع خارجی که کد ملی ندارند" in words(hub.browser().get("/register"))
