"""Authorization requests as the provider test plans send them; each test names its module."""

import json
import re

import pytest

from idp.domain.clients.response_types import RESPONSE_TYPES
from idp.domain.sign_in.session import ACR_PASSWORD_OTP
from idp.protocol.core import endpoints
from idp.protocol.core.replies import ErrorPage, FormPost, GoTo, Resume
from idp.protocol.core.requests import ProtocolRequest
from tests import factories
from tests.protocol.hub import (
    CALLBACK,
    FORM,
    ISSUER,
    encode,
    fragment_of,
    read_claims,
    read_header,
    response_of,
)

FLOWS = pytest.mark.parametrize("response_type", RESPONSE_TYPES)
DESCRIPTION = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]*")


def answer_of(reply):
    if isinstance(reply, FormPost):
        return dict(reply.fields)
    return response_of(reply) or fragment_of(reply)


def step_of(reply):
    assert isinstance(reply, GoTo), reply
    return reply.step.value


def tokens_of(portal, **changes):
    """Return the ID token's claims of a code flow."""
    return read_claims(portal.obtain_tokens(**changes)["id_token"])


@FLOWS
def test_the_state_comes_back_byte_for_byte(portal, response_type):
    # oidcc-server, ValidateIssIfPresentInAuthorizationResponse
    state = ("aZ09-._~" * 16)[:128]

    answer = answer_of(portal.authorize(response_type=response_type, state=state))

    assert (answer["state"], answer["iss"]) == (state, ISSUER)


def test_every_key_has_a_kid_of_its_own_and_nothing_private(hub):
    # CheckForKeyIdInServerJWKs, CheckDistinctKeyIdValueInServerJWKs
    keys = hub.provider_keys()

    assert len({key["kid"] for key in keys}) == len(keys)
    assert not {"d", "p", "q", "k"} & {name for key in keys for name in key}


def test_idtoken_signature(hub, portal):  # oidcc-idtoken-signature, oidcc-idtoken-rs256
    header = read_header(portal.obtain_tokens()["id_token"])

    assert header["alg"] == "RS256"
    assert header["kid"] in {key["kid"] for key in hub.provider_keys()}


def test_the_id_token_says_nothing_that_nobody_asked_for(portal):
    # EnsureIdTokenDoesNotContainNonRequestedClaims
    protocol = {"iss", "sub", "aud", "azp", "iat", "exp", "auth_time", "acr", "amr", "sid"}

    assert tokens_of(portal, scope="openid email").keys() == protocol | {"nonce", "at_hash"}


def test_a_code_cannot_be_guessed(portal):
    # EnsureMinimumAuthorizationCodeLength, EnsureMinimumAuthorizationCodeEntropy
    codes = [portal.obtain_code() for _ in range(5)]

    assert min(map(len, codes)) * 6 >= 128
    assert len({code[-32:] for code in codes}) == 5


@pytest.mark.parametrize(
    "wrong",
    [
        *({"scope": "x"}, {"prompt": '"\\\r\n'}, {"max_age": "é"}, {"claims": '{"a'}),
        *({"nonce": None, "response_type": "id_token"}, {"id_token_hint": '"'}, {"request": "x"}),
    ],
    ids=str,
)
def test_an_error_description_has_allowed_characters_only(portal, wrong):
    # ValidateErrorDescription
    reply = portal.authorize(**wrong)

    if not isinstance(reply, ErrorPage):
        assert DESCRIPTION.fullmatch(answer_of(reply).get("error_description", ""))


@pytest.mark.parametrize(
    "parameter",
    [
        {"extra": "foobar"},  # oidcc-ensure-request-with-unknown-parameter-succeeds
        {"display": "page"},  # oidcc-display-page
        {"display": "popup"},  # oidcc-display-popup
        {"ui_locales": "se"},  # oidcc-ui-locales
        {"claims_locales": "se"},  # oidcc-claims-locales
        {"login_hint": "buffy@example.com"},  # oidcc-login-hint
        {"acr_values": "1 2"},  # oidcc-ensure-request-with-acr-values-succeeds
        {"scope": "email profile openid"},  # oidcc-alternate-happy-flow
    ],
    ids=str,
)
@FLOWS
def test_what_may_be_asked_is_no_error(portal, response_type, parameter):
    assert "error" not in answer_of(portal.authorize(response_type=response_type, **parameter))


