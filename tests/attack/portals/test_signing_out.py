"""Portals that sign citizens out of the hub: L07, L08."""

from datetime import timedelta

import pytest

from idp.domain.clients.client import SelfRegistration
from tests.attack.both import at_both
from tests.attack.people.portal import GOODBYE, answer_in
from tests.attack.targets import GOODBYE as BACK
from tests.attack.targets import AtHub, told
from tests.attack.test_sessions import end_session, signed_again
from tests.web.hub import ORIGIN, hidden, words
from tests.web.sign_in.walk import enter, log_in


def nobody_reviewed(target):
    """Let the portal be one that registered itself; the naive server knows no difference."""
    portal = target.register()
    if isinstance(target, AtHub):
        target.change_client(registration=SelfRegistration(()))
    return portal


@at_both(hub="code", naive="login_required")
def test_attack_L07_a_portal_that_nobody_reviewed_signs_nobody_out_by_a_link(target, expected):
    portal = nobody_reviewed(target)
    hint = portal.obtain_tokens()["id_token"]

    end_session(target, id_token_hint=hint, post_logout_redirect_uri=BACK)

    assert told(portal.ask(prompt="none")) == expected


@at_both(hub="code", naive="login_required")
def test_attack_L08_an_id_token_of_years_ago_signs_nobody_out_by_a_link(target, expected):
    portal = target.register()
    long_ago = target.now() - 3 * 365 * 24 * 3600
    token = portal.obtain_tokens()["id_token"]
    hint = signed_again(target, token, iat=long_ago, exp=long_ago + 600)

    end_session(target, id_token_hint=hint, post_logout_redirect_uri=BACK)

    assert told(portal.ask(prompt="none")) == expected


@at_both(hub="code", naive="login_required")
def test_attack_L08_nor_does_one_of_another_session(target, expected):
    portal = target.register()
    token = portal.obtain_tokens()["id_token"]
    hint = signed_again(target, token, sid="a session before")

    end_session(target, id_token_hint=hint, post_logout_redirect_uri=BACK)

    assert told(portal.ask(prompt="none")) == expected


def end(browser, **query):
    """Follow a link to the end_session endpoint, as far as it leads within the hub."""
    answer = browser.client.get("/oauth2/end_session", base_url=ORIGIN, query_string=query)
    while answer.location and answer.location.startswith(("/", ORIGIN)):
        answer = browser.client.get(answer.location, base_url=ORIGIN)
    return answer


def is_signed_in(browser):
    return browser.get("/account").request.path == "/account"


@pytest.fixture
def inside(town):
    browser = town.browser()
    enter(browser)
    return browser


@pytest.fixture
def wish(stranger, inside):
    """The way out that a portal which nobody reviewed asks for; the citizen was there."""
    stranger.allow(inside)
    hint = stranger.tokens(inside)["id_token"]
    return {"id_token_hint": hint, "post_logout_redirect_uri": GOODBYE, "state": "x"}


def test_attack_L07_the_citizen_is_asked_first(inside, wish):
    page = end(inside, **wish)

    assert (page.status_code, page.location) == (200, None)
    assert is_signed_in(inside)


def test_attack_L07_and_is_led_on_by_a_link_under_its_address(inside, wish):
    asked = end(inside, **wish)
    page = inside.post("/logout", {"request": hidden(asked, "request")}, follow=False)

    assert (page.status_code, page.location) == (200, None)
    assert "Refresh" not in page.headers
    assert f'href="{GOODBYE}?state=x"' in page.text
    assert "portal.example" in words(page)
    assert not is_signed_in(inside)


def test_attack_L07_a_link_of_the_hub_leads_nobody_to_it_who_is_signed_out(town, wish):
    """Else the hub's own name would stand on the way to any address (attack R10)."""
    page = end(town.browser(), **wish)

    assert (page.status_code, page.location) == (200, None)
    assert "portal.example" in words(page)


def test_attack_L08_a_later_session_of_the_same_person_is_asked_for(town, portal, inside):
    hint = portal.tokens(inside)["id_token"]
    inside.post("/logout", {})
    town.clock.move(timedelta(minutes=2))
    log_in(inside)

    page = end(inside, id_token_hint=hint, post_logout_redirect_uri=GOODBYE)

    assert (page.status_code, page.location) == (200, None)
    assert is_signed_in(inside)


def test_attack_L08_whoever_says_yes_goes_back_to_the_portal(town, portal, inside):
    hint = portal.tokens(inside)["id_token"]
    inside.post("/logout", {})
    town.clock.move(timedelta(minutes=2))
    log_in(inside)
    asked = end(inside, id_token_hint=hint, post_logout_redirect_uri=GOODBYE, state="x")

    answer = inside.post("/logout", {"request": hidden(asked, "request")}, follow=False)

    assert answer_in(answer) == {"state": "x"}
