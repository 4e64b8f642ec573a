"""What a silent request tells of its visitor: R16."""

import json
from datetime import timedelta

import pytest

from idp.domain.clients.client import ClientAuthMethod
from idp.domain.sign_in.session import ACR_PASSWORD_OTP
from tests.attack.both import at_both
from tests.attack.people.portal import answer_in
from tests.attack.targets import told
from tests.statements import statements
from tests.web.hub import hidden
from tests.web.sign_in.walk import enter

WISHES = {
    "plain": {},
    "fresh": {"max_age": "0"},
    "old enough": {"max_age": "9999"},
    "another way to sign in": {"acr_values": ACR_PASSWORD_OTP},
    "an essential one": {
        "claims": json.dumps({"id_token": {"acr": {"essential": True, "value": ACR_PASSWORD_OTP}}})
    },
    "somebody": {"claims": json.dumps({"id_token": {"sub": {"value": "x"}}})},
    "by form": {"response_mode": "form_post"},
    "more": {"scope": "openid profile offline_access"},
    "in English": {"ui_locales": "en"},
}


@pytest.fixture
def somebody(town):
    """A browser with a session that was used some minutes ago."""
    browser = town.browser()
    enter(browser)
    town.clock.move(timedelta(minutes=5))
    return browser


@pytest.fixture
def nobody(town):
    browser = town.browser()
    browser.get("/login")
    return browser


@pytest.mark.parametrize("wish", WISHES.values(), ids=WISHES)
def test_attack_R16_a_site_learns_of_no_session_by_the_answer(stranger, somebody, nobody, wish):
    answers = [stranger.ask(browser, prompt="none", **wish) for browser in (somebody, nobody)]

    told_by = [(one.status_code, one.location or hidden(one, "error")) for one in answers]
    assert told_by[0] == told_by[1]
    assert "login_required" in told_by[0][1]


@pytest.mark.parametrize("wish", WISHES.values(), ids=WISHES)
def test_attack_R16_nor_by_headers_and_cookies(stranger, somebody, nobody, wish):
    answers = [stranger.ask(browser, prompt="none", **wish) for browser in (somebody, nobody)]

    names = [sorted(name for name, _ in one.headers) for one in answers]
    cookies = [one.headers.getlist("Set-Cookie") for one in answers]
    assert names[0] == names[1]
    assert cookies == [[], []]


@pytest.mark.parametrize("settings", ["[openid]\nsession_management = true\n"])
def test_attack_R16_nor_by_a_session_state(town, stranger, somebody, nobody, settings):
    answers = [answer_in(stranger.ask(one, prompt="none")) for one in (somebody, nobody)]

    assert answers[0].keys() == answers[1].keys()


@pytest.fixture(name="statements")
def _statements():
    with statements() as seen:
        yield seen


@pytest.mark.parametrize("wish", WISHES.values(), ids=WISHES)
def test_attack_R16_nor_by_the_time_that_the_work_takes(
    stranger, somebody, nobody, statements, wish
):
    """The same statements in the same order; none notes that the session was used."""
    stranger.ask(nobody, prompt="none", **wish)  # reads the portal once for all that follow
    sent = []
    for browser in (somebody, nobody):
        statements.clear()
        stranger.ask(browser, prompt="none", **wish)
        sent.append(list(statements))

    assert sent[0] == sent[1]
    assert not [one for one in sent[0] if "UPDATE sessions" in one]


def test_attack_R16_nor_by_the_time_of_an_error(portal, somebody, nobody, statements):
    portal.ask(nobody, response_type="nothing")
    sent = []
    for browser in (somebody, nobody):
        statements.clear()
        answer = portal.ask(browser, response_type="nothing")
        sent.append(list(statements))

    assert answer_in(answer)["error"] == "unsupported_response_type"
    assert sent[0] == sent[1] != []


def test_a_browser_without_a_session_is_led_to_the_login_page_without_a_look(
    portal, nobody, statements
):
    portal.ask(nobody)
    statements.clear()

    answer = portal.ask(nobody)

    assert "/login" in answer.location
    assert statements == []


def test_attack_R16_whoever_took_an_allowance_back_is_nobody_again(town, stranger, somebody):
    stranger.allow(somebody)
    before = answer_in(stranger.ask(somebody, prompt="none"))
    with town.deps.begin() as work:
        work.consents.revoke("account-1", "stranger", town.clock())

    after = answer_in(stranger.ask(somebody, prompt="none"))

    assert ("code" in before, after["error"]) == (True, "login_required")


def test_attack_R16_an_app_that_any_other_can_pretend_to_be_learns_nothing(portal, somebody):
    app = {"auth_method": ClientAuthMethod.NONE, "secrets": ()}
    portal.change(**app, redirect_uris=("com.example.app:/cb",))

    answer = portal.ask(somebody, prompt="none", redirect_uri="com.example.app:/cb")

    assert answer_in(answer)["error"] == "login_required"


@at_both(hub={"login_required"}, naive={"code", "login_required"})
def test_attack_R16_a_site_asks_whether_its_visitor_is_signed_in(target, expected):
    portal = target.register(first_party=False)
    visitors = {"one": target.citizen, "two": target.stranger}

    answers = [portal.ask(who, prompt="none", nonce=nonce) for nonce, who in visitors.items()]

    assert set(map(told, answers)) == expected
