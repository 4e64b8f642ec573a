"""A page that has expired leads back to its portal; in another browser it is not "too late"."""

from datetime import timedelta

import pytest

from idp.web.words import messages
from tests.web.hub import words
from tests.web.sign_in.walk import add_account, add_client, ask_recovery, context_of, log_in

ELSEWHERE = "این صفحه در مرورگر دیگری باز شده است"
HOURS_3 = timedelta(hours=3)


@pytest.mark.parametrize("path", ["/login", "/oauth2/authorize/resume", "/recover"])
def test_an_expired_page_names_its_portal_and_leads_back_to_it(hub, path):
    add_client(hub, name="سوابق بیمه", client_uri="https://portal.example/start")
    browser = hub.browser()
    context = context_of(browser)
    hub.clock.move(HOURS_3)
    page = browser.get(path, query_string={"context": context})
    assert page.status_code == 400
    assert "سوابق بیمه" in words(page)
    assert 'href="https://portal.example/start"' in page.text


def test_the_way_back_begins_a_sign_in_where_the_portal_can(hub):
    add_client(hub, initiate_login_uri="https://portal.example/begin?x=1")
    browser = hub.browser()
    context = context_of(browser)
    hub.clock.move(HOURS_3)
    page = browser.get("/login", query_string={"context": context})
    assert "https://portal.example/begin?x=1&amp;iss=" in page.text


def test_a_portal_without_a_page_of_its_own_is_entered_at_its_host(hub):
    add_client(hub)
    browser = hub.browser()
    context = context_of(browser)
    hub.clock.move(HOURS_3)
    page = browser.get("/login", query_string={"context": context})
    assert 'rel="noreferrer"' in page.text


def test_in_another_browser_it_says_so_and_not_that_it_is_too_late(hub):
    add_client(hub)
    context = context_of(hub.browser())
    other = hub.browser()
    other.get("/login")
    page = other.get("/login", query_string={"context": context})
    assert ELSEWHERE in words(page)
    assert messages.text("N02") not in words(page)


def test_what_was_never_ours_names_nobody(hub):
    page = hub.browser().get("/login", query_string={"context": "x" * 50})
    assert (page.status_code, messages.text("N02") in words(page)) == (400, True)


@pytest.mark.parametrize("path", ["/login/code", "/recover/code"])
def test_a_browser_without_our_cookie_hears_of_cookies(hub, path):
    add_account(hub)
    browser = hub.browser()
    page = log_in(browser) if path == "/login/code" else ask_recovery(browser)
    elsewhere = hub.browser().get(page.request.full_path)
    assert "کوکی" in words(elsewhere)