def test_acr_values_are_answered_with_an_acr(portal):
    assert tokens_of(portal, acr_values="1 2")["acr"]


@FLOWS
def test_prompt_login(hub, portal, response_type):  # oidcc-prompt-login
    hub.move(seconds=5)
    reply = portal.authorize(response_type=response_type, prompt="login")
    assert step_of(reply) == "log_in"

    again = hub.sign_in("again", auth_time=hub.clock())

    assert "error" not in answer_of(hub.provider.resume(reply.sealed, "browser-one", again))


def test_prompt_none_logged_in(hub, portal):  # oidcc-prompt-none-logged-in
    first = tokens_of(portal)
    hub.move(seconds=5)
    second = tokens_of(portal, prompt="none")

    assert (first["sub"], first["auth_time"]) == (second["sub"], second["auth_time"])


@FLOWS
def test_prompt_none_not_logged_in(portal, response_type):  # oidcc-prompt-none-not-logged-in
    answer = answer_of(portal.authorize(None, response_type=response_type, prompt="none"))

    assert (answer["error"], answer["state"]) == ("login_required", "the-state")


@pytest.mark.parametrize("prompt", ["none login", "none consent", "none select_account", "none x"])
def test_prompt_none_stands_alone(portal, prompt):  # OIDC Core 3.1.2.1
    assert answer_of(portal.authorize(prompt=prompt))["error"] == "invalid_request"


def test_prompt_login_and_consent_ask_for_both(hub, portal):  # OIDC Core 3.1.2.1
    hub.move(seconds=5)
    reply = portal.authorize(prompt="login consent")
    assert step_of(reply) == "log_in"
    again = hub.sign_in("again", auth_time=hub.clock())

    assert step_of(hub.provider.resume(reply.sealed, "browser-one", again)) == "consent"


def test_prompt_none_and_a_session_too_old_need_a_login(hub, portal):  # OIDC Core 3.1.2.6
    hub.move(seconds=5)

    answer = answer_of(portal.authorize(prompt="none", max_age="1"))

    assert answer["error"] == "login_required"


def test_max_age_1(hub, portal):  # oidcc-max-age-1
    hub.move(seconds=2)

    assert step_of(portal.authorize(max_age="1")) == "log_in"


def test_max_age_10000(hub, portal):  # oidcc-max-age-10000
    hub.move(seconds=2)

    told = tokens_of(portal, max_age="10000")

    assert told["auth_time"] == int(hub.session.auth_time.timestamp())


@FLOWS
def test_id_token_hint(portal, response_type):  # oidcc-id-token-hint
    hint = portal.obtain_tokens()["id_token"]

    reply = portal.authorize(response_type=response_type, id_token_hint=hint, prompt="none")

    assert "error" not in answer_of(reply)


def test_claims_essential(hub, portal):  # oidcc-claims-essential
    wish = json.dumps({"userinfo": {"name": {"essential": True}}})
    token = portal.obtain_tokens(scope="openid", claims=wish)["access_token"]

    assert hub.userinfo(token).body["name"]


@FLOWS
def test_ensure_post_request_succeeds(hub, portal, response_type):
    # ensure-post-request-succeeds, ExpectRedirectUriHasBeenCalled
    request = ProtocolRequest(
        method="POST",
        path=endpoints.AUTHORIZE,
        body=encode(portal.request(response_type=response_type)),
        content_type=FORM,
    )
    reply = hub.provider.authorize_posted(request)
    assert isinstance(reply, Resume)

    answer = answer_of(hub.provider.resume_posted(reply.sealed, "browser-one", hub.session))

    assert "error" not in answer


