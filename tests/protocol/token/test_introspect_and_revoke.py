"""Introspection (RFC 7662) and revocation (RFC 7009)."""

import pytest

from idp.domain.clients.client import ClientAuthMethod, ClientState
from idp.protocol.core.replies import Empty
from tests.protocol.token.test_codes import refused

INACTIVE = {"active": False}


@pytest.fixture
def tokens(portal):
    return portal.obtain_offline()


def test_a_portal_may_look_at_its_own_tokens(portal, tokens):  # RFC 7662 2.2
    access = portal.introspect(tokens["access_token"]).body
    refresh = portal.introspect(tokens["refresh_token"]).body

    assert access["active"] is refresh["active"] is True
    assert access["client_id"] == refresh["client_id"] == "portal"
    assert access["token_type"] == "Bearer"


def test_a_wrong_hint_is_no_obstacle(portal, tokens):  # RFC 7662 2.1
    answer = portal.introspect(tokens["access_token"], token_type_hint="refresh_token")

    assert answer.body["active"] is True


def test_attack_J17_a_stranger_learns_nothing(hub, tokens):  # RFC 7662 4
    stranger = hub.register(client_id="stranger", introspection_audience=("https://s.example",))

    assert stranger.introspect(tokens["access_token"]).body == INACTIVE
    assert stranger.introspect(tokens["refresh_token"]).body == INACTIVE


def test_a_resource_server_may_look_at_tokens_for_it(hub):
    server = hub.register(client_id="api", introspection_audience=("https://api.example",))
    portal = hub.register(access_token_audience=("https://api.example",))

    token = portal.obtain_tokens(resource="https://api.example")["access_token"]

    answer = server.introspect(token).body

    assert answer["aud"] == "https://api.example"
    assert answer["active"] is True


@pytest.mark.parametrize("text", ["x", "a.b.c", "A" * 43])
def test_an_unknown_token_is_inactive(portal, text):
    assert portal.introspect(text).body == INACTIVE


def test_a_used_refresh_token_is_inactive(portal, tokens):
    portal.refresh(tokens["refresh_token"])

    assert portal.introspect(tokens["refresh_token"]).body == INACTIVE


def test_expired_tokens_are_inactive(hub, portal, tokens):
    hub.move(days=31)

    for token in (tokens["access_token"], tokens["refresh_token"]):
        assert portal.introspect(token).body == INACTIVE


def test_tokens_of_a_dead_account_are_inactive(hub, portal, tokens):
    hub.account(epoch=1)

    assert portal.introspect(tokens["access_token"]).body == INACTIVE


def test_tokens_of_a_suspended_client_are_inactive(hub):
    server = hub.register(client_id="api", introspection_audience=("https://api.example",))
    portal = hub.register(access_token_audience=("https://api.example",))
    token = portal.obtain_tokens(resource="https://api.example")["access_token"]
    portal.change(state=ClientState.SUSPENDED)

    assert server.introspect(token).body == INACTIVE


def test_attack_A01_public_clients_may_not_introspect(hub):
    public = hub.register(client_id="public", auth_method=ClientAuthMethod.NONE)

    assert refused(public.introspect("x"), "invalid_client", 401)


@pytest.mark.parametrize("path", ["/oauth2/introspect", "/oauth2/revoke"])
def test_attack_A01_nobody_is_served_without_credentials(hub, portal, path):
    reply = hub.post(path, {"token": "x", "client_id": "portal"})

    assert refused(reply, "invalid_client", 401)


@pytest.mark.parametrize("path", ["/oauth2/introspect", "/oauth2/revoke"])
def test_a_token_must_be_named(hub, portal, path):
    headers, form = portal.credentials({})

    assert refused(hub.post(path, form, headers), "invalid_request")


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_revoking_either_kind_ends_the_family(hub, portal, tokens, kind):  # RFC 7009 2.1
    reply = portal.revoke(tokens[kind])

    assert reply == Empty()
    assert hub.userinfo(tokens["access_token"]).status == 401
    assert refused(portal.refresh(tokens["refresh_token"]))


@pytest.mark.parametrize("hint", ["access_token", "nonsense"])
def test_a_wrong_hint_revokes_too(portal, tokens, hint):  # RFC 7009 2.1
    portal.revoke(tokens["refresh_token"], token_type_hint=hint)

    assert refused(portal.refresh(tokens["refresh_token"]))


@pytest.mark.parametrize("text", ["x", "a.b.c"])
def test_an_unknown_token_is_revoked_already(portal, text):  # RFC 7009 2.2
    assert portal.revoke(text) == Empty()


def test_another_clients_token_is_let_alone(hub, portal, tokens):
    other = hub.register(client_id="other")

    assert other.revoke(tokens["refresh_token"]) == Empty()
    assert portal.refresh(tokens["refresh_token"]).status == 200


def test_public_clients_may_revoke(hub):  # RFC 7009 5
    public = hub.register(auth_method=ClientAuthMethod.NONE)
    tokens = public.obtain_offline()

    public.revoke(tokens["refresh_token"])

    assert refused(public.refresh(tokens["refresh_token"]))
