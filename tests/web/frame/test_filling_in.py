"""What scripts add while the registration is filled in; none of it is needed."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.web import tour_of_registration
from tests.web.account.conftest import signed_in
from tests.web.frame.stage import Stage, staged

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture
def stage(chromium, hub) -> Iterator[Stage]:
    with staged(chromium, hub.browser(), viewport={"width": 360, "height": 780}) as opened:
        yield opened


def mark_of(page: Page, name: str):
    return page.locator(f"#{name}-good")


@pytest.mark.parametrize(
    ("name", "wrong", "right"),
    [("family_name", "Ahmadi", "احمدی"), ("serial", "0", "۱۲۳۴"), ("email", "x@", "x@example.ir")],
)
def test_a_field_gets_its_mark_while_the_form_is_filled_in(stage, name, wrong, right):
    page = stage.show(tour_of_registration.the_second_form(stage.citizen))
    box = page.locator(f"#{name}")
    box.fill(wrong)
    with page.expect_response("**/register/check"):
        box.blur()
    expect(mark_of(page, name)).to_have_count(0)
    box.fill(right)
    expect(mark_of(page, name)).to_have_text("تأیید شد")
    expect(box).to_have_accessible_description(re.compile("تأیید شد"))
    box.fill(wrong)
    expect(mark_of(page, name)).to_have_count(0)


def test_a_date_of_three_boxes_gets_one_mark(stage):
    page = stage.show(tour_of_registration.the_second_form(stage.citizen))
    page.locator("#birth_month").select_option("5")
    page.locator("#birth_day").select_option("12")
    page.locator("#birth_year").fill("1360")
    expect(mark_of(page, "birth")).to_have_text("تأیید شد")


def test_a_field_that_was_wrong_loses_its_error_when_it_is_right(stage):
    page = stage.show(tour_of_registration.a_wrong_second_form(stage.citizen))
    page.locator("#family_name").fill("احمدی")
    expect(mark_of(page, "family_name")).to_have_text("تأیید شد")
    expect(page.locator("#family_name-error")).to_have_count(0)
    expect(page.locator("#family_name")).not_to_have_attribute("aria-invalid", "true")


def test_a_button_stays_where_it_is_while_it_is_pressed(stage):
    """Its press is what ends the filling in of the last field, whose error then goes."""
    page = stage.show(tour_of_registration.a_wrong_first_step(stage.citizen))
    page.locator("#mobile").fill("09129129929")
    button = page.locator("main form button[type=submit]")
    button.scroll_into_view_if_needed()
    place = button.bounding_box()
    page.mouse.move(place["x"] + 20, place["y"] + place["height"] / 2)
    with page.expect_response("**/register/check"):
        page.mouse.down()
    page.wait_for_timeout(150)
    assert button.bounding_box() == place
    with page.expect_request(lambda request: request.method == "POST"):
        page.mouse.up()
    expect(mark_of(page, "mobile")).to_have_text("تأیید شد")


def test_passwords_and_the_answer_leave_the_page_only_when_it_is_sent(stage):
    page = stage.show(tour_of_registration.the_second_form(stage.citizen))
    sent = []
    page.on("request", lambda request: sent.append(request.post_data or ""))
    for name in ("password", "password_again", "answer"):
        page.locator(f"#{name}").fill("SabzBagh72")
    page.locator("#family_name").fill("احمدی")
    expect(mark_of(page, "family_name")).to_have_text("تأیید شد")
    expect(mark_of(page, "answer")).to_have_text("تأیید شد")
    with page.expect_response("**/register/details/keep"):
        page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    assert [one for one in sent if "SabzBagh72" in one] == []


@pytest.mark.parametrize("typed", ["قايم شهر", "قائم‌شهر", "قایمشهر"])
def test_a_city_is_found_by_typing_it_in_any_spelling(stage, typed):
    page = stage.show(tour_of_registration.the_second_form(stage.citizen))
    page.get_by_label("جستجوی نام شهر").fill(typed)
    expect(page.locator("#city_choice")).to_have_value("قائم شهر")
    page.get_by_label("جستجوی نام شهر").fill("")
    assert page.locator("#city_choice option").count() > 1300


@pytest.mark.parametrize("typed", ["آمريكا", "امریکا"])
def test_a_country_is_found_by_the_name_that_people_use(stage, typed):
    page = stage.show(tour_of_registration.the_second_form(stage.citizen))
    page.get_by_label("جستجوی نام کشور").fill(typed)
    page.locator("#country").select_option("US")
    expect(page.locator("#city_text")).to_be_visible()


def test_a_city_that_is_not_in_the_list_is_said_so(stage):
    page = stage.show(tour_of_registration.the_second_form(stage.citizen))
    page.get_by_label("جستجوی نام شهر").fill("ناکجا")
    expect(page.get_by_text("شهری با این نام در فهرست نیست")).to_be_visible()
    page.locator("#city_choice").select_option("other")
    expect(page.locator("#city_text")).to_be_visible()


def test_long_lists_of_the_account_are_searched_too(chromium, hub):
    with staged(chromium, signed_in(hub), viewport={"width": 360, "height": 780}) as opened:
        page = opened.show(opened.citizen.get("/account/residence"))
        page.get_by_label("جستجوی نام شهر").fill("قايم شهر")
        expect(page.locator("#city_choice")).to_have_value("قائم شهر")
