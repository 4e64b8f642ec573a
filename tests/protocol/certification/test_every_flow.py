"""What every module of the provider test plans looks at in every flow (oidcc-server)."""

import base64
import hashlib

import pytest

from idp.domain.clients.response_types import RESPONSE_TYPES
from idp.protocol.core.replies import FormPost
from tests.protocol.certification.test_requests import answer_of, step_of
from tests.protocol.hub import (
    BROWSER,
    ISSUER,
    VERIFIER,
    challenge_of,
    read_claims,
    response_of,
)

FLOWS = pytest.mark.parametrize("response_type", RESPONSE_TYPES)
CODE_FLOWS = pytest.mark.parametrize("response_type", [t for t in RESPONSE_TYPES if "code" in t])


def id_tokens_of(portal, reply):
    """Return the claims of every ID token of the flow."""
    answer = answer_of(reply)
    assert "error" not in answer
    tokens = [answer["id_token"]] if "id_token" in answer else []
    if "code" in answer:
        tokens.append(portal.redeem(answer["code"]).body["id_token"])
    return [read_claims(token) for token in tokens]


@FLOWS
def test_an_id_token_says_who_for_whom_and_since_when(hub, portal, response_type):  # oidcc-server
    now = int(hub.clock().timestamp())
    for told in id_tokens_of(portal, portal.authorize(response_type=response_type)):
        assert (told["iss"], told["aud"], told["nonce"]) == (ISSUER, "portal", "the-nonce")
        assert told["iat"] == now
        assert told["exp"] > now
        assert 0 < len(told["sub"]) <= 255
        assert told["acr"]


@CODE_FLOWS
def test_a_valid_challenge_is_taken(portal, response_type):
    # oidcc-ensure-request-with-valid-pkce-succeeds: RFC 7636 4.6
    verifier = base64.urlsafe_b64encode(hashlib.sha256(b"any").digest()).rstrip(b"=").decode()
    asked = {"code_challenge": challenge_of(verifier), "code_challenge_method": "S256"}
    answer = answer_of(portal.authorize(response_type=response_type, **asked))

    assert portal.redeem(answer["code"], code_verifier=verifier).status == 200


def test_a_valid_challenge_is_held_where_none_is_needed(hub, portal):
    # oidcc-ensure-request-with-valid-pkce-succeeds: RFC 9700 2.1.1, attack C08
    hub.switch_on(without_pkce=True, suite=True)

    assert portal.redeem(portal.obtain_code()).status == 200
    wrong = portal.redeem(portal.obtain_code(), code_verifier="w" + VERIFIER)
    assert wrong.body["error"] == "invalid_grant"


@FLOWS
@pytest.mark.parametrize("wish", [{"prompt": "login"}, {"max_age": "1"}])
def test_auth_time_is_that_of_the_new_login(hub, portal, response_type, wish):
    # oidcc-prompt-login, oidcc-max-age-1: auth_time is there, later, and recent
    hub.move(seconds=5)
    waiting = portal.authorize(response_type=response_type, **wish)
    assert step_of(waiting) == "log_in"
    hub.move(seconds=5)
    again = hub.sign_in("again", auth_time=hub.clock())

    reply = hub.provider.resume(waiting.sealed, BROWSER, again)

    for told in id_tokens_of(portal, reply):
        assert told["auth_time"] == int(again.auth_time.timestamp())


@FLOWS
def test_max_age_10000_tells_the_old_auth_time(hub, portal, response_type):  # oidcc-max-age-10000
    hub.move(seconds=5)
    reply = portal.authorize(response_type=response_type, max_age="10000")

    for told in id_tokens_of(portal, reply):
        assert told["auth_time"] == int(hub.session.auth_time.timestamp())


@FLOWS
def test_nobody_changes_between_two_silent_requests(hub, portal, response_type):
    # oidcc-prompt-none-logged-in
    [first, *_] = id_tokens_of(portal, portal.authorize(response_type="code"))
    hub.move(seconds=5)

    silent = portal.authorize(response_type=response_type, prompt="none")

    for told in id_tokens_of(portal, silent):
        assert (told["sub"], told["auth_time"]) == (first["sub"], first["auth_time"])


def test_response_type_missing_is_told_in_a_form_where_one_is_asked_for(portal):
    # oidcc-response-type-missing, in the plans of form_post
    reply = portal.authorize(response_type=None, response_mode="form_post")

    assert isinstance(reply, FormPost)
    assert reply.fields["error"] == "invalid_request"
    assert reply.fields["state"] == "the-state"


def test_an_unknown_response_type_is_told_too(portal):  # oidcc-response-type-missing
    answer = response_of(portal.authorize(response_type="made-up"))

    assert answer["error"] == "unsupported_response_type"
