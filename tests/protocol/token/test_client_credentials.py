"""Tokens of services: client_credentials (RFC 6749 4.4), as JWT (RFC 9068) and opaque."""

from dataclasses import replace

import pytest

from idp.domain.clients.client import ClientAuthMethod, ClientState
from idp.protocol.core import endpoints
from idp.protocol.core.access_token_formats import AccessTokenFormats
from idp.protocol.core.replies import Empty
from idp.protocol.provider import Provider
from idp.protocol.token.client_credentials import REVOKED
from tests.protocol.client_proofs import assertion
from tests.protocol.hub import ASSERTION_TYPE, ISSUER, SECRET, key_pair, read_claims, read_header
from tests.protocol.token.test_codes import refused

API, OTHER = "https://api.example", "https://other.example"
INACTIVE = {"active": False}


@pytest.fixture
def service(hub):
    """The back end of a portal, which may call one API by itself."""
    return hub.register(**SERVICE)


SERVICE = {
    "client_id": "service",
    "grant_types": frozenset({"authorization_code", "client_credentials"}),
    "service_scopes": frozenset({"records.read", "records.write"}),
    "access_token_audience": (API,),
}


def ask(service, **form):
    return service.token(grant_type="client_credentials", **form)


def token_of(service, **form):
    reply = ask(service, **form)
    assert reply.status == 200, reply.body
    return reply.body["access_token"]


def test_a_service_gets_a_token_of_its_own(service):  # RFC 6749 4.4.3, RFC 9068 2
    token = token_of(service)

    claims = read_claims(token)
    assert read_header(token)["typ"] == "at+jwt"
    assert claims["sub"] == claims["client_id"] == "service"
    assert claims["iss"] == ISSUER
    assert claims["aud"] == API
    assert claims["exp"] - claims["iat"] == 600


def test_the_answer_has_neither_refresh_token_nor_id_token(service):  # RFC 6749 4.4.3
    assert set(ask(service).body) == {"access_token", "token_type", "expires_in", "scope"}


def test_issuing_stores_nothing(service, monkeypatch):
    token_of(service)  # the client is known now
    hub = service.hub
    silent = replace(hub.at, begin=lambda **_: pytest.fail("a transaction"))
    hub.provider = Provider(silent)

    assert ask(service).status == 200


@pytest.mark.parametrize(
    ("asked", "got"),
    [
        (None, "records.read records.write"),
        ("records.read", "records.read"),
        ("records.read records.read", "records.read"),
        ("records.read openid profile national_id", "records.read"),
        ("records.read something.else", "records.read"),
    ],
)
def test_a_service_gets_the_least_of_file_and_request(service, asked, got):  # RFC 6749 3.3
    reply = ask(service, scope=asked)

    assert reply.body["scope"] == got
    assert read_claims(reply.body["access_token"])["scope"] == got


@pytest.mark.parametrize("asked", ["openid", "profile national_id", "something.else"])
def test_a_citizens_scope_alone_is_refused(service, asked):  # RFC 6749 5.2
    reply = ask(service, scope=asked)

    assert refused(reply, "invalid_scope")
    assert "service_scope" in reply.body["error_description"]


def test_a_service_without_scopes_gets_a_token_without(service):  # RFC 9068 2.2.3
    service.change(service_scopes=frozenset())
    reply = ask(service)

    assert "scope" not in reply.body
    assert "scope" not in read_claims(reply.body["access_token"])


def test_no_citizens_claim_is_in_the_token(service):
    assert set(read_claims(token_of(service))) == {
        *("iss", "sub", "aud", "client_id", "scope", "iat", "exp", "jti")
    }


@pytest.mark.parametrize(
    ("file", "asked", "audience"),
    [
        ((API,), None, API),
        ((API, OTHER), OTHER, OTHER),
        ((API, OTHER), [API, OTHER, API], [API, OTHER]),
        ((), None, ISSUER),
    ],
)
def test_a_services_token_is_for_its_apis(service, file, asked, audience):  # RFC 8707 2.2
    service.change(access_token_audience=file)

    assert read_claims(token_of(service, resource=asked))["aud"] == audience


@pytest.mark.parametrize("asked", [OTHER, ISSUER, [API, ISSUER], [API, OTHER]])
def test_a_services_token_is_for_no_other_api(service, asked):  # RFC 8707 2
    reply = ask(service, resource=asked)

    assert refused(reply, "invalid_target")
    assert "access_token_audience" in reply.body["error_description"]


def test_of_several_apis_a_service_names_one(service):  # RFC 9068 3
    service.change(access_token_audience=(API, OTHER))

    assert refused(ask(service), "invalid_target")


def test_a_client_whose_file_does_not_allow_it_is_refused(portal):  # RFC 6749 5.2
    reply = ask(portal)

    assert refused(reply, "unauthorized_client")
    assert "client_credentials" in reply.body["error_description"]


def test_attack_a_public_client_is_no_service(service):  # RFC 6749 4.4: MUST be confidential
    service.change(auth_method=ClientAuthMethod.NONE, secrets=())

    assert refused(ask(service), "unauthorized_client")


def test_wrong_credentials_get_no_token(service):
    reply = service.hub.post(
        endpoints.TOKEN, {"grant_type": "client_credentials"}, {"authorization": "Basic eDp5"}
    )

    assert refused(reply, "invalid_client", 401)


