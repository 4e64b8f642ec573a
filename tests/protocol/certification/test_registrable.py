"""What discovery names, a client can register; what it does not name, none can."""

from dataclasses import replace

import pytest

from idp.domain.clients.response_types import needed_grants
from idp.protocol.core.features import WhoRegisters
from tests.protocol.certification.conftest import metadata_of
from tests.protocol.certification.test_advertised_keys import own_public_keys
from tests.protocol.hub import CALLBACK

REGISTERED_AS = {
    "id_token_signing_alg_values_supported": "id_token_signed_response_alg",
    "userinfo_signing_alg_values_supported": "userinfo_signed_response_alg",
    "id_token_encryption_alg_values_supported": "id_token_encrypted_response_alg",
    "userinfo_encryption_alg_values_supported": "userinfo_encrypted_response_alg",
    "request_object_signing_alg_values_supported": "request_object_signing_alg",
    "request_object_encryption_alg_values_supported": "request_object_encryption_alg",
    "token_endpoint_auth_methods_supported": "token_endpoint_auth_method",
}
"""Lists of OIDC Discovery 3, and the member of OIDC Registration 2 that takes one of them."""


def register(hub, **members):
    reply = hub.register_itself(
        {"redirect_uris": [CALLBACK], "jwks": own_public_keys(), **members},
    )
    return reply.status, reply.body


def refused(told, member):
    status, body = told
    assert (status, body["error"]) == (400, "invalid_client_metadata")
    return member in body["error_description"]


@pytest.mark.parametrize("listed", REGISTERED_AS)
def test_every_value_can_be_registered(hub, told, listed):
    member = REGISTERED_AS[listed]
    for value in told[listed]:
        status, body = register(hub, **{member: value})

        assert (status, body[member]) == (201, value)


def test_attack_J22_every_client_that_registers_itself_is_pairwise(hub, told):
    """RFC 7591 3.2.1: the answer names what was replaced. Administrators register public ones."""
    for subject_type in told["subject_types_supported"]:
        status, body = register(hub, subject_type=subject_type)

        assert (status, body["subject_type"]) == (201, "pairwise")


def test_every_response_type_can_be_registered(hub, told):
    for response_type in told["response_types_supported"]:
        grants = sorted(needed_grants([response_type]))
        assert set(grants) <= set(told["grant_types_supported"])

        status, body = register(hub, response_types=[response_type], grant_types=grants)
        assert (status, body["response_types"]) == (201, [response_type])


@pytest.fixture
def plain(hub):
    """A hub where clients register themselves, and all else is off; it has no ES256 key now."""
    hub.switch_on(registration=WhoRegisters.ANYBODY)
    hub.key_store.write(replace(hub.key_store.files["key-ES256"], state="retired"))
    hub.move(minutes=1)  # the ring looks for new keys
    return hub


def test_an_unsigned_request_object_cannot_be_registered_while_off(plain):
    told = register(plain, request_object_signing_alg="none")

    assert refused(told, "request_object_signing_alg")


@pytest.mark.parametrize("what", ["id_token", "userinfo"])
def test_a_signature_that_no_key_can_make_cannot_be_registered(plain, what):
    assert "ES256" not in metadata_of(plain)[f"{what}_signing_alg_values_supported"]

    told = register(plain, **{f"{what}_signed_response_alg": "ES256"})

    assert refused(told, f"{what}_signed_response_alg")


@pytest.mark.parametrize("alg", ["RSA-OAEP-256", "ECDH-ES"])
def test_encryption_to_a_key_that_is_not_there_cannot_be_registered(plain, alg):
    told = register(plain, request_object_encryption_alg=alg)

    assert refused(told, "request_object_encryption_alg")


def test_an_assertion_may_be_signed_by_an_algorithm_that_the_hub_has_no_key_of(plain):
    asked = {"token_endpoint_auth_signing_alg": "ES256"}

    status, _ = register(plain, token_endpoint_auth_method="private_key_jwt", **asked)

    assert status == 201


@pytest.mark.parametrize("response_type", ["id_token", "code token"])
def test_a_response_type_cannot_be_registered_while_off(plain, response_type):
    told = register(plain, response_types=[response_type], grant_types=["implicit"])

    assert refused(told, "response_types")
