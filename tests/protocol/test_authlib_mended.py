"""What ours mend of Authlib: a failure here says that an override may go.

The seam is decision 0004 (docs/develop/decisions).
"""

import logging

import pytest
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc7636.challenge import create_s256_code_challenge
from authlib.oidc.core.util import create_half_hash

from tests.protocol.authlib_stock import (
    CALLBACK,
    VERIFIER,
    Request,
    Steps,
    StockCode,
    StockRefresh,
    StockServer,
    redeem,
    refresh,
)


def test_stock_keeps_hooks_in_no_order():  # so one hook a point
    assert isinstance(StockCode(Request(Steps()), StockServer())._hooks["any"], set)


def test_stock_gives_a_refresh_token_whenever_the_client_may_refresh():
    steps = Steps()
    redeem(steps)

    assert steps.asked["include_refresh_token"] is True


def test_stock_uses_a_refresh_token_up_and_gives_no_new_one():  # attack C17
    steps = Steps()
    refresh(steps)

    assert steps.asked["include_refresh_token"] is False
    assert steps.log[-1] == "revoke the old"


def test_stock_narrows_whatever_comes_of_a_narrower_scope():
    """What a refresh gives knows the asked scope only: the family's would be lost."""
    steps = Steps()
    refresh(steps, scope="openid")

    assert steps.asked["scope"] == "openid"


def test_stock_takes_any_redirect_uri_when_the_code_has_none():  # ours always has one
    steps = Steps(redirect_uri="")

    assert redeem(steps, redirect_uri="https://evil.example/")[0] == 200


def test_stock_blames_the_request_for_a_user_who_is_gone():
    status, body, _ = refresh(Steps(user=None))

    assert (status, dict(body)["error"]) == (400, "invalid_request")


def test_stock_pkce_knows_plain_and_falls_back_to_it():
    plain = Steps(code_challenge=VERIFIER, code_challenge_method=None)

    assert redeem(plain)[0] == 200
    assert CodeChallenge.DEFAULT_CODE_CHALLENGE_METHOD == "plain"


def test_stock_pkce_takes_a_verifier_with_a_line_feed():  # attack C12
    with_line_feed = create_s256_code_challenge(VERIFIER + "\n")

    assert redeem(Steps(code_challenge=with_line_feed), code_verifier=VERIFIER + "\n")[0] == 200


def test_stock_pkce_is_content_without_challenge_and_verifier():  # attack C08
    form = {"grant_type": "authorization_code", "code": "c", "redirect_uri": CALLBACK}
    request = Request(Steps(code_challenge=None), **form)

    assert StockServer().create_token_response(request)[0] == 200


def test_stock_keeps_the_wording_of_a_missing_verifier_to_itself():
    """A wrong verifier is invalid_grant, a missing one invalid_request: ours says one thing."""
    _, missing, _ = redeem(Steps(), code_verifier="")
    _, wrong, _ = redeem(Steps(), code_verifier="w" * 43)

    assert (missing["error"], wrong["error"]) == ("invalid_request", "invalid_grant")


@pytest.mark.parametrize("text", ['say "no"', "back\\slash", "é"])
def test_stock_errors_fall_over_hostile_text(text):
    with pytest.raises(ValueError, match="forbidden"):
        OAuth2Error(description=text)


def test_stock_knows_secrets_as_the_only_authentication():
    assert StockCode.TOKEN_ENDPOINT_AUTH_METHODS == ["client_secret_basic", "client_secret_post"]
    assert StockRefresh.TOKEN_ENDPOINT_AUTH_METHODS == ["client_secret_basic"]


def test_stock_logs_tokens_at_debug(caplog):
    with caplog.at_level(logging.DEBUG, logger="authlib"):
        redeem(Steps())

    assert "the-access-token" in caplog.text


def test_stock_has_no_half_hash_for_the_new_name_of_eddsa():  # attack J15
    assert create_half_hash("the token", "Ed25519") is None
