"""What scripts add to the pages: each helps with the keyboard alone, and none is needed."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from idp.domain.limits import DAY
from idp.web import guide_texts
from tests.fakes import NOON
from tests.web import tour_of_account, tour_of_registration, tour_of_sign_in
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


@pytest.mark.parametrize(
    "visit",
    [
        tour_of_registration.the_code_of_step_one,
        tour_of_sign_in.the_code_of_a_recovery,
        tour_of_sign_in.the_code_of_a_new_device,
        tour_of_account.a_code_of_the_old_number,
    ],
)
def test_a_code_is_sent_again_after_a_countdown(stage, clock, visit):
    page = stage.show(visit(stage.citizen))
    again = page.locator("button[data-after]")
    expect(again).to_be_disabled()
    expect(again).to_have_text("ارسال دوباره کد تا ۶۰ ثانیه دیگر")
    clock.run_for(20_000)
    expect(again).to_have_text("ارسال دوباره کد تا ۴۰ ثانیه دیگر")
    clock.run_for(41_000)
    expect(again).to_be_enabled()
    expect(again).to_have_text("ارسال دوباره کد")


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
    board.get_by_role("button", name="پاک کردن آخرین نویسه").press("Enter")
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
            hub.clock.move(DAY)


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
