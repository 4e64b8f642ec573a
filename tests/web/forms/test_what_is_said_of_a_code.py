"""Every page that asks for a code: what it says of the code, and what it offers."""

from datetime import timedelta

import pytest

from tests.web import tour_of_account, tour_of_registration, tour_of_sign_in
from tests.web.hub import address, hidden, words
from tests.web.sign_in.walk import log_in
from tests.web.tour import VISITS
from tests.web.visits import name_of

MINUTE = timedelta(minutes=1)
NEW, AGAIN = "ارسال کد جدید", "ارسال دوباره کد"
REPLACED = "کدهای قبلی دیگر معتبر نیستند"
IF_REPLACED = "اگر کد جدیدی دریافت کنید، کدهای قبلی دیگر معتبر نیستند"
SPENT = "تعداد کدهای این حساب به حد مجاز رسیده است"

NONE_GOOD = [visit for visit in VISITS if visit.state in {"none good", "tried out"}]
FULL = [visit for visit in VISITS if visit.state == "spent"]
SENT_AGAIN = {
    "login/code.html": REPLACED,
    "login/second_step.html": REPLACED,
    "account/mobile_code.html": REPLACED,
    "register/code.html": IF_REPLACED,
    "recover/code.html": IF_REPLACED,
    "track/code.html": IF_REPLACED,
}
WAY_BACK = {
    "login/code.html": "/login",
    "register/code.html": "/register?",
    "recover/code.html": "/recover",
    "track/code.html": "/track",
    "account/mobile_code.html": "/account/mobile",
}


def of_state(template, state=""):
    return next(one for one in VISITS if (one.template, one.state) == (template, state))


def test_every_page_of_a_code_is_seen_without_one():
    assert {visit.template for visit in NONE_GOOD} == set(WAY_BACK)


@pytest.mark.parametrize("visit", NONE_GOOD, ids=name_of)
def test_without_a_good_code_there_is_nothing_to_type_it_into(see, visit):
    assert 'name="code"' not in see(visit).text


@pytest.mark.parametrize("visit", NONE_GOOD, ids=name_of)
def test_without_a_good_code_a_new_one_is_what_the_page_is_for(see, visit):
    assert f"{NEW}</button>" in see(visit).text
    assert AGAIN not in see(visit).text


@pytest.mark.parametrize("visit", FULL, ids=name_of)
def test_past_the_count_there_is_no_button_that_sends_nothing(see, visit):
    assert SPENT in see(visit).text
    assert "data-after" not in see(visit).text


@pytest.mark.parametrize("visit", FULL, ids=name_of)
def test_a_time_of_today_is_told_by_its_hour_alone(see, visit):
    assert "و پیش از ساعت" in " ".join(see(visit).text.split())


def test_a_time_of_tomorrow_is_told_with_its_day(hub):
    browser = hub.browser()
    hub.clock.move(timedelta(hours=8))  # 23:30 in Tehran
    assert "و پیش از ۲ فروردین" in words(tour_of_sign_in.no_more_codes_of_a_new_device(browser))


@pytest.mark.parametrize(("template", "says"), SENT_AGAIN.items())
def test_a_code_that_was_asked_for_again_is_told_apart_from_the_first(see, template, says):
    assert says in see(of_state(template, "sent again")).text
    assert REPLACED not in see(of_state(template)).text


def test_a_press_that_sent_nothing_claims_no_new_code(hub):
    browser = hub.browser()
    page = tour_of_sign_in.the_code_of_a_new_device(browser)
    assert REPLACED not in words(tour_of_sign_in.again(browser, page))


def test_the_first_code_of_a_second_step_replaces_none(see):
    assert REPLACED not in see(of_state("login/second_step.html", "sent")).text


@pytest.mark.parametrize(("template", "path"), WAY_BACK.items())
def test_a_slip_before_the_code_can_be_mended(see, template, path):
    assert f'<a href="{path}' in see(of_state(template)).text.partition('class="links"')[2]


def test_a_code_typed_after_its_end_is_told_with_the_way_to_a_new_one(hub):
    browser = hub.browser()
    page = tour_of_registration.the_code_of_step_one(browser)
    code = hub.take_code()
    hub.clock.move(5 * MINUTE)
    dead = browser.post("/register/code", {"flow": hidden(page, "flow"), "code": code})
    assert "این کد دیگر معتبر نیست. کد جدیدی دریافت کنید" in words(dead)
    assert 'href="#code"' not in dead.text


def test_a_new_device_is_named_as_the_reason_of_a_code(hub):
    browser = hub.browser()
    assert "پزشکان" not in words(tour_of_sign_in.the_code_of_a_new_device(browser))


@pytest.mark.parametrize(
    ("walk", "number"),
    [
        (tour_of_account.a_code_of_the_old_number, "0912*****29"),
        (tour_of_account.a_code_of_the_new_number, "09127919289"),
    ],
)
def test_a_step_of_a_change_names_the_number_that_it_proves(hub, walk, number):
    assert number in words(walk(hub.browser()))


def test_only_the_step_of_the_old_number_says_what_to_do_without_it(see):
    lost = "اگر شماره فعلی را در اختیار ندارید"
    assert lost in see(of_state("account/mobile_code.html")).text
    assert lost not in see(of_state("account/mobile_code.html", "of the new number")).text


def test_a_sign_in_begun_again_after_the_end_of_its_code_sends_the_first_of_its_kind(hub):
    browser = hub.browser()
    page = tour_of_sign_in.the_code_of_a_new_device(browser)
    hub.clock.move(5 * MINUTE)
    assert NEW in words(browser.get(address(page)))
    assert "پیامک شد" in words(log_in(browser))
