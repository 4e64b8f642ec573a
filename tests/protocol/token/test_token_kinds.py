"""Every kind of token at every consumer: only the diagonal passes (J08, C22, J23).

Source: RFC 8725 3.12.
"""

from dataclasses import dataclass

import pytest
from joserfc import jwe

from idp.domain.clients.client import Client, ClientAuthMethod
from idp.protocol.core.replies import AskSignOut, Redirect
from idp.protocol.core.requests import ProtocolRequest
from tests.protocol.hub import (
    ASSERTION_TYPE,
    ISSUER,
    Portal,
    encode,
    fragment_of,
    key_pair,
    response_of,
    sign,
    signing_key,
)

API = "https://api.example"
AT = "https://portal.example/request.jwt"
ENCRYPTION = "RSA-OAEP-256"


@dataclass
class Ended:
    client: Client
    account_id: str = "account-1"
    session_id: str = "session-1"


def by_the_signer(hub, **claims):
    """A token that the client `signer` signs, as alike to its others as it can be."""
    now = int(hub.clock().timestamp())
    common = {"iss": "signer", "aud": ISSUER, "exp": now + 60, "jti": "one"}
    return sign({**common, **claims}, key_pair("RSA", 1), kid="one")


def a_request_object(hub):
    return by_the_signer(hub, **Portal(hub, signer_of(hub).client).request())


def encrypted_to(hub, token):
    header = {"alg": ENCRYPTION, "enc": "A256GCM", "cty": "JWT"}
    registry = jwe.JWERegistry(algorithms=[ENCRYPTION, "A256GCM"])
    key = hub.at.keys.find_decrypter(None, ENCRYPTION)
    return jwe.encrypt_compact(header, token.encode(), key, registry=registry)


def signer_of(hub) -> Portal:
    """A client with a key; those of the hub are among its keys, so that signatures prove little."""
    own = {**key_pair("RSA", 1).as_dict(private=False), "kid": "one"}
    return hub.register(
        client_id="signer",
        auth_method=ClientAuthMethod.PRIVATE_KEY_JWT,
        secrets=(),
        jwks={"keys": [own, *(key for key in hub.provider_keys() if key["use"] == "sig")]},
        request_uris=(AT,),
    )


def signed_userinfo(portal, access_token):
    portal.change(userinfo_signed_response_alg="RS256")
    told = portal.hub.userinfo(access_token).text
    portal.change(userinfo_signed_response_alg=None)
    return told


def a_services(hub):
    """A token of a client's own, for the API of the other tokens."""
    service = hub.register(
        client_id="service",
        grant_types=frozenset({"client_credentials"}),
        service_scopes=frozenset({"records.read"}),
        access_token_audience=(API,),
    )
    return service.token(grant_type="client_credentials").body["access_token"]


def from_the_front(portal):
    response_type = "code id_token token"
    portal.hub.switch_on(hybrid=True)
    portal.change(
        response_types=frozenset({"code", response_type}),
        grant_types=portal.client.grant_types | {"implicit"},
    )
    return fragment_of(portal.authorize(response_type=response_type))


@pytest.fixture
def kinds(hub, portal):
    """One good token of each kind."""
    hub.key_store.write(signing_key(ENCRYPTION))
    portal.change(access_token_audience=(API,))
    tokens = portal.obtain_tokens(scope="openid offline_access", resource=[ISSUER, API])
    for_the_api = portal.refresh(tokens["refresh_token"], resource=API).body
    assertion = by_the_signer(hub, sub="signer")
    request_object, front = a_request_object(hub), from_the_front(portal)
    return {
        "access": tokens["access_token"],
        "api access": for_the_api["access_token"],
        "front access": front["access_token"],
        "service": a_services(hub),
        "id": tokens["id_token"],
        "front id": front["id_token"],
        "refresh": for_the_api["refresh_token"],
        "logout": hub.provider.logout_token(Ended(portal.client), hub.clock()),
        "code": portal.obtain_code(),
        "front code": front["code"],
        "assertion": assertion,
        "encrypted assertion": encrypted_to(hub, assertion),
        "context": portal.authorize(session=None).sealed,
        "userinfo": signed_userinfo(portal, tokens["access_token"]),
        "request object": request_object,
        "encrypted request object": encrypted_to(hub, request_object),
        "encrypted id": encrypted_to(hub, tokens["id_token"]),
    }


