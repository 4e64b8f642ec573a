"""Session Management: the browser's state, the frame and who may hold it (attacks X06, X13)."""

import json
from datetime import timedelta
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.web.hub import ORIGIN
from tests.web.sign_in.walk import CALLBACK, add_account, add_client, log_in

ON = "[openid]\nsession_management = true\n"
FRAME = "/oauth2/check_session"
STATE = "hub_browser_state"
QUERY = {
    "client_id": "portal",
    "response_type": "code",
    "redirect_uri": CALLBACK,
    "scope": "openid",
    "state": "s",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}


@pytest.fixture
def watching_hub(make_hub):
    """A hub with Session Management, a citizen, and a portal that watches."""
    hub = make_hub(ON, guide=True)
    add_account(hub)
    add_client(hub, first_party=True, session_management=True)
    return hub


@pytest.fixture
def browser(watching_hub):
    return watching_hub.browser()


@pytest.fixture
def inside(browser):
    log_in(browser)
    return browser


def authorize(browser, **changes):
    """Return the parameters of the answer."""
    query = {name: value for name, value in {**QUERY, **changes}.items() if value}
    page = browser.client.get("/oauth2/authorize", base_url=ORIGIN, query_string=query)
    parts = urlsplit(page.headers["Location"])
    return {name: values[0] for name, values in parse_qs(parts.query or parts.fragment).items()}


def says(browser, session_state, client_id="portal", origin="https://portal.example"):
    """Answer as the frame's script does (Session Management 3.2)."""
    told, _, salt = session_state.partition(".")
    whole = f"{client_id} {origin} {browser.cookie(STATE)} {salt}"
    return "unchanged" if sha256(whole.encode()).hexdigest() == told else "changed"


def test_the_state_that_a_portal_gets_is_that_of_the_browser(inside):  # Session Management 2
    assert says(inside, authorize(inside)["session_state"]) == "unchanged"


@pytest.mark.parametrize(
    "asker", [{"client_id": "other"}, {"origin": "https://evil.example"}], ids=str
)
def test_it_is_of_no_use_to_another_client_or_origin(inside, asker):
    assert says(inside, authorize(inside)["session_state"], **asker) == "changed"


def test_two_answers_to_one_portal_differ(inside):  # salted: portals cannot compare notes
    first, second = (authorize(inside)["session_state"] for _ in range(2))
    assert first != second


def test_it_stays_while_the_citizen_stays(inside):
    state = authorize(inside)["session_state"]
    inside.get("/account")
    assert says(inside, state) == "unchanged"


def test_it_changes_with_a_sign_out(inside):  # session-management-rp-initiated-logout
    state = authorize(inside)["session_state"]
    inside.post("/logout", {})
    assert says(inside, state) == "changed"


def test_it_changes_when_the_session_is_found_dead(inside):
    state = authorize(inside)["session_state"]
    inside.hub.clock.move(timedelta(hours=13))
    inside.get("/login")
    assert says(inside, state) == "changed"


def test_it_changes_when_the_citizen_signs_in_anew(inside):
    state = authorize(inside)["session_state"]
    inside.post("/logout", {})
    log_in(inside)
    assert says(inside, state) == "changed"


def test_it_stays_when_the_same_citizen_proves_the_password_again(inside):
    state = authorize(inside)["session_state"]
    log_in(inside)
    assert says(inside, state) == "unchanged"


def test_login_required_carries_the_state_of_nobody(browser):  # OIDC Core 3.1.2.6
    browser.get("/login")
    answer = authorize(browser, prompt="none")
    assert answer["error"] == "login_required"
    assert says(browser, answer["session_state"]) == "unchanged"


def test_nobodys_state_changes_with_a_sign_in(browser):
    browser.get("/login")
    state = authorize(browser, prompt="none")["session_state"]
    log_in(browser)
    assert says(browser, state) == "changed"


def test_the_cookie_is_readable_and_is_not_the_session(inside):
    set_by_login = [
        line
        for line in log_in(inside.hub.browser()).headers.getlist("Set-Cookie")
        if line.startswith(STATE)
    ]
    session = inside.hub.deps.sessions.find_live(inside.cookie("hub_session"))
    assert "HttpOnly" not in set_by_login[0]
    assert session.id not in inside.cookie(STATE)
    assert inside.cookie("hub_session") not in inside.cookie(STATE)


def test_a_frame_whose_lax_cookies_stay_at_home_does_not_touch_the_state(inside):
    state = inside.cookie(STATE)
    for name in ("hub_session", "hub_browser"):
        inside.client.delete_cookie(name, domain="127.0.0.1")
    answer = authorize(inside, prompt="none")
    assert answer["error"] == "login_required"
    assert inside.cookie(STATE) == state


@pytest.mark.parametrize("mode", ["query", "fragment"])
def test_every_response_mode_carries_it(inside, mode):
    assert "session_state" in authorize(inside, response_mode=mode)


def test_a_form_carries_it(inside):
    page = inside.get("/oauth2/authorize", query_string={**QUERY, "response_mode": "form_post"})
    assert 'name="session_state"' in page.text


def test_a_portal_that_may_not_watch_gets_none(inside):
    add_client(inside.hub, first_party=True, session_management=False)
    assert "session_state" not in authorize(inside)


def test_the_frame_has_no_script_in_it_and_names_its_cookie(inside):
    page = inside.get(FRAME).text
    assert f'data-cookie="{STATE}"' in page
    assert 'src="/static/js/check_session.js"></script>' in page


def test_the_frame_sets_no_cookie(browser):
    assert browser.get(FRAME).headers.getlist("Set-Cookie") == []


def test_the_metadata_names_the_frame(inside):  # Session Management 3.3
    keys = inside.hub.deps.provider._provider.keys
    keys.promote(keys.new("RS256").kid)
    told = json.loads(inside.get("/.well-known/openid-configuration").text)
    assert told["check_session_iframe"] == ORIGIN + FRAME


def test_switched_off_there_is_no_frame_no_cookie_and_no_state(guide_hub):
    add_account(guide_hub)
    add_client(guide_hub, first_party=True, session_management=True)
    browser = guide_hub.browser()
    log_in(browser)
    assert "session_state" not in authorize(browser)
    assert browser.cookie(STATE) is None
    assert browser.get(FRAME).status_code == 404
