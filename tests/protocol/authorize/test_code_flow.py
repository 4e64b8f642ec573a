"""The thin line: authorize, code, token, userinfo, discovery, keys."""

import json

from idp.protocol.core.replies import GoTo
from tests.protocol.hub import ISSUER, read_claims, read_header, response_of


def test_a_live_session_gets_a_code_at_once(portal):  # OIDC Core 3.1.2.5; RFC 9207 2
    answer = response_of(portal.authorize())

    assert answer.keys() == {"code", "state", "iss"}
    assert (answer["state"], answer["iss"]) == ("the-state", ISSUER)


def test_nobody_signed_in_goes_to_the_login_page(portal):
    reply = portal.authorize(session=None)

    assert isinstance(reply, GoTo)
    assert reply.step == "log_in"


def test_a_code_gives_tokens(portal):  # OIDC Core 3.1.3.3
    body = portal.redeem(portal.obtain_code()).body

    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 600
    assert body["scope"] == "openid profile"


def test_userinfo_tells_what_was_granted(hub, portal):  # OIDC Core 5.3.2, 5.4
    tokens = portal.obtain_tokens()

    told = hub.userinfo(tokens["access_token"]).body

    assert told["sub"] == read_claims(tokens["id_token"])["sub"]
    assert told["birthdate"] == "1981-08-03"
    assert "email" not in told


def test_id_tokens_are_signed_by_a_published_key(hub, portal):  # OIDC Core 10.1
    header = read_header(portal.obtain_tokens()["id_token"])

    published = {key["kid"] for key in json.loads(hub.provider.jwks().content)["keys"]}
    assert header == {"alg": "RS256", "kid": "key-RS256", "typ": "JWT"}
    assert header["kid"] in published
