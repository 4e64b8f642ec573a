"""Every kind of token at every consumer: only the diagonal passes (RFC 8725 3.12; J08, C22)."""

from dataclasses import dataclass

import pytest

from idp.domain.client import Client, ClientAuthMethod
from idp.protocol.replies import AskSignOut
from idp.protocol.requests import ProtocolRequest
from tests.protocol.hub import (
    ASSERTION_TYPE,
    ISSUER,
    Portal,
    encode,
    key_pair,
    response_of,
    sign,
)


@dataclass
class Ended:
    client: Client
    account_id: str = "account-1"
    session_id: str = "session-1"


def an_assertion(hub):
    now = int(hub.clock().timestamp())
    claims = {"iss": "signer", "sub": "signer", "aud": ISSUER, "exp": now + 60, "jti": "one"}
    return sign(claims, key_pair("RSA", 1), kid="one")


@pytest.fixture
def kinds(hub, portal):
    """One good token of each kind."""
    tokens = portal.obtain_offline()
    return {
        "access": tokens["access_token"],
        "id": tokens["id_token"],
        "refresh": tokens["refresh_token"],
        "logout": hub.provider.logout_token(Ended(portal.client), hub.clock()),
        "code": portal.obtain_code(),
        "assertion": an_assertion(hub),
        "context": portal.authorize(session=None).sealed,
    }


def at_userinfo(portal: Portal, token: str) -> bool:
    return portal.hub.userinfo(token).status == 200


def at_introspection(portal: Portal, token: str) -> bool:
    return portal.introspect(token).body["active"] is True


def as_refresh_token(portal: Portal, token: str) -> bool:
    return portal.refresh(token).status == 200


def as_code(portal: Portal, token: str) -> bool:
    return portal.redeem(token).status == 200


def as_hint(portal: Portal, token: str) -> bool:
    return "code" in response_of(portal.authorize(id_token_hint=token))


def at_end_session(portal: Portal, token: str) -> bool:
    query = encode({"id_token_hint": token})
    request = ProtocolRequest(method="GET", path="/oauth2/end_session", query=query)
    return isinstance(portal.hub.provider.end_session(request), AskSignOut)


def as_assertion(portal: Portal, token: str) -> bool:
    hub = portal.hub
    jwks = {
        "keys": [
            {**key_pair("RSA", 1).as_dict(private=False), "kid": "one"},
            *hub.provider_keys(),
        ]
    }
    signer = hub.register(
        client_id="signer", auth_method=ClientAuthMethod.PRIVATE_KEY_JWT, secrets=(), jwks=jwks
    )
    form = {"client_assertion": token, "client_assertion_type": ASSERTION_TYPE}
    reply = signer.token({}, grant_type="authorization_code", code="x", client_id="signer", **form)
    return reply.status == 400 and reply.body["error"] == "invalid_grant"


def as_context(portal: Portal, token: str) -> bool:
    reply = portal.hub.provider.resume(token, "browser-one", portal.hub.session)
    return getattr(reply, "uri", "").startswith("https://portal.example/callback?code=")


ACCEPTS = {
    at_userinfo: {"access"},
    at_introspection: {"access", "refresh"},
    as_refresh_token: {"refresh"},
    as_code: {"code"},
    as_hint: {"id"},
    at_end_session: {"id"},
    as_assertion: {"assertion"},
    as_context: {"context"},
}
KINDS = ("access", "id", "refresh", "logout", "code", "assertion", "context")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("consumer", ACCEPTS, ids=lambda consumer: consumer.__name__)
def test_attack_J08_C22_a_token_serves_its_own_purpose_only(portal, kinds, consumer, kind):
    assert consumer(portal, kinds[kind]) is (kind in ACCEPTS[consumer])
