"""Where an answer may go: attacks R01 to R15."""

from urllib.parse import parse_qs, urlsplit

import pytest

from idp.domain.clients.client import ApplicationType, ClientState, RegisteredRedirect
from idp.protocol.authorize.authorization_response import send
from idp.protocol.core.errors import ResponseTarget
from idp.protocol.core.replies import AskReturn, ErrorPage, FormPost, Redirect, Resume
from idp.protocol.core.requests import ProtocolRequest
from tests import factories
from tests.protocol.authorize.test_request_objects import unsigned
from tests.protocol.hub import CALLBACK, ISSUER, encode, response_of

NATIVE = "http://127.0.0.1/callback"


def shown(reply):
    assert isinstance(reply, ErrorPage), reply
    return reply.code


@pytest.mark.parametrize(
    ("attack", "uri"),
    [
        ("R01", CALLBACK + ".evil.com"),
        ("R01", "https://portal.example.evil.com/callback"),
        ("R02", "https://portal.example/callback/../evil"),
        ("R02", "https://portal.example/%2e%2e/callback"),
        ("R02", "https://portal.example/callback%2f"),
        ("R02", "https://portal.example/callback/"),
        ("R02", "https://portal.example//callback"),
        ("R02", "https://portal.example./callback"),
        ("R03", "https://portal.example@evil.example/callback"),
        ("R03", "https://portal.example\\@evil.example/callback"),
        ("R04", "https://PORTAL.example/callback"),
        ("R04", "HTTPS://portal.example/callback"),
        ("R04", "https://portal.example/CALLBACK"),
        ("R05", "https://portalXexample/callback"),
        ("R06", CALLBACK + "?more=1"),
        ("R06", CALLBACK + "#part"),
        ("R06", CALLBACK + '"'),
        ("R06", CALLBACK + " "),
        ("R14", "http://portal.example/callback"),
        ("X01", "javascript://portal.example/%0aalert(1)"),
    ],
    ids=lambda value: f"attack_{value}" if value[0] in "RX" and len(value) == 3 else None,
)
def test_only_the_registered_address_is_redirected_to(portal, attack, uri):  # RFC 9700 4.1.3
    assert shown(portal.authorize(redirect_uri=uri)) == "redirect_uri_not_registered"


@pytest.mark.parametrize("uri", [CALLBACK + "\u0430", CALLBACK + "\t", CALLBACK + "\x00"])
def test_attack_R06_an_address_with_odd_characters_is_an_error_page(portal, uri):
    assert shown(portal.authorize(redirect_uri=uri)) == "invalid_request"


def test_attack_R08_no_address_is_an_error_page(portal):  # OIDC Core 3.1.2.1: REQUIRED
    assert shown(portal.authorize(redirect_uri=None)) == "redirect_uri_missing"


@pytest.mark.parametrize(
    "wrong",
    [
        {"response_type": "token"},
        {"prompt": "nonsense"},
        {"scope": "nothing"},
        {"client_id": "nobody"},
        {"request": "x"},
        {"response_mode": "nonsense"},
    ],
    ids=str,
)
def test_attack_R09_nothing_is_redirected_before_the_address_is_checked(portal, wrong):
    reply = portal.authorize(redirect_uri="https://evil.example/", **wrong)

    assert isinstance(reply, ErrorPage)


def test_attack_A14_a_suspended_client_gets_an_error_page(portal):
    portal.change(state=ClientState.SUSPENDED)

    assert shown(portal.authorize()) == "client_suspended"


def test_attack_R07_native_clients_choose_the_port_of_a_loopback_address(hub):  # RFC 8252 7.3
    native = hub.register(application_type=ApplicationType.NATIVE, redirect_uris=(NATIVE,))

    reply = native.authorize(redirect_uri="http://127.0.0.1:51004/callback")

    assert reply.uri.startswith("http://127.0.0.1:51004/callback?code=")


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:51004/other",
        "http://127.0.0.2:51004/callback",
        "http://localhost:51004/callback",
        "http://localhost.evil:51004/callback",
        "http://127.0.0.1:51004@evil.example/callback",
        "http://127.0.0.1:99999999/callback",
    ],
)
def test_attack_R07_of_the_loopback_address_only_the_port_is_free(hub, uri):
    native = hub.register(application_type=ApplicationType.NATIVE, redirect_uris=(NATIVE,))

    assert shown(native.authorize(redirect_uri=uri)) == "redirect_uri_not_registered"


def test_attack_R07_web_clients_choose_no_port(hub):
    web = hub.register(redirect_uris=(NATIVE,))

    reply = web.authorize(redirect_uri="http://127.0.0.1:51004/callback")

    assert shown(reply) == "redirect_uri_not_registered"


def test_the_query_of_a_registered_address_is_kept(hub):  # OIDC redirect-uri-query-OK
    portal = hub.register(redirect_uris=(CALLBACK + "?from=hub&x=%2F",))

    assert portal.authorize().uri.startswith(CALLBACK + "?from=hub&x=%2F&code=")


def test_fragment_answers_leave_the_query_alone(portal):  # Multiple Response Types 2.1
    uri = urlsplit(portal.authorize(response_mode="fragment").uri)

    assert uri.query == ""
    assert parse_qs(uri.fragment).keys() == {"code", "state", "iss"}


def test_fragment_errors_go_into_the_fragment_too(portal):
    uri = urlsplit(portal.authorize(response_mode="fragment", scope="phone").uri)

    assert uri.query == ""
    assert parse_qs(uri.fragment)["error"] == ["invalid_scope"]


