"""Every page and state of the tour, in both languages and colour schemes, in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from tests.web.frame import checks
from tests.web.frame.stage import Stage, staged_in
from tests.web.tour import VISITS
from tests.web.visits import Visit, name_of

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PHONE = {"width": 360, "height": 780}


@pytest.fixture(scope="module")
def window(chromium: Chromium) -> Iterator[Page]:
    """One window for all pages: a new one for each would cost half a second."""
    context = chromium.new_context(locale="fa-IR", viewport=PHONE)
    yield context.new_page()
    context.close()


@pytest.fixture
def stage(window: Page, hub) -> Iterator[Stage]:
    with staged_in(window, hub.browser()) as opened:
        # As a page finds a new window, whatever the check of the page before it broke off.
        window.set_viewport_size(PHONE)
        window.emulate_media(
            color_scheme="light", forced_colors="none", reduced_motion="no-preference"
        )
        yield opened


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize("visit", VISITS, ids=name_of)
def test_a_page_is_sound(stage: Stage, visit: Visit, language: str):
    stage.citizen.client.set_cookie("hub_language", language, domain="127.0.0.1")
    stage.show(visit.walk(stage.citizen), late=True)
    found = [
        *checks.answer(stage, visit.template),
        *checks.stillness(stage),
        *checks.frame(stage, language),
        *checks.origin(stage),
        *checks.weight(stage),
        *checks.axe(stage),
        *checks.width(stage),
        *checks.large_text(stage),
        *checks.forced(stage),
    ]
    assert found == []
