"""What scripts add to the pages: each helps with the keyboard alone, and none is needed."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from idp.web.words import guide_texts
from tests.fakes import NOON
from tests.web import tour, tour_of_account, tour_of_registration, tour_of_sign_in
from tests.web.frame.stage import Stage, staged

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture
def stage(chromium, hub) -> Iterator[Stage]:
    with staged(chromium, hub.browser(), viewport={"width": 360, "height": 780}) as opened:
        yield opened


@pytest.fixture
def clock(stage: Stage):
    """The page's clock, which stands still until it is moved: a busy machine loses no second."""
    stage.page.clock.install(time=NOON)
    # It runs until it is paused, and cannot be paused in its past.
    stage.page.clock.pause_at(NOON + timedelta(hours=1))
    return stage.page.clock


def rule(page: Page, name: str):
    return page.locator(f'[data-rule="{name}"]')


def test_the_rules_of_a_password_tick_while_it_is_typed(stage):
    page = stage.show(tour_of_registration.the_second_form(stage.citizen))
    page.locator("#password").press_sequentially("bahar")
    expect(rule(page, "pw.start")).to_have_class("is-kept")
    expect(rule(page, "pw.start")).to_contain_text("رعایت شد")
    expect(rule(page, "pw.length")).not_to_have_class(re.compile("is-kept"))


def test_a_rule_that_is_broken_again_loses_its_tick(stage):
    page = stage.show(tour_of_registration.the_second_form(stage.citizen))
    page.locator("#password").fill("Bahar1405")
    page.locator("#password").fill("Bahar")
    expect(rule(page, "pw.length")).not_to_have_class(re.compile("is-kept"))
    expect(rule(page, "pw.length")).not_to_contain_text("رعایت شد")


@pytest.mark.parametrize("field", ["#password", "#email"])
def test_persian_letters_in_a_latin_field_are_said_at_once(stage, field):
    page = stage.show(tour_of_registration.the_second_form(stage.citizen))
    said = page.locator(".field", has=page.locator(field)).get_by_role("status")
    page.locator(field).press_sequentially("بهار")
    expect(said).to_have_text(re.compile("صفحه کلید"))
    page.locator(field).fill("bahar")
    expect(said).to_have_text("")


COMES_BACK = [
    "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))",
    "document.dispatchEvent(new Event('visibilitychange'))",
]
CODES = [
    tour_of_registration.the_code_of_step_one,
    tour_of_sign_in.the_code_of_a_recovery,
    tour_of_sign_in.the_code_of_a_new_device,
    tour_of_account.a_code_of_the_old_number,
]
FAKE_PHONE = """
window.OTPCredential = class {};
navigator.credentials.get = (asked) => new Promise((resolve, reject) => {
  asked.signal.addEventListener("abort", reject);
  Object.assign(window, { asked, arrives: (code) => resolve({ code }), fails: reject });
});
"""
"""A browser with WebOTP; ``arrives`` is the SMS, ``fails`` the citizen who does not allow it."""


@pytest.mark.parametrize("visit", CODES)
def test_the_code_of_the_sms_fills_itself_in_where_the_browser_can(stage, visit):
    stage.page.add_init_script(FAKE_PHONE)
    page = stage.show(visit(stage.citizen))
    page.wait_for_function("() => window.arrives")
    assert page.evaluate("asked.otp.transport") == ["sms"]
    page.evaluate("arrives('482913')")
    expect(page.locator("input.code")).to_have_value("482913")


def test_a_page_of_ours_may_ask_for_the_sms(stage):
    answer = tour_of_registration.the_code_of_step_one(stage.citizen)
    assert "otp-credentials=(self)" in answer.headers["Permissions-Policy"]


def test_a_code_that_arrives_late_does_not_disturb_who_types(stage):
    stage.page.add_init_script(FAKE_PHONE)
    page = stage.show(tour_of_registration.the_code_of_step_one(stage.citizen))
    page.wait_for_function("() => window.arrives")
    page.locator("input.code").press_sequentially("48")
    assert page.evaluate("asked.signal.aborted")
    page.evaluate("arrives('482913')")
    expect(page.locator("input.code")).to_have_value("48")