def test_attack_X02_form_posts_carry_the_state_unchanged(portal):  # Form Post Response Mode 2
    reply = portal.authorize(response_mode="form_post", state='"><script>')

    assert isinstance(reply, FormPost)
    assert reply.uri == CALLBACK
    assert reply.fields["state"] == '"><script>'
    assert reply.fields["iss"] == ISSUER


def test_the_state_comes_back_byte_for_byte(portal):  # RFC 6749 4.1.2
    state = "-._~ +%&=#?/:@" * 9

    assert response_of(portal.authorize(state=state))["state"] == state


def test_no_state_is_made_up(portal):
    assert response_of(portal.authorize(state=None)).keys() == {"code", "iss"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"response_type": "x"},
        {"scope": "profile"},
        {"prompt": "none login"},
        {"max_age": "x"},
        {"claims": "["},
        {"request_uri": "https://portal.example/r"},
        {"code_challenge": None},
    ],
    ids=str,
)
def test_every_error_carries_issuer_and_state(portal, wrong):  # RFC 9207 2
    answer = response_of(portal.authorize(**wrong))

    assert (answer["iss"], answer["state"]) == (ISSUER, "the-state")


@pytest.fixture
def stranger(hub):
    """A portal that is not the organisation's own."""
    return hub.register(first_party=False)


FORCED = [{"scope": "nothing"}, {"max_age": "x"}, {"request": "x"}]


@pytest.mark.parametrize("forced", FORCED, ids=str)
def test_attack_R10_a_strangers_error_is_no_redirect(stranger, forced):  # RFC 9700 4.11.2
    reply = stranger.authorize(session=None, **forced)

    assert isinstance(reply, AskReturn)
    assert reply.client == stranger.client


@pytest.mark.parametrize("forced", FORCED, ids=str)
def test_attack_R10_by_post_it_is_none_either(hub, stranger, forced):
    posted = ProtocolRequest(
        method="POST",
        path="/oauth2/authorize",
        body=encode(stranger.request(**forced)),
        content_type="application/x-www-form-urlencoded",
    )
    reply = hub.provider.authorize_posted(posted)
    if isinstance(reply, Resume):
        reply = hub.provider.resume_posted(reply.sealed, "browser-one", None)

    assert isinstance(reply, AskReturn)


def test_a_silent_question_of_a_stranger_is_answered_silently(stranger):  # OIDC Core 3.1.2.1
    reply = stranger.authorize(session=None, prompt="none")

    assert response_of(reply)["error"] == "login_required"


@pytest.mark.parametrize(
    "forced", [*FORCED, {"response_type": None}, {"prompt": "none login"}], ids=str
)
def test_no_error_of_prompt_none_is_held_by_a_page(stranger, forced):  # OIDC Core 3.1.2.1
    answer = response_of(stranger.authorize(session=None, **{"prompt": "none", **forced}))

    assert answer["error"]
    assert (answer["iss"], answer["state"]) == (ISSUER, "the-state")


def test_no_error_of_prompt_none_in_a_request_object_is_held_by_a_page(hub, stranger):
    hub.switch_on(unsigned_request_objects=True)
    stranger.change(request_object_signing_alg="none")
    inside = {**stranger.request(prompt="none", scope="nothing"), "iss": "portal", "aud": ISSUER}

    reply = stranger.authorize(session=None, request=unsigned(inside))

    assert response_of(reply)["error"] == "invalid_scope"


def test_no_error_of_prompt_none_by_post_is_held_by_a_page(hub, stranger):
    posted = ProtocolRequest(
        method="POST",
        path="/oauth2/authorize",
        body=encode(stranger.request(prompt="none")),
        content_type="application/x-www-form-urlencoded",
    )

    reply = hub.provider.resume_posted(
        hub.provider.authorize_posted(posted).sealed, "browser-one", None
    )

    assert response_of(reply)["error"] == "login_required"


@pytest.mark.parametrize("forced", FORCED, ids=str)
def test_a_suite_gets_every_error_without_a_click(hub, stranger, forced):
    hub.switch_on(suite=True)

    assert response_of(stranger.authorize(session=None, **forced))["error"]


def test_the_answer_behind_the_question_is_whole(stranger):  # RFC 9207 2
    reply = stranger.authorize(session=None, scope="nothing")

    answer = response_of(reply.response)
    assert (answer["error"], answer["iss"], answer["state"]) == (
        "invalid_scope",
        ISSUER,
        "the-state",
    )


def test_who_has_decided_on_a_page_is_redirected_at_once(hub, stranger):
    sealed = stranger.authorize().sealed

    reply = hub.provider.deny(sealed, "browser-one")

    assert response_of(reply)["error"] == "access_denied"


def test_attack_R12_parameters_in_query_and_body_are_refused(hub, portal):
    request = ProtocolRequest(
        method="POST",
        path="/oauth2/authorize",
        query=b"prompt=none",
        body=encode(portal.request()),
        content_type="application/x-www-form-urlencoded",
    )
    assert shown(hub.provider.authorize_posted(request)) == "invalid_request"


def test_an_address_that_ends_with_a_question_mark_gets_no_second_one():
    target = ResponseTarget(
        factories.client(), RegisteredRedirect("https://rp.example/?"), "query", None
    )

    reply = send(target, ISSUER, {"code": "c"})

    assert isinstance(reply, Redirect)
    assert reply.uri.startswith("https://rp.example/?code=c&")
