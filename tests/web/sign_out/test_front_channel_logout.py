"""Front-channel logout: the signed-out page holds a frame of each portal (Front-Channel Logout)."""

import html
import json
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from idp.protocol.core.subjects import session_identifier
from tests.web.hub import ORIGIN, address, hidden, words
from tests.web.sign_in.walk import add_account, add_client, log_in
from tests.web.visits import waiting

FRAME = "https://portal.example/front-channel?app=1"
FRAMES = re.compile(r'<iframe[^>]*\ssrc="([^"]+)"', re.DOTALL)


@pytest.fixture
def inside(guide_hub):
    """A browser that is signed in, and a portal that learnt of its session."""
    add_account(guide_hub)
    add_client(guide_hub, frontchannel_logout_uri=FRAME)
    browser = guide_hub.browser()
    log_in(browser)
    visit(browser, "portal")
    return browser


def session_of(browser):
    return browser.hub.deps.sessions.find_live(browser.cookie("hub_session"))


def client_of(browser):
    with browser.hub.deps.begin(read_only=True) as work:
        return work.clients.find("portal")


def visit(browser, client_id):
    with browser.hub.deps.begin() as work:
        work.sessions.visit(session_of(browser).id, client_id, browser.hub.clock())


def frames_of(page):
    return [html.unescape(address) for address in FRAMES.findall(page.text)]


def test_the_frame_carries_issuer_and_session(inside):  # Front-Channel Logout 3
    session = session_of(inside)
    [frame] = frames_of(inside.post("/logout", {}, follow=False))
    assert frame.startswith(f"{FRAME}&")
    given = parse_qs(urlsplit(frame).query)
    sid = session_identifier(inside.hub.deps.vault, client_of(inside), session.id)
    assert (given["iss"], given["sid"], given["app"]) == ([ORIGIN], [sid], ["1"])


def test_the_policy_lets_in_these_portals_alone(inside):
    policy = inside.post("/logout", {}, follow=False).headers["Content-Security-Policy"]
    assert "frame-src https://portal.example;" in policy


def test_a_portal_without_such_an_address_has_no_frame(inside):
    add_client(inside.hub, client_id="other")
    visit(inside, "other")
    assert len(frames_of(inside.post("/logout", {}, follow=False))) == 1


def test_the_page_can_be_loaded_again_with_its_frames(inside):
    page = inside.post("/logout", {})
    assert frames_of(inside.get(address(page))) == frames_of(page)


def test_the_page_stays_true_an_hour_long(inside):
    page = inside.post("/logout", {})
    inside.hub.clock.move(timedelta(minutes=59))
    assert len(frames_of(inside.get(address(page)))) == 1


@pytest.mark.parametrize("elsewhere", [True, False], ids=["in another browser", "an hour later"])
def test_the_page_tells_of_no_session(inside, elsewhere):
    page = inside.post("/logout", {})
    inside.hub.clock.move(timedelta(hours=0 if elsewhere else 1))
    browser = inside.hub.browser() if elsewhere else inside
    again = browser.get(address(page))
    assert frames_of(again) == []
    assert "خارج شدید" in words(again)


def test_who_has_signed_in_again_is_not_said_to_be_signed_out(inside):
    page = inside.post("/logout", {})
    log_in(inside)
    assert inside.get(address(page)).request.path == "/account"


def test_who_registers_in_another_persons_browser_goes_on_after_the_frames(inside):
    asked = waiting(inside, "/choose-account", prompt="create")
    carried = {name: hidden(asked, name) for name in ("context", "account")}
    page = inside.post("/choose-account", {**carried, "decision": "register"})
    assert len(frames_of(page)) == 1
    assert page.headers["Refresh"].startswith("2;url=/register?context=")


def test_no_other_page_holds_frames(inside):
    assert "frame-src" not in inside.get("/account").headers["Content-Security-Policy"]


def test_without_a_session_there_is_no_frame(guide_hub):
    assert frames_of(guide_hub.browser().post("/logout", {})) == []


def test_the_metadata_says_so(inside):
    keys = inside.hub.deps.provider._provider.keys
    keys.promote(keys.new("RS256").kid)
    told = json.loads(inside.get("/.well-known/openid-configuration").text)
    assert told["frontchannel_logout_supported"] is True
    assert told["frontchannel_logout_session_supported"] is True
