"""Clients that may leave PKCE out: by setting and registration, and only with a credential."""

from dataclasses import replace

import pytest

from idp.domain.clients.client import ClientAuthMethod
from idp.protocol.core.features import Features
from idp.protocol.provider import Provider
from tests.protocol.hub import VERIFIER, Hub, Portal, response_of

NONE = {"code_challenge": None, "code_challenge_method": None}


@pytest.fixture
def lenient(hub: Hub) -> Hub:
    """The hub whose settings let clients go without PKCE."""
    at = replace(hub.at, features=Features(without_pkce=True))
    return replace(hub, at=at, provider=Provider(at))


@pytest.fixture
def old_portal(lenient: Hub) -> Portal:
    return lenient.register(require_pkce=False)


def test_a_code_without_a_challenge_needs_no_verifier(old_portal):
    assert old_portal.redeem(old_portal.obtain_code(**NONE), code_verifier=None).status == 200


def test_attack_C11_a_verifier_without_a_challenge_is_refused(old_portal):  # RFC 9700 4.8.2
    reply = old_portal.redeem(old_portal.obtain_code(**NONE), code_verifier=VERIFIER)
    assert reply.body["error"] == "invalid_grant"


def test_attack_C08_a_challenge_that_was_sent_still_needs_its_verifier(old_portal):
    reply = old_portal.redeem(old_portal.obtain_code(), code_verifier=None)
    assert reply.body["error"] == "invalid_grant"


@pytest.mark.parametrize("method", ["S256", "plain"])
def test_a_method_without_a_challenge_is_refused(old_portal, method):
    reply = old_portal.authorize(code_challenge=None, code_challenge_method=method)
    assert response_of(reply)["error"] == "invalid_request"


def test_without_the_setting_the_registration_does_not_count(hub):
    portal = hub.register(require_pkce=False)
    assert response_of(portal.authorize(**NONE))["error"] == "invalid_request"


def test_without_the_registration_the_setting_does_not_count(lenient):
    assert response_of(lenient.register().authorize(**NONE))["error"] == "invalid_request"


def test_attack_C08_a_public_client_always_needs_it(lenient):
    portal = lenient.register(require_pkce=False, auth_method=ClientAuthMethod.NONE, secrets=())
    assert response_of(portal.authorize(**NONE))["error"] == "invalid_request"
