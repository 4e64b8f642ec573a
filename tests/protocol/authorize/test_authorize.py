"""What a request may ask, and what the answer is (OIDC Core 3.1.2)."""

import pytest
from structlog.testing import capture_logs

from tests.protocol.hub import challenge_of, error_of, read_claims, response_of


@pytest.mark.parametrize("response_type", ["code code", "x", "code x", "none"])
def test_attack_C14_an_unknown_response_type_is_refused(portal, response_type):
    assert error_of(portal.authorize(response_type=response_type)) == "unsupported_response_type"


def test_a_missing_response_type_is_an_invalid_request(portal):  # RFC 6749 3.1.1
    assert error_of(portal.authorize(response_type=None)) == "invalid_request"


@pytest.mark.parametrize(
    ("parameter", "error"),
    [
        ("request", "invalid_request_object"),
        ("request_uri", "request_uri_not_supported"),
        ("registration", "registration_not_supported"),
    ],
)
def test_attack_S01_what_is_not_supported_is_said(portal, parameter, error):  # OIDC Core 6
    assert error_of(portal.authorize(**{parameter: "http://169.254.169.254/"})) == error


def test_a_request_without_openid_is_refused(portal):
    assert error_of(portal.authorize(scope="profile")) == "invalid_scope"


def test_unknown_scopes_are_ignored(portal):  # OIDC Core 3.1.2.1
    tokens = portal.obtain_tokens(scope="nonsense openid")

    assert tokens["scope"] == "openid"


def test_scopes_beyond_the_allow_list_are_left_out(hub):  # RFC 6749 3.3
    portal = hub.register(scopes=frozenset({"openid"}))

    assert portal.obtain_tokens(scope="openid national_id profile")["scope"] == "openid"


def left_out(portal, scope):
    with capture_logs() as logs:
        portal.authorize(scope=scope)
    return [line["reason"] for line in logs if line["event"] == "scopes_left_out"]


@pytest.mark.parametrize(
    ("scope", "reason"),
    [
        ("email", "scope email is not in the client's file"),
        ("profil", "scope profil is not known to the hub"),
        ("0012345679", "scope (not repeated) is not known to the hub"),
        (
            "email x",
            "scope email is not in the client's file; scope x is not known to the hub",
        ),
    ],
)
def test_what_is_left_out_is_noted_for_the_client(hub, scope, reason):
    portal = hub.register(scopes=frozenset({"openid"}))

    assert left_out(portal, f"openid {scope}") == [reason]


def test_offline_access_that_cannot_be_is_noted(hub):  # OIDC Core 11
    portal = hub.register(grant_types=frozenset({"authorization_code"}))

    [reason] = left_out(portal, "openid offline_access")
    assert "refresh_token in grant_types" in reason


def test_nothing_is_noted_of_a_request_that_gets_all(portal):
    assert left_out(portal, "openid profile") == []


def test_an_error_names_what_the_file_lacks(portal):
    answer = response_of(portal.authorize(resource="https://api.example"))

    assert answer["error"] == "invalid_target"
    assert "access_token_audience" in answer["error_description"]


def test_offline_access_is_ignored_for_clients_that_cannot_refresh(hub):  # OIDC Core 11
    portal = hub.register(grant_types=frozenset({"authorization_code"}))

    tokens = portal.obtain_tokens(scope="openid offline_access")

    assert "refresh_token" not in tokens
    assert tokens["scope"] == "openid"


@pytest.mark.parametrize(
    "wrong",
    [
        {"code_challenge": None},
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": None},
        {"code_challenge_method": "s256"},
        {"code_challenge": "a" * 42},
        {"code_challenge": "a" * 44},
        {"code_challenge": challenge_of("x") + "="},
        {"code_challenge": "a" * 42 + "!"},
    ],
    ids=str,
)
def test_attack_C08_C11_a_request_needs_an_S256_challenge(portal, wrong):  # RFC 9700 2.1.1
    assert error_of(portal.authorize(**wrong)) == "invalid_request"


@pytest.mark.parametrize(
    "claims",
    [
        "x",
        "[]",
        "5",
        '{"userinfo": 5}',
        '{"userinfo": ["name"]}',
        '{"userinfo": []}',
        '{"id_token": 0}',
        '{"id_token": false}',
        '{"id_token": ""}',
        '{"userinfo": {"name": 5}}',
        '{"id_token": {"sub": "x"}}',
        '{"userinfo": {"a": NaN}}',
        '{"userinfo": {}, "userinfo": {}}',
        '{"userinfo": {"a": {"value": 1e400}}}',
        "[" * 8000,
        '{"a":' * 1300 + "1" + "}" * 1300,
    ],
    ids=lambda text: text[:24],
)
def test_attack_D04_J06_claims_must_be_a_small_object(portal, claims):  # OIDC Core 5.5
    assert error_of(portal.authorize(claims=claims)) == "invalid_request"


def test_claims_of_null_places_are_no_error(portal):
    assert "code" in response_of(portal.authorize(claims='{"userinfo": null, "x": 5}'))


def test_resources_must_be_registered(hub):  # RFC 8707 2
    portal = hub.register(access_token_audience=("https://api.example",))

    assert error_of(portal.authorize(resource="https://other.example")) == "invalid_target"


def test_a_nonce_is_echoed_byte_for_byte(portal):  # OIDC Core 3.1.3.7
    nonce = "n-0S6_WzA2Mj+/=~ x"

    assert read_claims(portal.obtain_tokens(nonce=nonce)["id_token"])["nonce"] == nonce


def test_two_requests_may_have_one_nonce(portal):
    portal.obtain_tokens(nonce="same")

    assert "id_token" in portal.obtain_tokens(nonce="same")


@pytest.mark.parametrize(
    "wish",
    [
        {"display": "popup"},
        {"display": "nonsense"},
        {"ui_locales": "fa en fr-CA"},
        {"ui_locales": " ".join(["xx"] * 500)},
        {"claims_locales": "fa"},
        {"acr_values": "0"},
        {"unknown_parameter": "5"},
    ],
    ids=lambda wish: str(wish)[:40],
)
def test_what_a_portal_only_wishes_is_no_error(portal, wish):  # OIDC Core 15.1
    assert "code" in response_of(portal.authorize(**wish))


def test_authorize_writes_nothing(hub, portal):  # D3
    code = portal.obtain_code()

    with hub.at.begin(read_only=True) as work:
        assert work.sessions.visited("session-1") in ([], ())
    assert len(code) > 128
