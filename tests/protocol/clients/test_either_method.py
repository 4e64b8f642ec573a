"""A client whose file says ``client_secret`` shows its secret by Basic or in the body."""

import pytest

from idp.domain.clients.client import ClientAuthMethod
from tests.protocol.client_proofs import is_unknown, redeem_with
from tests.protocol.hub import SECRET, basic
from tests.protocol.token.test_codes import refused

BY_BASIC = {"authorization": basic("portal", SECRET)}
IN_BODY = {"client_id": "portal", "client_secret": SECRET}


@pytest.fixture
def either(hub):
    return hub.register(auth_method=ClientAuthMethod.SECRET)


def test_the_secret_may_come_by_basic(either):  # RFC 6749 2.3.1
    assert redeem_with(either, BY_BASIC).status == 200


def test_the_secret_may_come_in_the_body(either):  # RFC 6749 2.3.1
    assert redeem_with(either, **IN_BODY).status == 200


def test_attack_A02_never_by_both(either):  # RFC 6749 2.3: MUST NOT use more than one
    assert refused(redeem_with(either, BY_BASIC, **IN_BODY), "invalid_request")


def test_attack_A01_never_without(either):
    assert is_unknown(redeem_with(either, client_id="portal"))


def test_a_wrong_secret_is_none(either):
    assert is_unknown(redeem_with(either, **{**IN_BODY, "client_secret": "x" * 43}))


@pytest.mark.parametrize("method", [ClientAuthMethod.BASIC, ClientAuthMethod.POST])
def test_others_use_the_registered_one_alone(hub, method):  # OIDC Registration 2
    portal = hub.register(auth_method=method)
    other = (BY_BASIC, {}) if method is ClientAuthMethod.POST else ({}, IN_BODY)

    assert is_unknown(redeem_with(portal, other[0], **other[1]))


def test_the_metadata_names_it_not(hub):  # RFC 8414 2: names of a registry
    assert b'"client_secret"' not in hub.provider.discovery().content


def test_no_client_registers_itself_so(hub):
    hub.switch_on(registration="open")
    asked = {
        "redirect_uris": ["https://a.example/cb"],
        "token_endpoint_auth_method": "client_secret",
    }

    assert "token_endpoint_auth_method" in hub.register_itself(asked).body["error_description"]