def at_userinfo(portal: Portal, token: str) -> bool:
    return portal.hub.userinfo(token).status == 200


def at_introspection(portal: Portal, token: str) -> bool:
    return portal.introspect(token).body["active"] is True


def at_introspection_by_the_api(portal: Portal, token: str) -> bool:
    api = portal.hub.register(client_id="api", introspection_audience=(API, ISSUER))
    return api.introspect(token).body["active"] is True


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
    form = {"client_assertion": token, "client_assertion_type": ASSERTION_TYPE}
    reply = signer_of(portal.hub).token(
        {}, grant_type="authorization_code", code="x", client_id="signer", **form
    )
    return reply.status == 400 and reply.body["error"] == "invalid_grant"


def as_request_object(portal: Portal, token: str) -> bool:
    query = encode({"client_id": "signer", "request": token})
    return "code" in told_by(signer_of(portal.hub), query)


def as_request_by_reference(portal: Portal, token: str) -> bool:
    portal.hub.web.pages[AT] = token.encode()
    query = encode({"client_id": "signer", "request_uri": AT})
    return "code" in told_by(signer_of(portal.hub), query)


def told_by(portal: Portal, query: bytes) -> dict[str, str]:
    """Return what the answer tells the portal; nothing where none goes to it."""
    reply = portal.authorize_raw(query)
    return response_of(reply) if isinstance(reply, Redirect) else {}


def as_context(portal: Portal, token: str) -> bool:
    reply = portal.hub.provider.resume(token, "browser-one", portal.hub.session)
    return getattr(reply, "uri", "").startswith("https://portal.example/callback?code=")


ACCESS, ID, CODE = ({kind, f"front {kind}"} for kind in ("access", "id", "code"))
HINT = ID | {"encrypted id"}
"""Encrypted to the hub too (OIDC Core 3.1.2.1, RP-Initiated Logout 2)."""
REQUEST_OBJECT = {"request object", "encrypted request object"}
ACCEPTS = {
    at_userinfo: ACCESS,
    at_introspection: ACCESS | {"api access", "refresh"},
    at_introspection_by_the_api: {"api access", "service"},
    as_refresh_token: {"refresh"},
    as_code: CODE,
    as_hint: HINT,
    at_end_session: HINT,
    as_assertion: {"assertion"},
    as_context: {"context"},
    as_request_object: REQUEST_OBJECT,
    as_request_by_reference: REQUEST_OBJECT,
}
KINDS = (
    *("refresh", "api access", "logout", "assertion", "encrypted assertion", "context", "userinfo"),
    *("encrypted id", "service", *sorted(ACCESS | ID | CODE | REQUEST_OBJECT)),
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("consumer", ACCEPTS, ids=lambda consumer: consumer.__name__)
def test_attack_J08_C22_J23_a_token_serves_its_own_purpose_only(portal, kinds, consumer, kind):
    assert consumer(portal, kinds[kind]) is (kind in ACCEPTS[consumer])


def test_no_kind_is_forgotten(kinds):
    assert kinds.keys() == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_attack_C22_only_access_and_refresh_tokens_can_be_taken_back(portal, kinds, kind):
    witness = kinds["front access" if kind.startswith("front") else "access"]

    portal.revoke(kinds[kind])

    ends_the_grant = kind in ACCESS | {"api access", "refresh"}
    assert at_introspection(portal, witness) is not ends_the_grant
