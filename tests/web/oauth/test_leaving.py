"""No form of ours redirects out of the hub: a page ends what it began, and leaves by itself."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from werkzeug.test import TestResponse

from idp.domain.clients.client import SelfRegistration
from tests.attack.people.portal import GOODBYE, Portal, answer_in
from tests.web.hub import ORIGIN, Browser, Hub, address, goes_on_to, hidden, words
from tests.web.sign_in.walk import CALLBACK, add_account, add_client, context_of, enter, log_in
from tests.web.tour import VISITS
from tests.web.visits import name_of

OF_PORTALS = {"oauth/form_post.html", "oauth/ask_return.html: by a form"}
"""Pages whose form is a portal's answer."""


def arrive(browser: Browser, answer: TestResponse) -> TestResponse:
    """Follow an answer to a form within the hub; it must not redirect elsewhere."""
    while answer.location:
        assert answer.location.startswith("/"), "the redirect of a form leaves the hub"
        answer = browser.client.get(answer.location, base_url=ORIGIN)
    assert answer.status_code == 200
    return answer


def by_code(browser: Browser) -> TestResponse:
    return enter(browser, context=context_of(browser))


def by_password(browser: Browser) -> TestResponse:
    enter(browser)
    return log_in(browser, context=context_of(browser))


def by_second_step(browser: Browser) -> TestResponse:
    enter(browser)
    log_in(browser)  # on the known device: a session of the password alone
    browser.hub.clock.move(timedelta(minutes=2))
    context = context_of(browser, acr_values="https://account.tamin.ir/acr/password-otp")
    browser.post("/login/second-step/send", {"context": context})
    form = {"context": context, "code": browser.hub.take_code()}
    return browser.post("/login/second-step", form, follow=False)


def decided(browser: Browser, decision: str) -> TestResponse:
    context = context_of(browser)
    page = browser.get("/consent", query_string={"context": context})
    form = {"context": context, "account": hidden(page, "account"), "decision": decision}
    return browser.post("/consent", form, follow=False)


def by_consent(browser: Browser) -> TestResponse:
    add_client(browser.hub, first_party=False)
    enter(browser)
    return decided(browser, "accept")


def by_refusal(browser: Browser) -> TestResponse:
    enter(browser)
    return decided(browser, "deny")


def by_turning_back(browser: Browser) -> TestResponse:
    form = {"context": context_of(browser)}
    return browser.post("/register/back", form, follow=False)


def by_an_error(browser: Browser) -> TestResponse:
    """The portal lost a scope while its citizen signed in."""
    context = context_of(browser)
    add_client(browser.hub, first_party=True, scopes=frozenset({"openid"}))
    return enter(browser, context=context)


WAYS = [by_code, by_password, by_second_step, by_consent, by_refusal, by_turning_back, by_an_error]


@pytest.fixture
def browser(hub: Hub) -> Browser:
    Portal(hub)
    add_account(hub)
    add_client(hub, first_party=True)
    return hub.browser()


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_a_portal_ends_on_a_page_that_goes_on(browser, way: Callable):
    page = arrive(browser, way(browser))
    assert goes_on_to(page).startswith(f"{CALLBACK}?")


@pytest.mark.parametrize("way", WAYS)
def test_the_link_of_the_page_leads_there_by_a_redirect(browser, way: Callable):
    page = arrive(browser, way(browser))
    link = html.unescape(re.search(r'href="(/oauth2[^"]*)"', page.text)[1])
    answer = browser.client.get(link, base_url=ORIGIN)
    assert (answer.status_code, answer.location.startswith(f"{CALLBACK}?")) == (303, True)


def test_the_link_brings_a_code_of_its_own(browser):
    """The portal may have taken the first one, before the browser refused to open its app."""
    portal = Portal(browser.hub)
    page = arrive(browser, enter(browser, context=answer_in(portal.ask(browser))["context"]))
    link = html.unescape(re.search(r'href="(/oauth2[^"]*)"', page.text)[1])
    second = browser.client.get(link, base_url=ORIGIN)
    served = [portal.redeem(answer_in(one)["code"]).status_code for one in (page, second)]
    assert served == [200, 200]


def test_the_page_needs_no_script(browser):
    assert "<script" not in arrive(browser, by_code(browser)).text


def test_the_page_names_the_portal(browser):
    assert "در حال بازگشت به «سوابق بیمه»" in words(arrive(browser, by_code(browser)))


