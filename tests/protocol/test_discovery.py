"""The metadata, held against what the endpoints do (OIDC Discovery 3, RFC 8414 2)."""

import json

import pytest
from authlib.oidc.discovery import OpenIDProviderMetadata

from idp.domain.clients.client import ClientAuthMethod
from idp.domain.clients.scopes import KNOWN_SCOPES
from idp.protocol.core.replies import FormPost, GoTo
from idp.web.http.languages import Language
from tests.protocol.hub import ISSUER, response_of


@pytest.fixture
def metadata(hub):
    return json.loads(hub.provider.discovery().content)


def test_the_metadata_is_valid(metadata):
    OpenIDProviderMetadata(metadata).validate()


def test_the_issuer_is_byte_for_byte(metadata):  # OIDC Discovery 4.3
    assert metadata["issuer"] == ISSUER


def test_it_names_the_languages_of_the_pages(metadata):
    assert metadata["ui_locales_supported"] == list(Language)


def test_every_endpoint_lies_below_the_issuer(metadata):
    endpoints = [value for name, value in metadata.items() if name.endswith(("_endpoint", "_uri"))]

    assert len(endpoints) == 7
    assert all(url.startswith(f"{ISSUER}/oauth2/") for url in endpoints)


def test_every_response_mode_works(portal, metadata):
    replies = [portal.authorize(response_mode=m) for m in metadata["response_modes_supported"]]

    assert [isinstance(reply, FormPost) for reply in replies] == [False, False, True]


def test_every_response_type_works(portal, metadata):
    for response_type in metadata["response_types_supported"]:
        assert "code" in response_of(portal.authorize(response_type=response_type))


def test_what_is_off_is_not_named(metadata):
    assert metadata["response_types_supported"] == ["code"]
    assert metadata["grant_types_supported"] == [
        *("authorization_code", "refresh_token", "client_credentials")
    ]


def test_every_prompt_is_understood(portal, metadata):
    for prompt in metadata["prompt_values_supported"]:
        reply = portal.authorize(prompt=prompt)
        assert isinstance(reply, GoTo) or "code" in response_of(reply)


def test_every_scope_is_understood(hub, metadata):
    assert metadata["scopes_supported"] == list(KNOWN_SCOPES)
    portal = hub.register(scopes=frozenset(KNOWN_SCOPES))

    assert "code" in response_of(portal.authorize(scope=" ".join(KNOWN_SCOPES)))


def test_every_signing_algorithm_signs(portal, metadata):
    for alg in metadata["id_token_signing_alg_values_supported"]:
        portal.change(id_token_signed_response_alg=alg)
        assert portal.obtain_tokens()


def test_RS256_is_there(metadata):  # OIDC Discovery 3
    assert metadata["id_token_signing_alg_values_supported"][0] == "RS256"


def test_every_authentication_method_is_one_of_the_register(metadata):
    assert metadata["token_endpoint_auth_methods_supported"] == [
        m.value for m in ClientAuthMethod if m is not ClientAuthMethod.SECRET
    ]
    assert "none" not in metadata["introspection_endpoint_auth_methods_supported"]


def test_no_claim_is_told_that_is_not_listed(portal, metadata):
    scope = " ".join(s for s in KNOWN_SCOPES if s in portal.client.scopes)
    tokens = portal.obtain_tokens(scope=scope)

    assert set(portal.hub.userinfo(tokens["access_token"]).body) <= set(
        metadata["claims_supported"]
    )


def test_only_S256_is_offered(metadata):  # RFC 9700 2.1.1
    assert metadata["code_challenge_methods_supported"] == ["S256"]


def test_the_metadata_may_be_cached(hub):
    document = hub.provider.discovery()

    assert document is hub.provider.discovery()
    assert document.max_age == 3600
