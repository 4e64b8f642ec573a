"""What `idp.protocol` takes for granted of Authlib: an upgrade that changes it fails here.

Names and arguments of the methods that our subclasses override, and the order in which the
skeletons call them; what ours mend stands in `test_authlib_mended.py`.
"""

import ast
import inspect
from hashlib import sha256, sha512
from importlib.metadata import version

import pytest
from authlib.common.encoding import urlsafe_b64encode
from authlib.common.errors import AuthlibBaseError
from authlib.consts import default_json_headers
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc6749 import AuthorizationServer
from authlib.oauth2.rfc6749.errors import (
    InsecureTransportError,
    InvalidClientError,
    InvalidGrantError,
    InvalidRequestError,
    InvalidScopeError,
)
from authlib.oauth2.rfc6749.grants import (
    AuthorizationCodeGrant,
    ClientCredentialsGrant,
    RefreshTokenGrant,
)
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload, OAuth2Request
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc7636.challenge import create_s256_code_challenge
from authlib.oidc.core.util import create_half_hash
from authlib.oidc.discovery import OpenIDProviderMetadata

from idp.protocol.jose.signing_keys import ALGORITHMS
from idp.protocol.token.client_credentials import ServiceGrant
from idp.protocol.token.grants import CodeGrant, RefreshGrant, S256Challenge
from idp.protocol.token.token_endpoint import TokenServer
from tests.architecture.sources import setup, sources
from tests.protocol.authlib_stock import (
    CALLBACK,
    CHALLENGE,
    VERIFIER,
    Request,
    Steps,
    StockServer,
    redeem,
    refresh,
    serve,
)


def test_the_release_is_the_one_that_was_read():
    pinned = setup()["options"]["install_requires"]
    assert f"authlib=={version('authlib')}" in pinned


USED = {
    "authlib.oauth2.rfc6749": {"AuthorizationServer"},
    "authlib.oauth2.rfc6749.errors": {
        *("InvalidClientError", "InvalidGrantError", "InvalidRequestError", "InvalidScopeError"),
        "OAuth2Error",
    },
    "authlib.oauth2.rfc6749.grants": {
        *("AuthorizationCodeGrant", "ClientCredentialsGrant", "RefreshTokenGrant"),
    },
    "authlib.oauth2.rfc6749.requests": {"BasicOAuth2Payload", "OAuth2Request"},
    "authlib.oauth2.rfc7636": {"CodeChallenge"},
    "authlib.oauth2.rfc7636.challenge": {"create_s256_code_challenge"},
    "authlib.oidc.core.util": {"create_half_hash"},
    "authlib.oidc.discovery": {"OpenIDProviderMetadata"},
}
"""What of the library the tests below hold; whoever imports more writes their tests first."""


def test_nothing_is_used_that_no_test_here_holds():
    found: dict[str, set[str]] = {}
    for source in sources():
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("authlib"):
                found.setdefault(node.module, set()).update(one.name for one in node.names)
    assert found == USED


