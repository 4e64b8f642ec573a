"""Every value of the live metadata is used once, with all switched on (OIDC Discovery 3)."""

import json

import pytest

from idp.domain.response_types import RESPONSE_TYPES
from idp.protocol.replies import FormPost
from tests.protocol.hub import fragment_of, response_of


@pytest.fixture
def metadata(hub):
    return json.loads(hub.provider.discovery().content)


def answer_of(reply):
    if isinstance(reply, FormPost):
        return reply.fields
    return response_of(reply) or fragment_of(reply)


def test_every_response_type_works_in_every_response_mode(portal, metadata):
    for response_type in metadata["response_types_supported"]:
        for mode in metadata["response_modes_supported"]:
            if mode == "query" and response_type != "code":
                continue  # Multiple Response Types 2.1: refused, which another test looks at
            answer = answer_of(portal.authorize(response_type=response_type, response_mode=mode))
            assert "error" not in answer, (response_type, mode)


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