def test_who_does_not_let_the_sms_be_read_types_the_code(stage):
    stage.page.add_init_script(FAKE_PHONE)
    page = stage.show(tour_of_registration.the_code_of_step_one(stage.citizen))
    page.wait_for_function("() => window.fails")
    page.evaluate("fails(new DOMException('no', 'NotAllowedError'))")
    page.locator("input.code").fill("482913")
    expect(page.locator("input.code")).to_have_value("482913")
    assert stage.complaints == []


def test_a_page_that_comes_back_asks_for_the_sms_again(stage):
    stage.page.add_init_script(FAKE_PHONE)
    page = stage.show(tour_of_registration.the_code_of_step_one(stage.citizen))
    page.wait_for_function("() => window.arrives")
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    page.evaluate(COMES_BACK[0])
    page.wait_for_function("() => !asked.signal.aborted")
    page.evaluate("arrives('482913')")
    expect(page.locator("input.code")).to_have_value("482913")


@pytest.mark.parametrize("visit", CODES)
def test_a_code_is_sent_again_after_a_countdown(stage, clock, visit):
    page = stage.show(visit(stage.citizen))
    again = page.locator("button[data-after]")
    expect(again).to_be_disabled()
    expect(again).to_have_text("ارسال دوباره کد پس از ۶۰ ثانیه")
    clock.run_for(20_000)
    expect(again).to_have_text("ارسال دوباره کد پس از ۴۰ ثانیه")
    clock.run_for(41_000)
    expect(again).to_be_enabled()
    expect(again).to_have_text("ارسال دوباره کد")


@pytest.mark.parametrize("comes_back", COMES_BACK, ids=["from the cache", "to the front"])
def test_a_countdown_goes_on_while_the_phone_sleeps(stage, clock, comes_back):
    page = stage.show(tour_of_registration.the_code_of_step_one(stage.citizen))
    again = page.locator("button[data-after]")
    asleep_until(page, timedelta(seconds=25))
    expect(again).to_have_text("ارسال دوباره کد پس از ۶۰ ثانیه")  # no timer of a page runs then
    page.evaluate(comes_back)
    expect(again).to_have_text("ارسال دوباره کد پس از ۳۵ ثانیه")
    asleep_until(page, timedelta(seconds=61))
    page.evaluate(comes_back)
    expect(again).to_be_enabled()


def test_a_countdown_goes_on_while_the_clock_of_the_day_is_set_back(stage, clock):
    page = stage.show(tour_of_registration.the_code_of_step_one(stage.citizen))
    asleep_until(page, timedelta(days=-1))
    clock.run_for(61_000)
    expect(page.locator("button[data-after]")).to_be_enabled()


def test_a_countdown_begins_when_the_answer_came_and_not_when_the_script_did(stage, clock):
    stage.page.add_init_script(
        "performance.getEntriesByType = () => [{ responseStart: performance.now() - 40000 }]"
    )
    page = stage.show(tour_of_registration.the_code_of_step_one(stage.citizen))
    again = page.locator("button[data-after]")
    expect(again).to_have_text("ارسال دوباره کد پس از ۲۰ ثانیه")


def test_a_long_wait_is_told_in_minutes(stage, clock):
    stage.page.add_init_script(
        "performance.getEntriesByType = () => [{ responseStart: performance.now() + 640000 }]"
    )
    page = stage.show(tour_of_registration.the_code_of_step_one(stage.citizen))
    again = page.locator("button[data-after]")
    expect(again).to_have_text("ارسال دوباره کد پس از ۱۲ دقیقه")


def test_a_page_that_works_for_minutes_shows_that_it_goes_on(stage, clock):
    page = stage.show(tour.work_of_minutes(stage.citizen))
    clock.run_for(65_000)
    expect(page.locator("#work-time")).to_have_text("زمان سپری شده: ۱:۰۵")


def asleep_until(page: Page, later: timedelta) -> None:
    """Move the clock of the day alone: all others of a page stand still while a phone sleeps."""
    page.clock.set_system_time(NOON + timedelta(hours=1) + later)


def test_step_two_warns_when_the_phone_wakes_up_within_the_last_minutes(stage, clock):
    page = stage.show(tour_of_registration.the_second_form(stage.citizen))
    asleep_until(page, timedelta(minutes=116))
    page.evaluate(COMES_BACK[1])
    expect(page.get_by_role("alert").filter(has_text="۵ دقیقه دیگر")).to_be_visible()


