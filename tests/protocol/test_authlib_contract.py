"""What `idp.protocol` takes for granted of Authlib: an upgrade that changes it fails here.

Two kinds of tests. Some pin what our subclasses stand on: names and arguments of the methods that
they override, and the order in which the skeletons call them. The others pin what ours mend; where
one of them fails, the library has been mended and an override may go (docs/decisions/0004).
"""

import ast
import inspect
import logging
from dataclasses import dataclass, field
from hashlib import sha256, sha512
from importlib.metadata import version
from typing import Any

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
)
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, RefreshTokenGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload, OAuth2Request
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc7636.challenge import create_s256_code_challenge
from authlib.oidc.core.util import create_half_hash
from authlib.oidc.discovery import OpenIDProviderMetadata

from idp.protocol.grants import CodeGrant, RefreshGrant, S256Challenge
from idp.protocol.keys import ALGORITHMS
from idp.protocol.server import TokenServer
from tests.architecture.sources import setup, sources

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # RFC 7636 appendix B
CALLBACK = "https://portal.example/callback"


@dataclass
class Steps:
    """Client, code, refresh token and user at once; writes down what it is asked."""

    log: list[str] = field(default_factory=list)
    code_challenge: str | None = CHALLENGE
    code_challenge_method: str | None = "S256"
    user: str | None = "somebody"
    may_use_grants: bool = True
    is_of_this_client: bool = True
    redirect_uri: str = CALLBACK

    def check_grant_type(self, grant_type):
        self.log.append(f"may {grant_type}")
        return self.may_use_grants

    def get_redirect_uri(self):
        self.log.append("redirect_uri")
        return self.redirect_uri

    def check_client(self, client):
        self.log.append("whose refresh token")
        return self.is_of_this_client

    def get_scope(self):
        self.log.append("scope")
        return "openid profile"


class Request(OAuth2Request):
    def __init__(self, steps: Steps, **form: str) -> None:
        super().__init__("POST", "https://account.tamin.ir/oauth2/token")
        self.payload = BasicOAuth2Payload(form)
        self.steps = steps

    @property
    def form(self):
        return self.payload.data


class Stock:
    """The overridden methods of both grants, each of which only says that it was called."""

    def query_authorization_code(self, code, client):
        self.request.steps.log.append("take the code")
        return self.request.steps

    def authenticate_refresh_token(self, refresh_token):
        self.request.steps.log.append("find the refresh token")
        return self.request.steps

    def authenticate_user(self, credential):
        self.request.steps.log.append("user")
        return self.request.steps.user

    def generate_token(self, **asked: Any):
        self.request.steps.log.append(f"generate {asked['scope']}")
        self.request.steps.asked = asked
        return {"access_token": "the-access-token"}

    def delete_authorization_code(self, authorization_code):
        self.request.steps.log.append("delete the code")

    def revoke_old_credential(self, refresh_token):
        self.request.steps.log.append("revoke the old")


class StockCode(Stock, AuthorizationCodeGrant):
    pass


class StockRefresh(Stock, RefreshTokenGrant):
    pass


class StockChallenge(CodeChallenge):
    def validate_code_verifier(self, grant, result):
        grant.request.steps.log.append("verifier")
        super().validate_code_verifier(grant, result)


class StockServer(AuthorizationServer):
    def __init__(self) -> None:
        super().__init__()
        self.register_grant(StockCode, [StockChallenge()])
        self.register_grant(StockRefresh)
        self.failure: Exception | None = None

    def create_oauth2_request(self, request):
        return request

    def authenticate_client(self, request, methods, endpoint="token"):
        request.steps.log.append("client")
        return request.steps

    def send_signal(self, name, *args, **kwargs):
        """Nobody listens."""

    def save_token(self, token, request):
        request.steps.log.append("save")
        if self.failure:
            raise self.failure

    def handle_response(self, status, body, headers):
        return status, body, headers


def redeem(steps: Steps, server: StockServer | None = None, **changes: str):
    form = {
        "grant_type": "authorization_code",
        "code": "c",
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
        **changes,
    }
    return (server or StockServer()).create_token_response(Request(steps, **form))


def refresh(steps: Steps, **changes: str):
    form = {"grant_type": "refresh_token", "refresh_token": "r", **changes}
    return StockServer().create_token_response(Request(steps, **form))


def test_the_release_is_the_one_that_was_read():
    pinned = setup()["options"]["install_requires"]
    assert f"authlib=={version('authlib')}" in pinned


USED = {
    "authlib.oauth2.rfc6749": {"AuthorizationServer"},
    "authlib.oauth2.rfc6749.errors": {
        *("InvalidClientError", "InvalidGrantError", "InvalidRequestError", "OAuth2Error"),
    },
    "authlib.oauth2.rfc6749.grants": {"AuthorizationCodeGrant", "RefreshTokenGrant"},
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


# What our subclasses stand on.


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


# What ours mend.


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
