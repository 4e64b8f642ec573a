"""Client metadata is checked whole before a client exists (RFC 7591 2, OIDC Registration 2)."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.clients.addresses import redirect_problem
from idp.domain.clients.client import ApplicationType, Client, ClientAuthMethod
from idp.domain.clients.metadata import parse_client
from idp.domain.clients.problems import InvalidClientMetadata
from tests.domain.clients.test_png import PICTURE

GOOD = {
    "client_id": "records",
    "client_name": "سوابق بیمه",
    "redirect_uris": ["https://records.test/callback"],
}
PUBLIC_KEY = {"kty": "RSA", "n": "w" * 342, "e": "AQAB"}


def problems(**members):
    with pytest.raises(InvalidClientMetadata) as refused:
        parse_client(GOOD | members)
    return {problem.member for problem in refused.value.problems}


def test_the_least_metadata_makes_a_confidential_code_client():
    client = parse_client(GOOD)
    assert client.auth_method is ClientAuthMethod.BASIC
    assert client.grant_types == {"authorization_code"}
    assert client.scopes == {"openid"}


def test_the_sector_is_the_redirects_host():  # OIDC Core 8.1
    assert parse_client(GOOD).sector == "records.test"


def test_several_hosts_need_a_sector():  # OIDC Core 8.1
    assert problems(redirect_uris=["https://a.test/cb", "https://b.test/cb"]) == {"sector"}


SERVICE = {
    "grant_types": ["client_credentials"],
    "service_scope": ["records.read"],
    "access_token_audience": ["https://api.test"],
}


def test_a_service_needs_no_redirect_uri():  # RFC 6749 4.4: no browser is led anywhere
    least = {"client_id": "records", "client_name": "سوابق"}
    client = parse_client(least | SERVICE)

    assert client.is_service
    assert client.service_scopes == {"records.read"}
    assert client.redirect_uris == ()
    assert client.response_types == frozenset()
    assert client.sector == "client:records"


def test_an_api_that_only_introspects_needs_no_redirect_uri():  # RFC 7662 2.1
    api = parse_client({"client_id": "api", "client_name": "api", "grant_types": []})

    assert not api.is_service
    assert api.response_types == frozenset()


def test_a_portal_may_be_a_service_too():
    both = SERVICE | {"grant_types": ["authorization_code", "client_credentials"]}

    assert parse_client(GOOD | both).response_types == {"code"}


def test_a_portal_with_a_service_needs_a_redirect_uri():
    with pytest.raises(InvalidClientMetadata) as refused:
        parse_client(
            {"client_id": "app", "client_name": "app", "grant_types": ["authorization_code"]}
        )
    assert [one.member for one in refused.value.problems] == ["redirect_uris"]


@pytest.mark.parametrize("scope", ["openid", "profile", "national_id", "a b", 'a"', "ا", "a" * 65])
def test_a_services_scope_is_no_citizens_and_one_word(scope):  # RFC 6749 3.3
    assert problems(**SERVICE | {"service_scope": [scope]}) == {"service_scope"}


def test_scopes_of_a_service_need_the_grant():
    assert problems(service_scope=["records.read"]) == {"service_scope"}


def test_attack_a_public_client_is_no_service():  # RFC 6749 4.4
    assert problems(**SERVICE, token_endpoint_auth_method="none") == {"grant_types"}


def test_attack_C26_a_services_id_is_no_citizens_sub():  # RFC 9700 4.15
    assert problems(**SERVICE, client_id="a" * 43) == {"client_id"}
    assert parse_client(GOOD | {"client_id": "a" * 43}).client_id == "a" * 43


def test_consent_once_is_for_first_parties_alone():
    assert problems(prompt_consent="once") == {"prompt_consent"}
    assert problems(prompt_consent="never", first_party=True) == {"prompt_consent"}
    assert parse_client(GOOD | {"prompt_consent": "once", "first_party": True})


def test_a_client_may_choose_how_it_shows_its_secret():  # RFC 6749 2.3.1
    either = parse_client(GOOD | {"token_endpoint_auth_method": "client_secret"})
    assert [method for method in ClientAuthMethod if either.takes(method)] == [
        *(ClientAuthMethod.BASIC, ClientAuthMethod.POST, ClientAuthMethod.SECRET)
    ]


def test_every_problem_is_told_at_once():
    wrong = {"scope": ["everything"], "subject_type": "odd", "id_token_signed_response_alg": "none"}
    assert problems(**wrong) >= {"scope", "subject_type", "id_token_signed_response_alg"}


def test_attack_J11_no_client_gets_unsigned_id_tokens():
    assert problems(id_token_signed_response_alg="none") == {"id_token_signed_response_alg"}


def test_an_unknown_member_is_refused():
    assert problems(redirect_url="https://records.test/") == {"redirect_url"}


@pytest.mark.parametrize("value", [5, None, "", "a\nb", ["x"], {}])
def test_a_member_of_the_wrong_type_is_refused(value):
    assert problems(client_name=value) == {"client_name"}


def test_a_default_max_age_is_a_span_that_a_clock_knows():
    assert parse_client(GOOD | {"default_max_age": 999_999_999}).default_max_age == 999_999_999
    assert problems(default_max_age=2**62) == {"default_max_age"}


@pytest.mark.parametrize(
    "uri",
    [
        "http://records.test/cb",
        "https://*.records.test/cb",
        "https://records.test/cb#x",
        "https://user@records.test/cb",
        "https://records/cb",
        "https://RECORDS.test\\@evil/cb",
        "javascript:alert(1)",
        "myapp:/cb",
        "https://records.test/c b",
        "//records.test/cb",
        "https://[::1/cb",
        "http://127.0.0.1:8000/cb",
    ],
)
def test_attack_R05_R14_a_web_client_registers_plain_https_addresses_only(uri):
    assert problems(redirect_uris=[uri]) == {"redirect_uris"}


@pytest.mark.parametrize("uri", ["http://127.0.0.1/cb", "http://[::1]/cb", "com.example.app:/cb"])
def test_a_native_client_may_use_loopback_or_a_private_scheme(uri):  # RFC 8252 7
    assert redirect_problem(uri, native=True, loopback_http=False) is None


def test_a_portal_beside_the_hub_on_a_developers_machine_may_be_called_localhost():
    uri = "https://localhost:8444/cb"
    assert redirect_problem(uri, native=False, loopback_http=True) is None
    assert redirect_problem(uri, native=False, loopback_http=False)


def test_a_private_scheme_needs_a_dot():  # RFC 8252 7.1
    assert redirect_problem("myapp:/cb", native=True, loopback_http=False)


def test_attack_S07_back_channel_logout_goes_to_the_portals_own_host():
    assert problems(backchannel_logout_uri="https://other.test/out") == {"backchannel_logout_uri"}


@pytest.mark.parametrize(
    "key",
    [
        PUBLIC_KEY | {"d": "secret"},
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "RSA", "n": "A" * 86, "e": "AQAB"},
        {"kty": "RSA", "n": "A" * 200 + "w" * 171, "e": "AQAB"},  # 1024 bits behind zeros
        {"kty": "RSA", "n": "w" * 400 + "x", "e": "AQAB"},  # no base64
        {"kty": "EC", "crv": "secp256k1", "x": "x", "y": "y"},
        {"kty": "new"},
        "no key",
    ],
)
def test_attack_J19_only_sound_public_keys_are_registered(key):
    wrong = {"jwks": {"keys": [key]}, "token_endpoint_auth_method": "private_key_jwt"}
    assert problems(**wrong) == {"jwks"}


def test_private_key_jwt_needs_keys():
    assert problems(token_endpoint_auth_method="private_key_jwt") == {"jwks"}


def test_keys_by_value_and_by_address_exclude_each_other():  # RFC 7591 2
    both = {"jwks": {"keys": [PUBLIC_KEY]}, "jwks_uri": "https://records.test/jwks"}
    assert problems(**both) == {"jwks"}


NATIVE = Client(
    client_id="app",
    name="app",
    application_type=ApplicationType.NATIVE,
    redirect_uris=("http://127.0.0.1/cb?x=1", "http://[::1]/cb"),
)


@pytest.mark.parametrize("uri", ["http://127.0.0.1:5123/cb?x=1", "http://[::1]:5123/cb"])
def test_attack_R07_a_native_client_chooses_the_loopback_port(uri):  # RFC 8252 7.3
    assert NATIVE.match_redirect(uri).uri == uri


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:5123/other",
        "http://127.0.0.1:5123/cb",
        "http://127.0.0.2:5123/cb?x=1",
        "http://localhost:5123/cb?x=1",
        "http://127.0.0.1.evil:5123/cb?x=1",
        "http://user@127.0.0.1:5123/cb?x=1",
        "http://127.0.0.1:99999/cb?x=1",
        "https://127.0.0.1:5123/cb?x=1",
        "http://127.0.0.1:5123/cb?x=1#y",
    ],
)
def test_attack_R07_nothing_but_the_port_is_free(uri):
    assert NATIVE.match_redirect(uri) is None


@given(st.text(max_size=80))
def test_attack_R01_R06_no_text_but_the_registered_one_is_a_redirect(text):
    matched = parse_client(GOOD).match_redirect(text)
    assert matched is None or text in GOOD["redirect_uris"]


@pytest.mark.parametrize("member", ["client_id", "client_name", "redirect_uris"])
def test_what_a_client_cannot_do_without_is_named(member):
    with pytest.raises(InvalidClientMetadata) as refused:
        parse_client({name: value for name, value in GOOD.items() if name != member})
    assert [problem.member for problem in refused.value.problems] == [member]


def test_an_id_that_is_no_file_name_is_refused():
    assert problems(client_id="../records") == {"client_id"}


def test_a_client_without_a_redirect_uri_is_refused():
    assert "redirect_uris" in problems(redirect_uris=[])


@pytest.mark.parametrize("member", ["client_uri", "logo_uri", "policy_uri", "tos_uri"])
def test_a_link_for_people_is_https(member):
    assert problems(**{member: "http://records.test/"}) == {member}


def test_a_logo_gets_the_digest_of_what_is_shown():
    client = parse_client(GOOD | {"logo": PICTURE + b"behind"})
    assert (client.logo, client.logo_version) == (PICTURE, sha256(PICTURE).hexdigest()[:16])


@pytest.mark.parametrize("value", ["logo.png", b"<svg/>", b"", None], ids=repr)
def test_attack_S06_a_logo_is_a_png(value):
    assert problems(logo=value) == {"logo"}


def test_a_client_gets_codes_unless_its_file_says_more():
    assert parse_client(GOOD).response_types == {"code"}


def test_the_order_of_the_words_of_a_response_type_says_nothing():  # Multiple Response Types 3
    types = {"response_types": ["token id_token"], "grant_types": ["implicit"]}

    assert parse_client(GOOD | types).response_types == {"id_token token"}


@pytest.mark.parametrize("response_type", ["token", "none", "assertion", "code code", "x"])
def test_only_response_types_of_OpenID_Connect_can_be_registered(response_type):
    every = ["authorization_code", "implicit"]
    assert problems(response_types=[response_type], grant_types=every) == {"response_types"}


@pytest.mark.parametrize(
    ("response_type", "grant_types"),
    [
        ("id_token", ["authorization_code"]),
        ("code id_token", ["authorization_code"]),
        ("code", ["implicit"]),
        ("code token", ["implicit"]),
    ],
)
def test_a_response_type_needs_its_grant_types(response_type, grant_types):  # Registration 2
    asked = {"response_types": [response_type], "grant_types": grant_types}
    assert problems(**asked) == {"response_types"}


@pytest.mark.parametrize("uri", ["http://records.test/r", "javascript:x", "/r", "https://*.test/r"])
def test_request_objects_come_from_https_addresses(uri):  # OIDC Registration 2
    assert problems(request_uris=[uri]) == {"request_uris"}


def test_a_request_uri_may_have_a_fragment():  # OIDC Core 6.2
    addresses = ["https://records.test/r#hash"]

    assert parse_client(GOOD | {"request_uris": addresses}).request_uris == tuple(addresses)


@pytest.mark.parametrize("alg", ["HS256", "RS512", ""])
def test_request_objects_are_signed_with_our_algorithms(alg):
    assert problems(request_object_signing_alg=alg) == {"request_object_signing_alg"}


ENCRYPTED = ["id_token_encrypted_response", "userinfo_encrypted_response"]


@pytest.mark.parametrize("what", ENCRYPTED)
def test_a_content_encryption_needs_an_algorithm(what):  # OIDC Registration 2
    assert problems(**{f"{what}_enc": "A256GCM"}) == {f"{what}_enc"}


@pytest.mark.parametrize("what", ENCRYPTED)
def test_encryption_needs_a_key_of_the_client(what):
    wish = {f"{what}_alg": "RSA-OAEP-256"}

    assert problems(**wish) == {f"{what}_alg"}
    assert parse_client(GOOD | wish | {"jwks": {"keys": [PUBLIC_KEY]}})


@pytest.mark.parametrize("alg", ["RSA1_5", "dir", "A256GCMKW"])
@pytest.mark.parametrize("what", ENCRYPTED)
def test_old_encryption_is_refused(what, alg):  # RFC 8725 3.2
    keys = {"jwks": {"keys": [PUBLIC_KEY]}}
    assert problems(**keys, **{f"{what}_alg": alg}) == {f"{what}_alg"}
