"""I06: keys of clients that no library survives."""

import json

import pytest

from idp.domain.clients.client import ClientAuthMethod
from idp.protocol.core.features import WhoRegisters
from tests.jwks import BROKEN, SETS
from tests.protocol.client_proofs import assertion
from tests.protocol.hub import ASSERTION_TYPE, CALLBACK, key_pair

JWKS_URI = "https://portal.example/jwks"
MEMBERS = {"redirect_uris": [CALLBACK], "token_endpoint_auth_method": "private_key_jwt"}
keys = pytest.mark.parametrize("jwk", BROKEN.values(), ids=BROKEN)


@pytest.fixture
def hub(hub):
    hub.switch_on(registration=WhoRegisters.ANYBODY)
    return hub


def is_refused(reply):
    return (reply.status, reply.body["error"]) == (400, "invalid_client_metadata") and (
        reply.body["error_description"].startswith("jwks: ")
    )


@keys
def test_attack_I06_a_broken_key_is_not_registered(hub, jwk):
    assert is_refused(hub.register_itself({**MEMBERS, "jwks": {"keys": [jwk]}}))


@pytest.mark.parametrize("jwks", SETS.values(), ids=SETS)
def test_attack_I06_a_broken_set_is_not_registered(hub, jwks):
    assert is_refused(hub.register_itself({**MEMBERS, "jwks": jwks}))


@keys
def test_attack_I06_a_broken_key_is_no_update(hub, jwk):
    told = hub.register_itself({"redirect_uris": [CALLBACK]}).body
    changed = {**MEMBERS, "client_id": told["client_id"], "jwks": {"keys": [jwk]}}

    reply = hub.manage("PUT", told["client_id"], told["registration_access_token"], changed)

    assert is_refused(reply)


@keys
def test_attack_I06_a_broken_key_at_an_address_fails_its_client_alone(hub, jwk):
    hub.web.pages[JWKS_URI] = json.dumps({"keys": [jwk]}).encode()
    portal = hub.register(
        auth_method=ClientAuthMethod.PRIVATE_KEY_JWT, secrets=(), jwks_uri=JWKS_URI
    )
    signed = assertion(key_pair("RSA"), header={"kid": None})
    proof = {"client_assertion": signed, "client_assertion_type": ASSERTION_TYPE}

    reply = portal.token({}, grant_type="authorization_code", code="any", **proof)

    assert (reply.status, reply.body["error"]) == (401, "invalid_client")


@keys
@pytest.mark.parametrize("alg", ["RSA-OAEP-256", "ECDH-ES"])
def test_attack_I06_nothing_is_encrypted_to_a_broken_key_and_the_code_stays_good(hub, jwk, alg):
    hub.web.pages[JWKS_URI] = json.dumps({"keys": [jwk]}).encode()
    portal = hub.register(jwks_uri=JWKS_URI, id_token_encrypted_response_alg=alg)
    code = portal.obtain_code()

    refused = portal.redeem(code)
    portal.change(id_token_encrypted_response_alg=None)

    assert (refused.status, refused.body["error"]) == (400, "invalid_request")
    assert portal.redeem(code).status == 200
