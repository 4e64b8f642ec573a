"""The token endpoint and userinfo as the provider test plans use them."""

import base64
import json
import re
from datetime import timedelta
from urllib.parse import quote_plus

import pytest

from idp.domain.clients.client import ClientAuthMethod
from idp.domain.clients.scopes import KNOWN_SCOPES
from idp.protocol.core import endpoints
from idp.protocol.core.claims import CLAIMS_BY_SCOPE
from idp.protocol.core.requests import ProtocolRequest
from tests.protocol.hub import (
    ASSERTION_TYPE,
    FORM,
    ISSUER,
    SECRET,
    VERIFIER,
    encode,
    key_pair,
    read_claims,
    sign,
)

JWKS_URI = "https://portal.example/jwks"
STANDARD = ("profile", "email", "address", "phone")
TOKEN_CHARACTERS = re.compile(r"[\x21-\x7e]+")


def refused(reply):
    return (reply.status, reply.body["error"]) == (400, "invalid_grant")


def test_codereuse(hub, portal):  # oidcc-codereuse, EnsureHttpStatusCodeIs4xx: RFC 6749 4.1.2
    code = portal.obtain_code()
    first = portal.redeem(code).body

    assert refused(portal.redeem(code))
    assert hub.userinfo(first["access_token"]).status == 401


def test_codereuse_after_30_seconds(hub, portal):  # oidcc-codereuse-30seconds
    code = portal.obtain_code()
    first = portal.redeem(code).body
    hub.clock.move(timedelta(seconds=30))

    assert refused(portal.redeem(code))
    assert hub.userinfo(first["access_token"]).status == 401


def test_client_secret_basic_is_form_encoded_first(portal):  # RFC 6749 2.3.1
    pair = f"{quote_plus(portal.client_id)}:{quote_plus(SECRET)}"
    header = {"authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
    form = {"grant_type": "authorization_code", "code": portal.obtain_code()}
    form |= {"redirect_uri": portal.client.redirect_uris[0], "code_verifier": VERIFIER}

    assert portal.token(header, **form).status == 200


def test_client_secret_post(portal):  # oidcc-server-client-secret-post
    portal.change(auth_method=ClientAuthMethod.POST)

    assert portal.redeem(portal.obtain_code(), client_secret=SECRET).status == 200


def show_key(hub, number):
    key = {**key_pair("RSA", number).as_dict(private=False), "kid": f"key-{number}"}
    hub.web.pages[JWKS_URI] = json.dumps({"keys": [key]}).encode()


def assertion(hub, number, audience):
    now = int(hub.clock().timestamp())
    claims = {"iss": "portal", "sub": "portal", "aud": audience, "exp": now + 60}
    claims["jti"] = f"{number} {audience} {now}"
    return sign(claims, key_pair("RSA", number), kid=f"key-{number}")


@pytest.fixture
def signer(hub, portal):
    """The portal, now proving itself by a key at its address."""
    show_key(hub, 1)
    portal.change(
        auth_method=ClientAuthMethod.PRIVATE_KEY_JWT,
        secrets=(),
        jwks_uri=JWKS_URI,
        auth_audience_token_endpoint=True,
    )
    return portal


def proven(hub, number=1, audience=ISSUER):
    return {
        "client_assertion": assertion(hub, number, audience),
        "client_assertion_type": ASSERTION_TYPE,
    }


@pytest.mark.parametrize("audience", [ISSUER, ISSUER + endpoints.TOKEN])
def test_private_key_jwt(hub, signer, audience):
    # oidcc-test-plan; …-iss-aud-succeeds
    assert signer.redeem(signer.obtain_code(), **proven(hub, audience=audience)).status == 200


def test_refresh_token_rp_key_rotation(hub, signer):  # oidcc-refresh-token-rp-key-rotation
    code = signer.obtain_code(scope="openid offline_access")
    tokens = signer.redeem(code, **proven(hub)).body
    show_key(hub, 2)

    refreshed = signer.refresh(tokens["refresh_token"], **proven(hub, 2))

    assert refreshed.status == 200


def test_refresh_token(hub, portal):  # oidcc-refresh-token: OIDC Core 12.2
    before = portal.obtain_offline()
    hub.move(seconds=5)
    reply = portal.refresh(before["refresh_token"])

    first, second = (read_claims(tokens["id_token"]) for tokens in (before, reply.body))
    same = ("iss", "sub", "aud", "azp", "auth_time")
    assert {name: first[name] for name in same} == {name: second[name] for name in same}
    assert second["iat"] > first["iat"]
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.body["token_type"] == "Bearer"
    assert TOKEN_CHARACTERS.fullmatch(reply.body["refresh_token"])


def test_a_refresh_token_of_another_client_is_refused(hub, portal):  # oidcc-refresh-token
    other = hub.register(client_id="other")

    assert refused(other.refresh(portal.obtain_offline()["refresh_token"]))


def test_expires_in_is_told(portal):  # expires_in missing: W
    assert portal.obtain_tokens()["expires_in"] == 600


def test_userinfo_post_body(hub, portal):  # oidcc-userinfo-post-body
    form = {"access_token": portal.obtain_tokens()["access_token"]}
    request = ProtocolRequest(
        method="POST", path=endpoints.USERINFO, body=encode(form), content_type=FORM
    )

    assert hub.provider.userinfo(request).status == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_userinfo_get_and_post_header(hub, portal, method):
    # oidcc-userinfo-get, oidcc-userinfo-post-header
    tokens = portal.obtain_tokens()
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    request = ProtocolRequest(method=method, path=endpoints.USERINFO, headers=headers)

    told = hub.provider.userinfo(request).body

    assert told["sub"] == read_claims(tokens["id_token"])["sub"]


@pytest.fixture
def told(hub, portal):
    """What userinfo tells for all standard scopes."""
    scope = " ".join(("openid", *STANDARD))
    return hub.userinfo(portal.obtain_tokens(scope=scope)["access_token"]).body


@pytest.mark.parametrize("scope", STANDARD)
def test_a_scope_returns_all_its_claims(told, scope):
    # oidcc-scope-profile, oidcc-scope-email, oidcc-scope-address, oidcc-scope-phone
    # oidcc-scope-all, VerifyScopesReturnedInUserInfoClaims
    assert scope in KNOWN_SCOPES
    assert set(CLAIMS_BY_SCOPE[scope]) <= told.keys()


def test_userinfo_has_claims_of_the_right_types(told):  # ValidateUserInfoStandardClaims
    assert all(value not in ("", None) for value in told.values())
    assert isinstance(told["updated_at"], int)
    assert isinstance(told["email_verified"], bool)
    assert isinstance(told["phone_number_verified"], bool)
    assert isinstance(told["address"], dict)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", told["birthdate"])


def test_userinfo_rs256(hub, portal):  # oidcc-userinfo-rs256
    portal.change(userinfo_signed_response_alg="RS256")
    metadata = json.loads(hub.provider.discovery().content)

    told = read_claims(hub.userinfo(portal.obtain_tokens()["access_token"]).text)

    assert "RS256" in metadata["userinfo_signing_alg_values_supported"]
    assert (told["iss"], told["aud"]) == (ISSUER, portal.client_id)
    assert "nonce" not in told