@pytest.mark.parametrize(
    ("theirs", "ours", "method", "arguments"),
    [
        (AuthorizationServer, TokenServer, "create_oauth2_request", ["request"]),
        (
            AuthorizationServer,
            TokenServer,
            "authenticate_client",
            ["request", "methods", "endpoint"],
        ),
        (AuthorizationServer, TokenServer, "send_signal", ["name", "args", "kwargs"]),
        (AuthorizationServer, TokenServer, "save_token", ["token", "request"]),
        (AuthorizationServer, TokenServer, "handle_response", ["status", "body", "headers"]),
        (AuthorizationCodeGrant, CodeGrant, "query_authorization_code", ["code", "client"]),
        (AuthorizationCodeGrant, CodeGrant, "authenticate_user", ["authorization_code"]),
        (AuthorizationCodeGrant, CodeGrant, "delete_authorization_code", ["authorization_code"]),
        (RefreshTokenGrant, RefreshGrant, "authenticate_refresh_token", ["refresh_token"]),
        (RefreshTokenGrant, RefreshGrant, "_validate_token_scope", ["token"]),
        (ClientCredentialsGrant, ServiceGrant, "validate_requested_scope", []),
        (RefreshTokenGrant, RefreshGrant, "authenticate_user", ["refresh_token"]),
        (RefreshTokenGrant, RefreshGrant, "issue_token", ["user", "refresh_token"]),
        (RefreshTokenGrant, RefreshGrant, "revoke_old_credential", ["refresh_token"]),
        (CodeChallenge, S256Challenge, "validate_code_verifier", ["grant", "result"]),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_we_override_is_still_there(theirs, ours, method, arguments):
    found = list(inspect.signature(getattr(theirs, method)).parameters)[1:]

    assert found == arguments
    assert method in vars(ours)


def test_a_code_is_taken_before_anything_of_it_is_looked_at():
    steps = Steps()
    status, _, _ = redeem(steps)

    assert status == 200
    assert steps.log == [
        "client",
        "may authorization_code",
        "take the code",
        "redirect_uri",
        "verifier",
        "user",
        "scope",
        "may refresh_token",
        "generate openid profile",
        "save",
        "delete the code",
    ]


def test_a_service_is_asked_for_nothing_but_its_client():
    steps = Steps()
    status, body, _ = serve(steps, scope="records.read")

    assert (status, body) == (200, {"access_token": "the-access-token"})
    assert steps.log == ["client", "may client_credentials", "generate records.read", "save"]
    assert steps.asked["include_refresh_token"] is False


def test_a_scope_error_has_the_name_of_the_rfc():  # RFC 6749 5.2
    assert dict(InvalidScopeError("why").get_body())["error"] == "invalid_scope"


def test_a_refresh_token_is_used_up_after_every_check():
    steps = Steps()
    status, _, _ = refresh(steps, scope="openid")

    assert status == 200
    assert steps.log == [
        "client",
        "may refresh_token",
        "find the refresh token",
        "whose refresh token",
        "scope",
        "user",
        "generate openid",
        "save",
        "revoke the old",
    ]


def test_more_scope_than_the_token_has_is_refused_before_it_is_used_up():  # attack C15
    steps = Steps()
    status, body, _ = refresh(steps, scope="openid phone")

    assert (status, dict(body)["error"]) == (400, "invalid_scope")
    assert "generate" not in " ".join(steps.log)


def test_an_oauth_error_is_an_answer_so_what_it_leaves_is_committed():
    status, body, _ = redeem(Steps(user=None))

    assert (status, dict(body)["error"]) == (400, "invalid_grant")


def test_any_other_failure_comes_out_so_all_is_rolled_back():
    server = StockServer()
    server.failure = ZeroDivisionError()

    with pytest.raises(ZeroDivisionError):
        redeem(Steps(), server)


def test_a_code_is_taken_even_when_the_verifier_is_wrong():  # attack C12: no second try
    steps = Steps()
    status, body, _ = redeem(steps, code_verifier="w" * 43)

    assert (status, body["error"]) == (400, "invalid_grant")
    assert "take the code" in steps.log
    assert "save" not in steps.log


@pytest.mark.parametrize("redirect_uri", ["https://portal.example/other", CALLBACK + "/", ""])
def test_another_redirect_uri_than_the_codes_is_refused(redirect_uri):  # RFC 6749 4.1.3
    steps = Steps()
    status, body, _ = redeem(steps, redirect_uri=redirect_uri)

    assert (status, dict(body)["error"]) == (400, "invalid_grant")
    assert "user" not in steps.log


@pytest.mark.parametrize("exchange", [redeem, refresh])
def test_a_client_without_the_grant_type_is_refused(exchange):  # RFC 6749 5.2
    steps = Steps(may_use_grants=False)
    status, body, _ = exchange(steps)

    assert (status, dict(body)["error"]) == (400, "unauthorized_client")
    assert not {"take the code", "find the refresh token"} & set(steps.log)


@pytest.mark.parametrize("grant_type", ["authorization_code", "refresh_token"])
def test_what_is_exchanged_must_be_there(grant_type):
    request = Request(Steps(), grant_type=grant_type)
    status, body, _ = StockServer().create_token_response(request)

    assert (status, dict(body)["error"]) == (400, "invalid_request")


def test_a_refresh_token_of_another_client_is_refused():  # attack C16
    steps = Steps(is_of_this_client=False)
    status, body, _ = refresh(steps)

    assert (status, dict(body)["error"]) == (400, "invalid_grant")
    assert "generate" not in " ".join(steps.log)


def test_an_unknown_grant_type_is_an_answer():
    status, body, _ = redeem(Steps(), grant_type="password")

    assert (status, dict(body)["error"]) == (400, "unsupported_grant_type")


def test_an_error_gives_status_body_and_headers():
    status, body, headers = InvalidGrantError("Why.")()

    assert (status, body["error"], body["error_description"]) == (400, "invalid_grant", "Why.")
    assert {name for name, _ in headers} == {"Content-Type", "Cache-Control", "Pragma"}


def test_the_answers_headers_are_those_that_ours_replace():
    assert {name for name, _ in default_json_headers} == {"Content-Type", "Cache-Control", "Pragma"}


@pytest.mark.parametrize("error", [InvalidClientError, InvalidRequestError, InvalidGrantError])
def test_the_errors_that_we_raise_are_caught_as_one(error):
    assert issubclass(error, OAuth2Error)
    assert issubclass(error, AuthlibBaseError)


@pytest.mark.parametrize(
    ("alg", "digest"), [("RS256", sha256), ("PS256", sha256), ("ES256", sha256), ("EdDSA", sha512)]
)
def test_half_hashes_are_right_for_our_algorithms(alg, digest):  # OIDC Core 3.1.3.6
    whole = digest(b"the token").digest()
    half = create_half_hash("the token", alg)

    assert half == urlsafe_b64encode(whole[: len(whole) // 2])
    assert alg in ALGORITHMS


def test_the_challenge_is_the_standards():  # RFC 7636 appendix B
    assert create_s256_code_challenge(VERIFIER) == CHALLENGE


def test_a_payload_reads_the_form_that_it_was_given():
    payload = BasicOAuth2Payload({"grant_type": "g", "redirect_uri": "r", "scope": "s"})

    assert (payload.grant_type, payload.redirect_uri, payload.scope) == ("g", "r", "s")
    assert payload.client_id is None


def test_metadata_is_a_mapping_that_can_be_validated():
    metadata = OpenIDProviderMetadata(issuer="http://account.tamin.ir")

    assert isinstance(metadata, dict)
    with pytest.raises(ValueError, match="https"):
        metadata.validate_issuer()


@pytest.mark.parametrize("uri", ["https://account.tamin.ir/t", "http://127.0.0.1:8000/t"])
def test_the_addresses_that_we_serve_are_taken(uri):
    assert OAuth2Request("POST", uri).uri == uri


def test_other_plain_http_is_refused_where_no_answer_is_made():
    with pytest.raises(InsecureTransportError):
        OAuth2Request("POST", "http://account.tamin.ir/oauth2/token")
