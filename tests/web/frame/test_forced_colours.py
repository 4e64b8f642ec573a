"""Who asks for high contrast and no motion still gets the buttons that come after a wait."""

import pytest
from playwright.sync_api import expect

from tests.web import tour, tour_of_sign_in
from tests.web.frame.stage import staged

pytestmark = [pytest.mark.slow, pytest.mark.browser]

CALM = {"forced_colors": "active", "reduced_motion": "reduce"}
PASSED = "document.getAnimations().forEach((one) => one.finish())"


def test_the_button_of_the_working_page_comes(chromium, hub):
    citizen = hub.browser()
    answer = tour.work_to_do(citizen)
    with staged(chromium, citizen, java_script_enabled=False, **CALM) as stage:
        button = stage.show(answer).locator("main button")
        before = button.is_visible()
        stage.page.evaluate(PASSED)
        expect(button).to_be_visible()
        assert not before


def test_the_buttons_of_the_consent_page_come(chromium, hub):
    citizen = hub.browser()
    answer = tour_of_sign_in.consent(citizen)
    with staged(chromium, citizen, **CALM) as stage:
        page = stage.show(answer)
        expect(page.locator(".consent-accept")).to_be_visible()
        expect(page.locator(".consent-deny")).to_be_visible()