def test_of_a_portal_that_nobody_reviewed_it_names_the_host_alone(browser):
    add_client(browser.hub, registration=SelfRegistration(()), first_party=False)
    page = arrive(browser, by_refusal(browser))
    assert "سوابق بیمه" not in words(page)
    assert "portal.example" in words(page)


def test_the_page_is_not_kept_and_says_nothing_of_itself_at_the_portal(browser):
    headers = arrive(browser, by_code(browser)).headers
    assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")


def test_a_live_session_is_answered_without_a_page(browser):
    enter(browser)
    answer = Portal(browser.hub).ask(browser)
    assert (answer.status_code, answer.location.startswith(CALLBACK)) == (303, True)


def test_a_posted_request_with_a_live_session_is_answered_without_a_page(browser):
    """The form was the portal's, and so is the policy that holds it."""
    enter(browser)
    asked = Portal(browser.hub).ask(browser)
    form = parse_qsl(asked.request.query_string.decode())
    posted = browser.client.post("/oauth2/authorize", data=dict(form), base_url=ORIGIN)
    answer = browser.client.get(posted.location, base_url=ORIGIN)
    assert (answer.status_code, answer.location.startswith(CALLBACK)) == (303, True)


def signing_out(browser: Browser) -> TestResponse:
    """Sign out by the button of the page that a portal's wish leads to."""
    portal = Portal(browser.hub)
    enter(browser)
    hint = portal.tokens(browser)["id_token"]
    other = browser.hub.browser()
    wish = {"id_token_hint": hint, "post_logout_redirect_uri": GOODBYE, "state": "s"}
    asked = other.client.get("/oauth2/end_session", base_url=ORIGIN, query_string=wish)
    sealed = parse_qs(urlsplit(asked.location).query)["request"][0]
    return browser.post("/logout", {"request": sealed}, follow=False)


def test_the_button_that_signs_out_goes_on_by_the_page_that_says_so(browser):
    page = signing_out(browser)
    assert (page.status_code, goes_on_to(page)) == (200, f"{GOODBYE}?state=s")
    assert "خارج شدید" in words(page)


def test_the_page_that_said_so_stays_when_it_is_come_back_to(browser):
    page = signing_out(browser)
    browser.hub.clock.move(timedelta(seconds=15))
    again = browser.get(address(page))
    assert "Refresh" not in again.headers
    assert f'href="{GOODBYE}?state=s"' in again.text


PROGRAMS = ["curl/8.5.0", "python-requests/2.32.3", ""]


@pytest.mark.parametrize("agent", PROGRAMS)
def test_a_program_gets_the_redirect_to_the_portal(browser, agent):
    browser.client.environ_base["HTTP_USER_AGENT"] = agent
    after_login = by_code(browser)
    answer = browser.client.get(after_login.location, base_url=ORIGIN)
    assert (answer.status_code, answer.location.startswith(f"{CALLBACK}?")) == (303, True)


@pytest.mark.parametrize("agent", PROGRAMS)
def test_a_program_that_signed_out_gets_the_redirect_too(browser, agent):
    browser.client.environ_base["HTTP_USER_AGENT"] = agent
    answer = signing_out(browser)
    assert (answer.status_code, answer.location) == (303, f"{GOODBYE}?state=s")


def test_opera_mini_is_a_browser(browser):
    agent = "Opera/9.80 (Android; Opera Mini/36.2/191.249; U; fa) Presto/2.12.423"
    browser.client.environ_base["HTTP_USER_AGENT"] = agent
    assert goes_on_to(arrive(browser, by_code(browser))).startswith(f"{CALLBACK}?")


def is_strict(page: TestResponse) -> bool:
    return "; form-action 'self'; " in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("visit", VISITS, ids=name_of)
def test_our_forms_lead_to_us_alone(see, visit):
    """Markup that somebody got into a page could not post a password elsewhere."""
    assert is_strict(see(visit)) == (name_of(visit) not in OF_PORTALS)


@pytest.mark.parametrize(
    "visit", [one for one in VISITS if name_of(one) in OF_PORTALS], ids=name_of
)
def test_beside_a_form_of_a_portal_there_is_none_of_ours(hub, visit):
    browser = hub.browser()
    add_account(hub)
    enter(browser)
    hub.clock.move(timedelta(minutes=2))
    page = visit.walk(browser)
    assert page.text.count("<form") == 1
    assert "csrf_token" not in page.text
    assert re.findall(r'<input(?! type="hidden")', page.text) == []
