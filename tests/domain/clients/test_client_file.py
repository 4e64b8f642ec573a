"""Every member of a client's file reaches the client, and every bound stands where it should."""

import json

import pytest
from jwcrypto.jwk import JWK

from idp.domain.clients.client import ApplicationType, Client, ClientAuthMethod
from idp.domain.clients.metadata import (
    LONGEST_LIST,
    LONGEST_MAX_AGE,
    LONGEST_NAME,
    LONGEST_SENTENCE,
    LONGEST_TEXT,
    MEMBERS,
    parse_client,
)
from idp.domain.sign_in.session import ACR_PASSWORD_OTP
from tests.domain.clients.client_files import parsed, problems, refusal
from tests.domain.clients.test_png import PICTURE

KEY = {"kty": "RSA", "n": "w" * 342, "e": "AQAB"}
SAME = {
    "description": "سابقه و حق بیمه",
    "listed": False,
    "first_party": True,
    "id_token_claims": True,
    "prompt_consent": "once",
    "auth_audience_token_endpoint": True,
    "require_pkce": False,
    "backchannel_logout_uri": "https://app.test/back",
    "frontchannel_logout_uri": "https://app.test/front",
    "session_management": True,
    "subject_type": "public",
    "sector": "sector.test",
    "sector_identifier_uri": "https://sector.test/list",
    "initiate_login_uri": "https://app.test/login",
    "id_token_signed_response_alg": "ES256",
    "id_token_encrypted_response_alg": "ECDH-ES",
    "id_token_encrypted_response_enc": "A256GCM",
    "userinfo_signed_response_alg": "PS256",
    "userinfo_encrypted_response_alg": "RSA-OAEP-256",
    "userinfo_encrypted_response_enc": "A128CBC-HS256",
    "request_object_signing_alg": "none",
    "request_object_encryption_alg": "RSA-OAEP-256",
    "request_object_encryption_enc": "A256GCM",
    "default_acr": ACR_PASSWORD_OTP,
    "default_max_age": 60,
    "client_uri": "https://app.test/",
    "logo_uri": "https://app.test/logo.png",
    "policy_uri": "https://app.test/policy",
    "tos_uri": "https://app.test/terms",
}
LISTS = {
    "redirect_uris": ["com.app.test:/cb", "http://127.0.0.1/cb", "https://app.test/cb"],
    "post_logout_redirect_uris": ["https://app.test/bye"],
    "request_uris": ["https://app.test/request"],
    "access_token_audience": ["https://api.test"],
    "introspection_audience": ["https://other.test"],
    "contacts": ["it@app.test"],
}
OTHERS = {
    "client_id": "app",
    "client_name": "سامانه",
    "client_name#en": "Portal",
    "description#en": "Years and contributions",
    "application_type": "native",
    "token_endpoint_auth_method": "private_key_jwt",
    "token_endpoint_auth_signing_alg": "EdDSA",
    "scope": ["openid", "email"],
    "service_scope": ["records.read"],
    "grant_types": ["authorization_code", "refresh_token", "implicit", "client_credentials"],
    "response_types": ["code", "id_token code"],
}


@pytest.mark.parametrize("keys", [{"jwks": {"keys": [KEY]}}, {"jwks_uri": "https://app.test/jwks"}])
def test_every_member_of_a_file_stands_in_the_client(keys):
    assert parse_client(SAME | LISTS | OTHERS | keys) == Client(
        **SAME,
        **keys,
        **{member: tuple(texts) for member, texts in LISTS.items()},
        client_id="app",
        name="سامانه",
        name_en="Portal",
        description_en="Years and contributions",
        application_type=ApplicationType.NATIVE,
        auth_method=ClientAuthMethod.PRIVATE_KEY_JWT,
        auth_signing_alg="EdDSA",
        scopes=frozenset({"openid", "email"}),
        service_scopes=frozenset({"records.read"}),
        grant_types=frozenset(
            {"authorization_code", "refresh_token", "implicit", "client_credentials"}
        ),
        response_types=frozenset({"code", "code id_token"}),
    )


