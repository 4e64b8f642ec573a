"""A registration that a phone interrupts: nothing but passwords and the answer is typed twice."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, expect

from tests.web.frame.front import Front, served
from tests.web.hub import Hub
from tests.web.registration.walk import PASSWORD, STEP_ONE, STEP_TWO

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PHONE = {"width": 360, "height": 740}
LISTS = {"operator", "series_letter", "birth_month", "birth_day", "gender", "question", "country"}
SECRETS = ("answer", "password", "password_again")
TYPED = {name: text for name, text in STEP_TWO.items() if name not in {*SECRETS, "city_text"}}


@pytest.fixture
def front() -> Iterator[Front]:
    with served() as app:
        yield app


@pytest.fixture
def hub(front: Front, make_hub) -> Hub:
    front.hub = make_hub(f'[server]\nissuer = "http://127.0.0.1:{front.port}"\n')
    return front.hub


def phone(chromium: Chromium, before: BrowserContext | None = None, *, scripts=True) -> Page:
    """A phone that starts with the cookies of the one before."""
    cookies = before.storage_state() if before else None
    context = chromium.new_context(
        viewport=PHONE, java_script_enabled=scripts, storage_state=cookies
    )
    context.set_default_timeout(20_000)
    return context.new_page()


def fill(page: Page, fields: dict[str, str]) -> None:
    for name, text in fields.items():
        control = page.locator(f'main [name="{name}"]')
        if name in LISTS or name == "city":
            control.select_option(text)
        else:
            control.fill(text)


def press(page: Page, name: str) -> None:
    page.locator("main").get_by_role("button", name=name, exact=True).click()


def to_step_two(page: Page, hub: Hub, front: Front) -> None:
    page.goto(front.at("/register"))
    fill(page, STEP_ONE)
    press(page, "ثبت نام")
    expect(page.locator("input.code")).to_be_visible()
    fill(page, {"code": hub.take_code()})
    press(page, "تأیید و ادامه")
    expect(page.locator("#family_name")).to_be_visible()


def holds(page: Page, fields: dict[str, str]) -> None:
    for name, text in fields.items():
        expect(page.locator(f'main [name="{name}"]')).to_have_value(text)


def finish(page: Page, hub: Hub, button: str, last: str) -> None:
    fill(page, {name: STEP_TWO[name] for name in SECRETS})
    press(page, button)
    press(page, last)
    expect(page.locator(".clock")).to_be_visible()
    with hub.deps.begin(read_only=True) as work:
        (case,) = work.cases.list()
    assert case.application.to_json()["family_name"] == TYPED["family_name"]
    assert case.password_hash == hub.hashing.hash(PASSWORD)


def test_a_discarded_tab_the_other_language_and_a_restart_lose_nothing(chromium, hub, front):
    page = phone(chromium)
    to_step_two(page, hub, front)
    fill(page, TYPED)
    page.locator("#email").blur()
    with page.expect_response("**/register/details/keep"):
        page.evaluate(
            "Object.defineProperty(document, 'hidden', { value: true });"
            "document.dispatchEvent(new Event('visibilitychange'))"
        )
    address = page.url
    page.context.new_page()  # another tab; the one of the form is thrown away, and loaded anew
    page.close(run_before_unload=False)
    page = page.context.pages[-1]
    page.goto(address)
    shown = TYPED | {"birth_year": "1360"}
    holds(page, shown)

    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    holds(page, shown)

    again = phone(chromium, page.context)
    page.context.close()
    again.goto(address)
    expect(again.locator("html")).to_have_attribute("lang", "en")
    holds(again, shown)
    finish(again, hub, "Register", "Confirm and send")
    again.context.close()


def test_without_scripts_the_other_language_and_a_refused_form_lose_nothing(chromium, hub, front):
    page = phone(chromium, scripts=False)
    to_step_two(page, hub, front)
    fill(page, TYPED)
    page.get_by_role("button", name="English").click()
    shown = TYPED | {"birth_year": "1360"}
    holds(page, shown)
    press(page, "Register")  # without password and answer
    holds(page, shown)
    again = phone(chromium, page.context, scripts=False)
    again.goto(page.url)
    page.context.close()
    holds(again, shown)
    finish(again, hub, "Register", "Confirm and send")
    again.context.close()


def test_enter_in_a_box_sends_the_form_and_does_not_switch_the_language(chromium, hub, front):
    page = phone(chromium)
    to_step_two(page, hub, front)
    page.locator("#family_name").press("Enter")
    expect(page.locator("#summary")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "fa")
    page.context.close()