@pytest.mark.parametrize(
    ("registered", "asked"),
    [
        ((CALLBACK,), "https://portal.example/other"),  # oidcc-ensure-registered-redirect-uri
        ((CALLBACK,), CALLBACK + "?foo=bar"),  # oidcc-redirect-uri-query-added
        ((CALLBACK + "?foo=bar",), CALLBACK + "?bar=foo"),  # oidcc-redirect-uri-query-mismatch
        ((CALLBACK, CALLBACK + "2"), None),  # oidcc-ensure-redirect-uri-in-authorization-request
    ],
)
@FLOWS
def test_a_wrong_redirect_uri_is_an_error_page(portal, response_type, registered, asked):
    portal.change(redirect_uris=registered)

    reply = portal.authorize(response_type=response_type, redirect_uri=asked)

    assert isinstance(reply, ErrorPage)
    assert reply.error == "invalid_request"  # what the screenshot is to show


@FLOWS
def test_redirect_uri_query_ok(portal, response_type):  # oidcc-redirect-uri-query-OK
    portal.change(redirect_uris=(CALLBACK + "?foo=bar",))

    reply = portal.authorize(response_type=response_type)

    separator = "&" if response_type == "code" else "#"
    assert reply.uri.startswith(f"{CALLBACK}?foo=bar{separator}")


@FLOWS
def test_a_login_page_asks_again_for_another_person(hub, portal, response_type):
    # OIDC Core 5.5.1: sub by value
    me = tokens_of(portal)["sub"]
    other = {"id_token": {"sub": {"value": me[::-1]}}}
    hub.move(seconds=5)

    reply = portal.authorize(response_type=response_type, claims=json.dumps(other))

    assert step_of(reply) == "log_in"


@pytest.mark.parametrize("place", ["id_token", "userinfo"])
def test_one_of_several_subjects_will_do(portal, place):  # OIDC Core 5.5.1: values
    wish = {place: {"sub": {"values": ["somebody", tokens_of(portal)["sub"]]}}}

    assert portal.obtain_code(claims=json.dumps(wish), prompt="none")


@pytest.mark.parametrize("place", ["id_token", "userinfo"])
def test_a_subject_that_is_not_signed_in_is_login_required(portal, place):
    wish = {place: {"sub": {"values": ["somebody", "nobody"]}}}

    answer = answer_of(portal.authorize(claims=json.dumps(wish), prompt="none"))

    assert answer["error"] == "login_required"


def test_a_hint_and_claims_must_mean_the_same_person(portal):
    hint = portal.obtain_tokens()["id_token"]
    wish = json.dumps({"id_token": {"sub": {"value": "somebody"}}})

    answer = answer_of(portal.authorize(id_token_hint=hint, claims=wish))

    assert answer["error"] == "invalid_request"


@pytest.mark.parametrize("member", [{"value": 5}, {"values": "x"}, {"values": [None]}])
def test_a_subject_is_text(portal, member):
    wish = json.dumps({"id_token": {"sub": member}})

    assert answer_of(portal.authorize(claims=wish))["error"] == "invalid_request"


def test_an_essential_acr_leads_to_the_second_step(portal):  # OIDC Core 5.5.1.1
    wish = {"id_token": {"acr": {"essential": True, "value": ACR_PASSWORD_OTP}}}

    assert step_of(portal.authorize(claims=json.dumps(wish))) == "second_step"


def test_an_essential_acr_that_was_reached_is_told(hub, portal):
    wish = {"id_token": {"acr": {"essential": True, "values": [ACR_PASSWORD_OTP]}}}
    hub.session = hub.sign_in("strong", acr=ACR_PASSWORD_OTP)

    assert tokens_of(portal, claims=json.dumps(wish))["acr"] == ACR_PASSWORD_OTP


def test_auth_time_is_when_somebody_signed_in(hub, portal):  # OIDC Core 2
    hub.move(minutes=20)

    claims = json.dumps({"id_token": {"auth_time": {"essential": True}}})

    assert tokens_of(portal, claims=claims)["auth_time"] == int(factories.NOON.timestamp())