def test_no_member_is_forgotten_above():
    assert {*SAME, *LISTS, *OTHERS, "jwks", "jwks_uri", "logo"} == set(MEMBERS)


def test_the_least_file_is_a_client_of_defaults():
    assert parsed() == Client(
        client_id="app", name="app", redirect_uris=("https://app.test/cb",), sector="app.test"
    )


WRONG = [5, [], {}, None, "", " ", "a\nb", "a\u200b"]


@pytest.mark.parametrize("value", WRONG)
@pytest.mark.parametrize("member", ["client_uri", "default_acr", "sector", "jwks_uri"])
def test_a_text_is_one_that_is_seen(member, value):
    assert problems(**{member: value}) == [member]


@pytest.mark.parametrize("value", ["سامانه\u200cها", "a" * LONGEST_NAME])
def test_a_name_may_be_long_and_persian(value):
    assert parsed(client_name=value).name == value


def test_a_name_has_an_end():  # O17
    assert problems(client_name="a" * (LONGEST_NAME + 1)) == ["client_name"]


@pytest.mark.parametrize("member", ["description", "description#en"])
def test_a_description_is_one_short_sentence(member):
    assert parsed(**{member: "a" * LONGEST_SENTENCE})
    assert problems(**{member: "a" * (LONGEST_SENTENCE + 1)}) == [member]


def test_a_text_may_be_longer_than_a_name():
    assert parsed(contacts=["a" * LONGEST_TEXT]).contacts


def test_a_text_has_an_end():
    assert problems(contacts=["a" * (LONGEST_TEXT + 1)]) == ["contacts"]


@pytest.mark.parametrize("value", ["it@app.test", [5], [""], {}, None, ["a"] * (LONGEST_LIST + 1)])
def test_a_list_is_one_of_texts_and_has_an_end(value):
    assert problems(contacts=value) == ["contacts"]


def test_a_list_may_be_long():
    assert len(parsed(contacts=["a"] * LONGEST_LIST).contacts) == LONGEST_LIST


@pytest.mark.parametrize("value", [0, 1, "true", None])
@pytest.mark.parametrize("member", ["first_party", "require_pkce", "session_management"])
def test_a_flag_is_true_or_false(member, value):
    assert problems(**{member: value}) == [member]


@pytest.mark.parametrize("value", [-1, "60", 1.5, True, None])
def test_a_number_is_a_whole_one(value):
    assert problems(default_max_age=value) == ["default_max_age"]


@pytest.mark.parametrize("value", [0, LONGEST_MAX_AGE])
def test_an_age_may_be_anything_between_its_bounds(value):
    assert parsed(default_max_age=value).default_max_age == value


def test_an_age_has_an_end():
    assert problems(default_max_age=LONGEST_MAX_AGE + 1) == ["default_max_age"]


@pytest.mark.parametrize("value", [[], "x", None])
def test_keys_are_a_table(value):
    assert problems(jwks=value) == ["jwks"]


def test_a_wrong_form_is_told_before_any_rule():
    assert problems(first_party=1, scope=["everything"]) == ["first_party"]


@pytest.mark.parametrize("value", ["abc", "a.b", "a_b", "a-b", "1a1", "a" * 64])
def test_an_id_is_a_file_name(value):
    assert parsed(client_id=value).client_id == value


@pytest.mark.parametrize("value", ["ab", "A-b", "-ab", "ab-", "a b", "a" * 65])
def test_an_id_of_another_form_is_refused(value):
    assert problems(client_id=value) == ["client_id"]


@pytest.mark.parametrize(
    "member",
    [
        "application_type",
        "token_endpoint_auth_method",
        "token_endpoint_auth_signing_alg",
        "subject_type",
        "userinfo_signed_response_alg",
    ],
)
def test_a_choice_is_of_its_list(member):
    assert problems(**{member: "odd"}) == [member]


