"""The page of a submitted case looks again by itself, and disturbs nobody who reads it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from idp.domain.registration.case_state import CaseState
from tests.fakes import NOON
from tests.web.frame.stage import Stage, staged
from tests.web.registration.walk import register
from tests.web.tour_of_registration import end

pytestmark = [pytest.mark.slow, pytest.mark.browser]

HOUR = timedelta(hours=1)
A_LOOK = 21_000
"""Milliseconds until the first look of a young case is over."""


@pytest.fixture
def stage(chromium, hub) -> Iterator[Stage]:
    with staged(chromium, hub.browser()) as opened:
        opened.page.clock.install(time=NOON)
        opened.page.clock.pause_at(NOON + HOUR)
        yield opened


@pytest.fixture
def page(stage: Stage) -> Page:
    """The page of a young case, which from now on is the hub's answer of now."""
    page = stage.show(register(stage.citizen))
    stage.shown = None
    page.wait_for_load_state()
    page.evaluate("window.isTheSame = true")
    return page


def look(page: Page) -> None:
    """Let the page look again, and wait for the answer."""
    with page.expect_response("**/register/submitted*"):
        page.clock.run_for(A_LOOK)


def test_while_nothing_has_changed_the_page_and_its_focus_stay(page):
    page.get_by_role("link", name="توقف به‌روزرسانی").focus()
    look(page)
    look(page)

    assert page.evaluate("window.isTheSame")
    expect(page.get_by_role("link", name="توقف به‌روزرسانی")).to_be_focused()


def test_the_hours_that_are_left_are_put_in_quietly(stage, page):
    stage.citizen.hub.clock.move(3 * HOUR)
    look(page)

    expect(page.locator(".clock")).to_contain_text("۳ ساعت گذشته و ۴۵ ساعت مانده است.")
    assert page.evaluate("window.isTheSame")


def test_nothing_of_it_is_announced_again_and_again(page):
    assert page.locator("main [aria-live], main [role=status], main [role=alert]").count() == 0


def test_the_result_comes_by_itself(stage, page):
    end(stage.citizen, CaseState.ACTIVATED)
    look(page)

    expect(page.get_by_role("heading", name="حساب کاربری شما فعال شد")).to_be_visible()


def test_after_the_result_it_looks_no_more(stage, page):
    end(stage.citizen, CaseState.MISMATCH)
    look(page)
    expect(page.get_by_role("heading", name="اطلاعات شما مطابقت ندارد")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(60 * A_LOOK)

    assert asked == []


def test_a_look_that_fails_is_done_again(stage, page):
    page.route("**/register/submitted*", lambda route: route.abort())
    page.clock.run_for(A_LOOK)
    page.unroute("**/register/submitted*")
    end(stage.citizen, CaseState.ACTIVATED)
    with page.expect_response("**/register/submitted*"):
        page.clock.run_for(61_000)

    expect(page.get_by_role("heading", name="حساب کاربری شما فعال شد")).to_be_visible()


def test_who_stopped_it_is_left_alone(stage, page):
    page.get_by_role("link", name="توقف به‌روزرسانی").click()
    expect(page.get_by_text("این صفحه به طور خودکار به‌روز نمی‌شود.")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(60 * A_LOOK)

    assert asked == []
