"""What the metadata must name, and what each switch adds (OIDC Discovery 3)."""

import json

import pytest

from idp.domain.clients.response_types import RESPONSE_TYPES


@pytest.fixture
def metadata(hub):
    return json.loads(hub.provider.discovery().content)


def test_no_address_is_without_tls(metadata):  # CheckDiscEndpointAllEndpointsAreHttps
    addresses = [
        v for name, v in metadata.items() if name.endswith(("_endpoint", "_uri", "_iframe"))
    ]

    assert all(address.startswith("https://") for address in addresses)


def test_a_request_by_reference_may_be_signed_by_RS256(metadata):
    # CheckDiscEndpointRequestUriParameterSupported
    # CheckDiscEndpointRequestObjectSigningAlgValuesSupportedContainsRS256
    assert metadata["request_uri_parameter_supported"] is True
    assert "RS256" in metadata["request_object_signing_alg_values_supported"]


def test_nothing_is_missing_that_is_only_recommended(metadata):  # discovery-endpoint-verification
    recommended = {"scopes_supported", "claims_supported", "userinfo_endpoint"}

    assert recommended <= metadata.keys()


def test_all_that_dynamic_certification_wants_is_named(metadata):
    # discovery-endpoint-verification: response_types {code, id_token, token id_token}
    assert set(metadata["response_types_supported"]) == set(RESPONSE_TYPES)
    assert {"authorization_code", "implicit"} <= set(metadata["grant_types_supported"])


@pytest.mark.parametrize(
    ("feature", "named"),
    [
        ("implicit", {"code", "id_token", "id_token token"}),
        ("hybrid", {"code", "code id_token", "code token", "code id_token token"}),
    ],
)
def test_each_switch_names_its_own_response_types(hub, feature, named):
    hub.switch_on(**{feature: True})

    told = json.loads(hub.provider.discovery().content)

    assert set(told["response_types_supported"]) == named