@pytest.mark.parametrize(
    ("member", "known"), [("grant_types", "authorization_code"), ("scope", "openid")]
)
def test_each_of_several_choices_is_of_its_list(member, known):
    assert problems(**{member: [known, "odd", "strange"]}) == [member, member]


def test_scopes_hold_openid():
    assert problems(scope=["email"]) == ["scope"]


def test_a_refusal_names_the_choices():
    assert "pairwise, public" in str(refusal(subject_type="odd"))


def test_a_code_needs_its_grant_even_by_default():  # OIDC Registration 2
    assert problems(grant_types=["refresh_token"]) == ["response_types"]


def test_a_flow_of_two_kinds_needs_two_grants():  # OIDC Registration 2
    asked = {"response_types": ["code id_token"], "grant_types": ["refresh_token"]}

    assert problems(**asked) == ["response_types", "response_types"]


@pytest.mark.parametrize(
    "jwks",
    [
        {},
        {"keys": []},
        {"keys": {}},
        {"keys": [None]},
        {"keys": [KEY, KEY | {"kty": 5}]},
        {"keys": [KEY | {"kid": "é"}]},
        {"keys": [KEY | {"kid": "a\n"}]},
        {"keys": [KEY | {"key_ops": [5]}]},
        {"keys": [KEY | {"key_ops": ["é"]}]},
        {"keys": [{"kty": "RSA"}]},
        {"keys": [{"kty": "EC"}]},
        {"keys": [{}]},
        *({"keys": [KEY | {member: "x"}]} for member in ("d", "p", "q", "dp", "dq", "qi")),
        *({"keys": [KEY | {member: "x"}]} for member in ("oth", "k")),
    ],
)
def test_attack_J19_keys_are_public_whole_and_known(jwks):
    assert problems(jwks=jwks) == ["jwks"]


def public_key(**kind: str) -> dict[str, str]:
    """A real key: what is no point of its curve is refused."""
    return json.loads(JWK.generate(**kind).export_public())


@pytest.mark.parametrize(
    "key",
    [
        KEY | {"key_ops": ["verify"], "x5c": []},
        *(public_key(kty="EC", crv=curve) for curve in ("P-256", "P-384", "P-521")),
        public_key(kty="OKP", crv="Ed25519"),
    ],
)
def test_sound_public_keys_are_kept(key):
    assert parsed(jwks={"keys": [key]}).jwks == {"keys": [key]}


@pytest.mark.parametrize(("letters", "is_enough"), [(342, True), (341, False)])
def test_an_RSA_key_has_2048_bits(letters, is_enough):
    jwks = {"keys": [KEY | {"n": "w" * letters}]}

    assert (parsed(jwks=jwks).jwks == jwks) if is_enough else (problems(jwks=jwks) == ["jwks"])


def test_what_is_wrong_with_a_key_is_told():
    told = [
        str(refusal(jwks={"keys": [key]}))
        for key in ({"kty": "EC", "crv": "odd"}, {"kty": "strange"})
    ]

    assert ["curve" in told[0], "unknown type" in told[1]] == [True, True]


@pytest.mark.parametrize("what", ["id_token_encrypted_response", "userinfo_encrypted_response"])
def test_encryption_takes_keys_by_address(what):
    keys = {"jwks_uri": "https://app.test/jwks"}

    assert parsed(**{f"{what}_alg": "ECDH-ES"}, **keys).jwks_uri == keys["jwks_uri"]


def test_a_request_objects_encryption_needs_an_algorithm():  # OIDC Registration 2
    assert problems(request_object_encryption_enc="A256GCM") == ["request_object_encryption_enc"]


def test_a_request_object_is_encrypted_to_the_hubs_key():
    assert parsed(request_object_encryption_alg="ECDH-ES").jwks is None


def test_a_picture_that_is_none_is_told_with_its_bounds():
    assert "64 KiB and 1024 pixels" in str(refusal(logo=PICTURE[:-1]))
