"""Session Management as the provider test plan looks at it; each test names its module."""

import json
from hashlib import sha256

import pytest

from idp.domain.clients.client import ApplicationType
from idp.protocol.core.replies import FormPost
from idp.protocol.core.requests import ProtocolRequest
from tests.protocol.hub import BROWSER, ISSUER, encode, fragment_of, response_of

STATE, NOBODY = "a" * 64, "b" * 64
"""The browser's state while the citizen is signed in, and after the sign-out."""


@pytest.fixture(autouse=True)
def switched_on(hub):
    hub.switch_on(implicit=True, hybrid=True, session_management=True)


@pytest.fixture
def watching(portal):
    """A portal whose client file says that it watches."""
    portal.change(session_management=True)
    return portal


def ask(portal, session="own", browser_state=STATE, **changes):
    request = ProtocolRequest(
        method="GET", path="/oauth2/authorize", query=encode(portal.request(**changes))
    )
    signed_in = portal.hub.session if session == "own" else session
    return portal.hub.provider.authorize(request, BROWSER, signed_in, browser_state)


def frame_says(session_state, browser_state):
    """Compare as the OP's frame must (Session Management 3.2), for a page of the portal."""
    told, salt = session_state.split(".")
    whole = f"portal https://portal.example {browser_state} {salt}"
    return "unchanged" if told == sha256(whole.encode()).hexdigest() else "changed"


def test_session_management_discovery_endpoint_verification(hub):
    # session-management-discovery-endpoint-verification
    metadata = json.loads(hub.provider.discovery().content)
    assert metadata["check_session_iframe"] == f"{ISSUER}/oauth2/check_session"


def test_session_management_rp_initiated_logout_before_it_unchanged(watching):
    # session-management-rp-initiated-logout
    state = response_of(ask(watching))["session_state"]
    assert frame_says(state, STATE) == "unchanged"


def test_session_management_rp_initiated_logout_after_it_changed(watching):
    # session-management-rp-initiated-logout
    state = response_of(ask(watching))["session_state"]
    assert frame_says(state, NOBODY) == "changed"


@pytest.mark.parametrize(
    "response_type",
    ["id_token", "id_token token", "code id_token", "code token", "code id_token token"],
)
def test_session_management_session_state_in_every_front_channel(watching, response_type):
    state = fragment_of(ask(watching, response_type=response_type))["session_state"]
    assert frame_says(state, STATE) == "unchanged"


def test_session_management_session_state_in_a_form(watching):
    reply = ask(watching, response_mode="form_post")
    assert isinstance(reply, FormPost)
    assert frame_says(reply.fields["session_state"], STATE) == "unchanged"


def test_session_management_login_required_carries_it(watching):  # a portal waits for a sign-in
    answer = response_of(ask(watching, None, NOBODY, prompt="none"))
    assert answer["error"] == "login_required"
    assert frame_says(answer["session_state"], NOBODY) == "unchanged"


def test_session_management_has_no_space_and_tells_no_state(watching):  # Session Management 2
    state = response_of(ask(watching))["session_state"]
    assert " " not in state
    assert STATE not in state


def test_session_management_of_a_portal_that_does_not_watch(portal):
    assert "session_state" not in response_of(ask(portal))


def test_session_management_of_an_app_without_a_web_origin(watching):
    watching.change(
        application_type=ApplicationType.NATIVE, redirect_uris=("org.example.app:/callback",)
    )
    assert "session_state" not in response_of(ask(watching))


def test_session_management_of_a_suites_clients_needs_no_word_of_ours(hub, portal):
    hub.switch_on(session_management=True, suite=True)
    assert "session_state" in response_of(ask(portal))


@pytest.mark.parametrize(
    ("uri", "origin"),
    [
        ("https://portal.example/callback", "https://portal.example"),
        ("https://portal.example:443/callback", "https://portal.example"),
        ("https://portal.example:8443/callback?a=1", "https://portal.example:8443"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
        ("https://[::1]/", "https://[::1]"),
    ],
)
def test_attack_X06_only_origins_of_watching_portals_may_hold_the_frame(hub, watching, uri, origin):
    hub.register(client_id="other", redirect_uris=("https://other.example/callback",))
    watching.change(redirect_uris=(uri,))
    assert hub.provider.frame_ancestors() == [origin]


def test_switched_off_it_is_not_named(hub):
    hub.switch_on()
    assert "check_session_iframe" not in json.loads(hub.provider.discovery().content)


def test_switched_off_no_answer_carries_it(hub, watching):
    hub.switch_on()
    assert "session_state" not in response_of(ask(watching))