def test_a_service_may_prove_itself_by_its_key(service):  # RFC 7523 2.2
    jwk = {**key_pair("RSA", 1).as_dict(private=False), "kid": "one"}
    service.change(auth_method=ClientAuthMethod.PRIVATE_KEY_JWT, secrets=(), jwks={"keys": [jwk]})
    text = assertion(iss="service", sub="service")
    proof = {"client_assertion": text, "client_assertion_type": ASSERTION_TYPE}

    assert service.token({}, grant_type="client_credentials", **proof).status == 200
    assert refused(
        service.token({}, grant_type="client_credentials", **proof), "invalid_client", 401
    )


def test_a_suspended_service_gets_nothing(service):  # attack A14
    service.change(state=ClientState.SUSPENDED)

    assert refused(ask(service), "invalid_client", 401)


def test_userinfo_refuses_a_services_token(service):
    service.change(access_token_audience=())

    assert service.hub.userinfo(token_of(service)).status == 403


def test_attack_J23_userinfo_refuses_a_services_token_for_an_api(service):
    assert service.hub.userinfo(token_of(service)).status == 401


@pytest.fixture(params=["RS256", "ES256", "opaque"])
def token(service, request):
    """A token of the service, in each format that an API may have."""
    hub = service.hub
    hub.at = replace(
        hub.at, access_token_formats=AccessTokenFormats(by_audience={API: request.param})
    )
    hub.provider = Provider(hub.at)
    found = token_of(service)
    assert (found.count(".") == 2) is (request.param != "opaque")
    return found


def test_the_api_and_the_service_itself_may_introspect_it(service, token):  # RFC 7662 2.2
    api = service.hub.register(client_id="api", introspection_audience=(API,))

    seen = api.introspect(token).body
    assert seen == service.introspect(token).body
    assert seen["active"] is True
    assert seen["sub"] == seen["client_id"] == "service"
    assert seen["scope"] == "records.read records.write"


def test_attack_J17_nobody_else_learns_of_it(service, token):
    stranger = service.hub.register(client_id="stranger", introspection_audience=(OTHER,))

    assert stranger.introspect(token).body == INACTIVE


def test_a_revoked_one_is_inactive_and_the_next_is_not(service, token):  # RFC 7009 2
    assert service.revoke(token) == service.revoke(token) == Empty()

    assert service.introspect(token).body == INACTIVE
    assert service.introspect(token_of(service)).body["active"] is True


def test_another_client_cannot_revoke_it(service, token):  # RFC 7009 2.1
    other = service.hub.register(client_id="other")

    assert other.revoke(token) == Empty()

    assert service.introspect(token).body["active"] is True


def test_an_expired_one_is_inactive(service, token):
    service.hub.move(minutes=10)

    assert service.introspect(token).body == INACTIVE


def test_the_row_of_a_revoked_one_outlives_it(service, token):
    service.revoke(token)
    hub = service.hub
    jti = service.introspect(token_of(service)).body["jti"]
    hub.move(minutes=10)
    with hub.at.begin() as work:
        assert work.single_use.forget_expired(hub.clock()) == 0
        assert not work.single_use.is_taken(REVOKED, jti)
    hub.move(hours=1)
    with hub.at.begin() as work:
        assert work.single_use.forget_expired(hub.clock()) == 1


def test_a_suspended_services_token_stays_dead_when_it_goes_on(service, token):  # attack A14
    service.change(state=ClientState.SUSPENDED, service_tokens_since=service.hub.clock())
    api = service.hub.register(client_id="api", introspection_audience=(API,))
    assert api.introspect(token).body == INACTIVE

    service.hub.move(seconds=1)
    service.change(state=ClientState.ACTIVE)

    assert api.introspect(token).body == INACTIVE
    assert api.introspect(token_of(service)).body["active"] is True


def test_a_token_ends_with_its_grant_type(service, token):
    service.change(grant_types=frozenset({"authorization_code"}))

    assert service.introspect(token).body == INACTIVE


def test_a_token_ends_with_its_client(service, token):
    hub = service.hub
    api = hub.register(client_id="api", introspection_audience=(API,))
    with hub.at.begin() as work:
        work.clients.remove("service")
    assert api.introspect(token).body == INACTIVE

    hub.move(minutes=1)
    hub.register(**SERVICE, created_at=hub.clock())
    assert api.introspect(token).body == INACTIVE


def test_the_metadata_lists_the_grant(hub):  # RFC 8414 2
    assert b'"client_credentials"' in hub.provider.discovery().content


def test_attack_a_client_that_registers_itself_is_no_service(hub):
    hub.switch_on(registration="open")
    reply = hub.register_itself(
        {"redirect_uris": ["https://a.example/cb"], "grant_types": ["client_credentials"]}
    )

    assert reply.status == 400
    assert "grant_types" in reply.body["error_description"]


def test_the_secret_in_the_body_is_as_good(service):  # RFC 6749 2.3.1
    service.change(auth_method=ClientAuthMethod.POST)
    proof = {"client_id": "service", "client_secret": SECRET}

    assert service.token({}, grant_type="client_credentials", **proof).status == 200
