"""What the first screen of a phone shows of the registration."""

import pytest
from playwright.sync_api import expect

from tests.web import tour_of_registration
from tests.web.frame.stage import staged
from tests.web.registration.walk import step_one

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PHONE = {"width": 360, "height": 780}
TOP = "(one) => one.getBoundingClientRect().top"


@pytest.mark.parametrize(
    ("visit", "field"),
    [
        (tour_of_registration.the_first_step, "#national_id"),
        (tour_of_registration.the_second_form, "#family_name"),
    ],
)
def test_the_first_box_is_in_sight_below_the_notices(chromium, hub, visit, field):
    with staged(chromium, hub.browser(), viewport=PHONE) as stage:
        page = stage.show(visit(stage.citizen))
        assert page.locator(field).evaluate(TOP) < PHONE["height"]


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
@pytest.mark.parametrize(
    "visit",
    [tour_of_registration.a_wrong_first_step, tour_of_registration.a_wrong_second_form],
)
def test_errors_are_seen_at_once_and_have_the_focus(chromium, hub, visit, scripts):
    with staged(chromium, hub.browser(), viewport=PHONE, java_script_enabled=scripts) as stage:
        page = stage.show(visit(stage.citizen))
        summary = page.locator("#summary")
        expect(summary).to_be_focused()
        assert 0 <= summary.evaluate(TOP) < PHONE["height"]


def test_step_two_does_not_ask_to_read_the_same_notices_twice(chromium, hub):
    with staged(chromium, hub.browser(), viewport=PHONE) as stage:
        page = stage.show(tour_of_registration.the_second_form(stage.citizen))
        assert not page.get_by_text("صرفاً می بایست متعلق به شخص شما باشد").is_visible()
        page.get_by_text("۴ تذکر گام اول").click()
        assert page.get_by_text("صرفاً می بایست متعلق به شخص شما باشد").is_visible()


def test_the_guide_to_the_letter_has_all_six_notices_open(chromium, guide_hub):
    with staged(chromium, guide_hub.browser(), viewport=PHONE) as stage:
        page = stage.show(step_one(stage.citizen))
        assert page.locator(".notices li").count() == 6
        assert page.get_by_text("صرفاً می بایست متعلق به شخص شما باشد").is_visible()
