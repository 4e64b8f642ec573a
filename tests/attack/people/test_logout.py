"""Signing out, here and at the portals: the cases L01 to L06."""

import base64
import json
import re
from datetime import timedelta

import pytest

from idp.domain.messages.delivery import DeliveryState
from idp.services.sign_out.back_channel_logout import EndedSession
from tests import factories
from tests.attack.people.portal import GOODBYE, Portal, answer_in
from tests.web.hub import ORIGIN, hidden
from tests.web.sign_in.walk import add_account, enter

OTHER_USER = factories.OTHER_NATIONAL_ID.value


@pytest.fixture
def inside(town, portal):
    """A browser that is signed in and was at the portal, whose ID token it has as ``hint``."""
    browser = town.browser()
    enter(browser)
    browser.hint = portal.tokens(browser)["id_token"]
    town.clock.move(timedelta(minutes=2))
    return browser


def end(browser, **query):
    """Follow a link to the end_session endpoint, as far as it leads within the hub."""
    answer = browser.client.get("/oauth2/end_session", base_url=ORIGIN, query_string=query)
    while answer.location and answer.location.startswith(("/", ORIGIN)):
        answer = browser.client.get(answer.location, base_url=ORIGIN)
    return answer


def is_signed_in(browser):
    return browser.get("/account").request.path == "/account"


@pytest.mark.parametrize(
    "query",
    [{}, {"post_logout_redirect_uri": GOODBYE, "client_id": "portal"}, {"state": "x"}],
    ids=["bare", "an address", "a state"],
)
def test_attack_L01_without_a_hint_a_page_asks_and_nothing_ends(inside, query):
    page = end(inside, **query)
    assert (page.status_code, page.location) == (200, None)
    assert hidden(page, "csrf_token")
    assert is_signed_in(inside)


def test_after_their_click_the_page_has_the_way_back(town, portal, inside):
    asked = end(inside, post_logout_redirect_uri=GOODBYE, client_id="portal", state="s")
    sent = dict(re.findall(r'type="hidden"\s+name="([^"]*)"\s+value="([^"]*)"', asked.text))
    page = inside.client.post(  # RP-Initiated Logout 2, 3
        "/logout", data=sent, base_url=ORIGIN, headers={"Origin": ORIGIN}, follow_redirects=True
    )

    assert f'href="{GOODBYE}?state=s"' in page.text
    assert "Refresh" not in page.headers
    assert not is_signed_in(inside)


def test_attack_L01_a_picture_in_a_page_signs_nobody_out(inside):
    for path in ("/logout", "/logout/confirm"):
        inside.client.get(path, base_url=ORIGIN)
    assert is_signed_in(inside)


def test_attack_L02_a_hint_of_somebody_else_asks_and_leads_nowhere(town, portal, inside):
    add_account(
        town,
        account_id="account-2",
        national_id=factories.OTHER_NATIONAL_ID,
        mobile=factories.OTHER_MOBILE,
    )
    other = town.browser()
    enter(other, username=OTHER_USER)
    page = end(
        inside, id_token_hint=portal.tokens(other)["id_token"], post_logout_redirect_uri=GOODBYE
    )
    assert (page.status_code, page.location) == (200, None)
    assert is_signed_in(inside)
    assert is_signed_in(other)


def test_attack_L03_an_expired_hint_of_the_same_session_is_good(inside):
    inside.hub.clock.move(timedelta(minutes=20))
    answer = end(inside, id_token_hint=inside.hint, post_logout_redirect_uri=GOODBYE)
    assert answer.location == GOODBYE
    assert not is_signed_in(inside)


def test_attack_L03_a_hint_of_a_retired_key_is_good(inside):
    keys = inside.hub.deps.provider._provider.keys
    old = keys.all()[0].kid
    keys.promote(keys.new("RS256").kid, at_once=True)
    keys.retire(old, at_once=True)
    inside.hub.clock.move(timedelta(seconds=10))
    answer = end(inside, id_token_hint=inside.hint, post_logout_redirect_uri=GOODBYE)
    assert answer.location == GOODBYE


def changed(hint, **claims):
    head, body, signature = hint.split(".")
    read = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    written = base64.urlsafe_b64encode(json.dumps({**read, **claims}).encode()).rstrip(b"=")
    return f"{head}.{written.decode()}.{signature}"


def test_attack_L03_a_hint_that_was_changed_is_an_error(inside):
    forged = changed(inside.hint, sid="another")
    assert end(inside, id_token_hint=forged).status_code == 400
    assert is_signed_in(inside)


def test_attack_L04_a_hint_of_one_client_in_the_name_of_another_is_an_error(town, inside):
    Portal(town, "other")
    page = end(inside, id_token_hint=inside.hint, client_id="other")
    assert page.status_code == 400
    assert is_signed_in(inside)


def test_attack_L04_a_hint_in_the_name_of_its_own_client_works(inside):
    answer = end(
        inside, id_token_hint=inside.hint, client_id="portal", post_logout_redirect_uri=GOODBYE
    )
    assert answer.location == GOODBYE


LOGOUT_URI = "https://portal.example/backchannel"


@pytest.fixture
def told(town, portal):
    """A browser that was at a portal which is told of sign-outs."""
    portal.change(backchannel_logout_uri=LOGOUT_URI)
    browser = town.browser()
    enter(browser)
    portal.tokens(browser)
    return browser


def untold(hub):
    """Return the portals that are yet to be told: tried at once, the worker tries again."""
    with hub.deps.begin(read_only=True) as work:
        return [
            one.client_id
            for one in work.deliveries.list(client_id=None, state=None, limit=9)
            if one.state in {DeliveryState.WAITING, DeliveryState.FAILED}
        ]


def test_attack_L05_a_portal_that_does_not_answer_holds_no_sign_out_up(town, told):
    page = told.post("/logout", {})
    assert page.status_code == 200
    assert not is_signed_in(told)
    assert untold(town) == ["portal"]


def part(token, number):
    text = token.split(".")[number]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def test_attack_L05_the_logout_token_is_one_and_nothing_else(town, portal):  # Back-Channel 2.4
    with town.deps.begin(read_only=True) as work:
        client = work.clients.find("portal")
    ended = EndedSession(client=client, account_id="account-1", session_id="session-1")
    token = town.deps.provider.logout_token(ended, town.clock())
    claims = part(token, 1)
    assert part(token, 0)["typ"] == "logout+jwt"
    assert claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert "nonce" not in claims
    assert claims["exp"] - claims["iat"] == 120


def test_attack_L05_each_session_is_told_of_once(town, told):
    for _ in range(2):
        told.post("/logout", {})
    assert untold(town) == ["portal"]


def test_attack_L06_a_hint_from_elsewhere_ends_no_session(town, inside):
    stranger = town.browser()
    end(stranger, id_token_hint=inside.hint, post_logout_redirect_uri=GOODBYE)
    assert is_signed_in(inside)


def test_attack_L06_a_portal_cannot_name_a_subject_to_be_signed_out(inside):
    end(inside, sub="account-1", logout_hint="account-1", sid="x")
    assert is_signed_in(inside)
    assert answer_in(inside.client.get("/account", base_url=ORIGIN)) == {}
