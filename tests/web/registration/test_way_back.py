"""The portal's request travels through all pages of the registration and back."""

import pytest

from tests.web.hub import Browser, goes_on_to, hidden, words
from tests.web.registration.walk import prove, step_one, step_two, to_step_two
from tests.web.sign_in.walk import CALLBACK, add_client, context_of

PORTAL = "سوابق بیمه"


@pytest.fixture
def browser(hub) -> Browser:
    add_client(hub)
    return hub.browser()


@pytest.fixture
def context(browser) -> str:
    return context_of(browser)


def submitted(browser: Browser, context: str):
    page = step_one(browser, context=context)
    return step_two(browser, prove_with(browser, page), context=context)


def prove_with(browser: Browser, page):
    form = {name: hidden(page, name) for name in ("flow", "context")}
    return browser.post("/register/code", {**form, "code": browser.hub.take_code()})


def test_the_first_page_carries_it(browser, context):
    page = browser.get("/register", query_string={"context": context})
    assert hidden(page, "context") == context


def test_every_page_carries_it_on(browser, context):
    code = step_one(browser, context=context)
    details = prove_with(browser, code)
    assert [hidden(page, "context") for page in (code, details)] == [context, context]


def test_the_submitted_page_offers_the_way_back(browser, context):
    page = submitted(browser, context)
    assert f"بازگشت به {PORTAL}" in words(page)
    assert hidden(page, "context") == context


def test_who_goes_back_is_denied_at_the_portal(browser, context):
    submitted(browser, context)
    answer = browser.post("/register/back", {"context": context}, follow=False)
    page = browser.get(answer.location)
    assert (answer.status_code, page.status_code) == (303, 200)
    assert goes_on_to(page).startswith(f"{CALLBACK}?error=access_denied")


def test_a_registration_survives_a_request_that_no_longer_opens(browser):
    page = step_one(browser, context="changed")
    assert page.status_code == 200
    assert PORTAL not in words(prove(browser, page))


def test_without_a_portal_no_way_back_is_offered(hub):
    browser = hub.browser()
    assert "بازگشت به" not in words(step_two(browser, to_step_two(browser)))


def test_back_without_a_request_leads_to_the_login_page(hub):
    answer = hub.browser().post("/register/back", {}, follow=False)
    assert answer.headers["Location"] == "/login"
