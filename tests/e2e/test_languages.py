"""The switch between the languages, in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import PHONE
from tests.e2e.demo import Demo

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PAGES = ("/login", "/register", "/recover", "/guide", "/register/physicians")
CARETS = """select => getComputedStyle(select).backgroundPosition.split(", ")
    .map(one => one.startsWith("calc("))"""


@pytest.fixture
def page(chromium: Browser, guide_demo: Demo) -> Iterator[Page]:
    """A browser in English alone, on the hub's first page."""
    context = chromium.new_context(locale="en-GB", viewport=PHONE)
    page = context.new_page()
    page.goto(f"{guide_demo.hub}/login")
    yield page
    context.close()


def test_the_switch_is_reached_and_pressed_by_the_keyboard(page: Page):
    page.keyboard.press("Tab")  # the skip link
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="English")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("dir", "ltr")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_the_switch_is_large_enough_to_be_hit(page: Page):  # WCAG 2.2, 2.5.8
    box = page.get_by_role("link", name="English").bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 24


def test_the_switch_stands_out_for_a_browser_in_english(page: Page):
    line = page.get_by_role("link", name="English").evaluate("a => getComputedStyle(a).borderColor")
    assert line != "rgba(0, 0, 0, 0)"


@pytest.mark.parametrize("language", ["en", "fa"])
def test_no_page_is_wider_than_a_narrow_phone(page: Page, guide_demo: Demo, language: str):
    page.set_viewport_size({"width": 320, "height": 640})  # WCAG 2.2, 1.4.10
    wide = []
    for path in PAGES:
        page.goto(f"{guide_demo.hub}{path}?language={language}")
        if page.evaluate("document.documentElement.scrollWidth - innerWidth") > 0:
            wide.append(path)
    assert wide == []


@pytest.mark.parametrize(("language", "is_at_the_right"), [("en", True), ("fa", False)])
def test_the_caret_of_a_list_stands_at_the_end_of_the_line(
    page: Page, guide_demo: Demo, language: str, is_at_the_right: bool
):
    page.goto(f"{guide_demo.hub}/register?language={language}")
    found = page.locator("select#operator").evaluate(CARETS)
    assert found == [is_at_the_right] * 2


def test_the_words_that_scripts_bring_are_english(page: Page):
    page.get_by_role("link", name="English").click()
    page.get_by_role("button", name="Show Password").click()
    expect(page.get_by_role("button", name="Show Password")).to_have_text("Hide")
    page.get_by_role("button", name="On-screen keyboard").click()
    expect(page.get_by_role("group", name="On-screen keyboard")).to_be_visible()
    expect(page.get_by_role("button", name="Capital letters")).to_be_visible()