def test_step_two_warns_before_its_end_and_gives_more_time_without_losing_a_letter(stage, clock):
    page = stage.show(tour_of_registration.the_second_form(stage.citizen))
    page.locator("#family_name").fill("احمدی نژاد")
    clock.run_for(116 * 60_000)
    warning = page.get_by_role("alert").filter(has_text="۵ دقیقه دیگر")
    expect(warning).to_be_visible()
    warning.get_by_role("button", name="زمان بیشتری می‌خواهم").press("Enter")
    expect(warning).to_have_count(0)
    expect(page.locator("#family_name")).to_have_value("احمدی نژاد")


def test_a_password_is_shown_and_hidden_by_the_keyboard(stage):
    page = stage.show(tour_of_sign_in.the_login_page(stage.citizen))
    page.locator("#password").fill("Bahar1405")
    button = page.get_by_role("button", name="نمایش گذرواژه")
    button.press("Enter")
    expect(page.locator("#password")).to_have_attribute("type", "text")
    expect(button).to_have_attribute("aria-pressed", "true")
    button.press("Enter")
    expect(page.locator("#password")).to_have_attribute("type", "password")


def test_the_on_screen_keyboard_types_by_the_keyboard_alone(stage):
    page = stage.show(tour_of_sign_in.the_login_page(stage.citizen))
    page.get_by_role("button", name="صفحه کلید مجازی").press("Enter")
    board = page.get_by_role("group", name="صفحه کلید مجازی")
    board.get_by_role("button", name="حروف بزرگ").press("Enter")
    board.get_by_role("button", name="B", exact=True).press("Enter")
    board.get_by_role("button", name="حروف بزرگ").press("Enter")
    for sign in ("a", "7", "#", "x"):
        board.get_by_role("button", name=sign, exact=True).press("Enter")
    board.get_by_role("button", name="پاک کردن آخرین حرف").press("Enter")
    expect(page.locator("#password")).to_have_value("Ba7#")


def test_the_on_screen_keyboard_has_the_letters_of_a_password_and_no_other(stage):
    page = stage.show(tour_of_sign_in.the_login_page(stage.citizen))
    page.get_by_role("button", name="صفحه کلید مجازی").press("Enter")
    keys = page.get_by_role("group", name="صفحه کلید مجازی").get_by_role("button")
    signs = {text for text in keys.all_inner_texts() if text.isascii()}
    assert signs == set("abcdefghijklmnopqrstuvwxyz0123456789&%$#!")


def test_the_city_of_another_country_is_typed_with_scripts_and_without(chromium, hub):
    for scripts in (True, False):
        with staged(chromium, hub.browser(), java_script_enabled=scripts) as stage:
            page = stage.show(tour_of_registration.the_second_form(hub.browser()))
            expect(page.locator("#city_text")).to_be_hidden()
            page.locator("#country").select_option("DE")
            expect(page.locator("#city_text")).to_be_visible()
            expect(page.locator("#city_choice")).to_be_hidden()
            hub.clock.move(timedelta(days=1))


def described(page: Page, name: str):
    return expect(page.get_by_label(name, exact=True).first)


def test_marks_and_hints_of_step_two_reach_a_screen_reader(stage):
    page = stage.show(tour_of_registration.the_second_form(stage.citizen))
    described(page, "کد ملی").to_have_accessible_description(
        f"{guide_texts.screen('callout.prefilled')} تأیید شد"
    )
    described(page, "سوال").to_have_accessible_description("سوال امنیتی")


def test_errors_of_step_two_reach_a_screen_reader(stage):
    page = stage.show(tour_of_registration.a_wrong_second_form(stage.citizen))
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    for name in ("نام خانوادگی", "پاسخ", "آدرس ایمیل", "شماره شناسنامه"):
        field = page.get_by_label(name, exact=True).first
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_have_accessible_description(re.compile(r"\S+"))
    expect(page.get_by_role("group", name="تاریخ تولد")).to_be_visible()


def test_the_step_of_the_way_reaches_a_screen_reader(stage):
    page = stage.show(tour_of_registration.the_second_form(stage.citizen))
    steps = page.get_by_role("list", name="مراحل ثبت نام")
    assert "listitem: گام دوم" in steps.aria_snapshot()
    expect(steps.locator('[aria-current="step"]')).to_have_text("گام دوم")
