"""What a client says of itself becomes a client, and is told back (RFC 7591, Registration 2)."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.clients.client import ApplicationType, ClientAuthMethod
from idp.domain.clients.problems import InvalidClientMetadata, Problem
from idp.domain.clients.registration import (
    SAME_NAME,
    Allowed,
    is_redirect_problem,
    parse_registration,
    registered_members,
    sector_problem,
)
from idp.domain.sign_in.session import ACR_PASSWORD, ACR_PASSWORD_OTP

REDIRECTS = ["https://clinic.test/cb"]
ALLOWED = Allowed(
    response_types=("code",),
    grant_types=("authorization_code", "refresh_token"),
    scopes=frozenset({"openid", "email"}),
)


def registered(allowed=ALLOWED, **said):
    return parse_registration({"redirect_uris": REDIRECTS} | said, "c-1", allowed)


def refusal(allowed=ALLOWED, **said):
    with pytest.raises(InvalidClientMetadata) as refused:
        registered(allowed, **said)
    return refused.value


def problems(**said):
    return {problem.member for problem in refusal(**said).problems}


def told(**said):
    return registered_members(registered(**said))


def test_a_client_without_a_name_is_called_by_its_host():
    assert registered().name == "clinic.test"


def test_a_client_without_a_host_is_called_by_its_id():
    at_home = {"redirect_uris": ["com.clinic.app:/cb"], "application_type": "native"}

    assert registered(**at_home).name == "c-1"


def test_a_client_whose_host_is_longer_than_a_name_is_called_by_its_id():
    host = ".".join(["clinic"] * 20)

    assert registered(redirect_uris=[f"https://{host}/cb"]).name == "c-1"


def test_a_name_is_kept():
    assert registered(client_name="درمانگاه").name == "درمانگاه"


def test_the_id_is_the_hubs_to_give():
    assert registered(client_id="records").client_id == "c-1"


def test_a_member_that_is_null_is_left_out():  # RFC 7592 2.2
    assert registered(client_uri=None, client_name=None).name == "clinic.test"


def test_a_client_that_names_no_scope_gets_what_is_allowed():  # RFC 7591 2
    assert registered().scopes == {"openid", "email"}


def test_a_client_gets_no_scope_that_is_not_allowed():
    assert registered(scope="email national_id").scopes == {"openid", "email"}


def test_a_client_always_gets_openid():
    assert registered(scope="").scopes == {"openid"}


def test_nothing_but_openid_is_allowed_unless_said():
    assert Allowed(response_types=(), grant_types=()).scopes == {"openid"}


def test_nobody_puts_themselves_on_the_list_of_services():
    asked = {
        "listed": False,
        "description": "بانک",
        "description#en": "Bank",
        "client_name#en": "B",
    }
    client = registered(**asked)
    assert (client.listed, client.description, client.description_en) == (True, None, None)
    assert client.first_party is False


def test_nobody_makes_themselves_first_party():
    assert (
        registered(first_party=True, require_pkce=False, sector="other.test").first_party is False
    )


def test_the_first_known_acr_is_the_default():
    asked = ["urn:odd", ACR_PASSWORD_OTP, ACR_PASSWORD]

    assert registered(default_acr_values=asked).default_acr == ACR_PASSWORD_OTP


@pytest.mark.parametrize("said", [{}, {"default_acr_values": ["urn:odd"]}])
def test_without_a_known_acr_there_is_no_default(said):
    assert registered(**said).default_acr is None


@pytest.mark.parametrize(
    "member", ["response_types", "grant_types", "redirect_uris", "default_acr_values"]
)
@pytest.mark.parametrize("value", ["code", [5], {}, 5, False])
def test_a_list_that_is_none_is_the_one_problem(member, value):
    assert [one.member for one in refusal(**{member: value}).problems] == [member]


@pytest.mark.parametrize(
    "member",
    [
        "require_auth_time",
        "backchannel_logout_session_required",
        "frontchannel_logout_session_required",
    ],
)
@pytest.mark.parametrize("value", ["true", 1, []])
def test_a_switch_is_true_or_false(member, value):
    assert problems(**{member: value}) == {member}


@pytest.mark.parametrize("value", [True, False])
def test_a_switch_may_have_either_value(value):
    assert registered(require_auth_time=value)


@pytest.mark.parametrize("value", [["openid"], 5, {}])
def test_a_scope_is_one_text(value):
    assert problems(scope=value) == {"scope"}


@pytest.mark.parametrize(
    ("member", "value"), [("response_types", "id_token"), ("grant_types", "implicit")]
)
def test_what_is_switched_off_is_refused(member, value):
    assert problems(**{member: [value]}) == {member}


@pytest.mark.parametrize(
    ("member", "value", "choices"),
    [
        ("response_types", "id_token", "code, code id_token"),
        ("grant_types", "implicit", "authorization_code, refresh_token"),
    ],
)
def test_a_refusal_names_what_is_on(member, value, choices):
    allowed = replace(ALLOWED, response_types=("code", "code id_token"))

    assert choices in str(refusal(allowed, **{member: [value]}))


def test_one_forbidden_grant_among_the_allowed_is_refused():
    assert problems(grant_types=["authorization_code", "implicit"]) == {"grant_types"}


def test_the_order_of_the_words_of_a_response_type_says_nothing():  # Multiple Response Types 3
    allowed = Allowed(
        response_types=("code id_token",), grant_types=("authorization_code", "implicit")
    )
    asked = {"response_types": ["id_token code"], "grant_types": list(allowed.grant_types)}

    assert registered(allowed, **asked).response_types == {"code id_token"}


def test_every_problem_is_told_at_once():
    wrong = {"scope": 5, "require_auth_time": 1, "response_types": ["x"], "grant_types": ["x"]}

    assert problems(**wrong) == set(wrong)


def test_the_rules_of_every_client_hold():  # attack R14
    assert problems(redirect_uris=["http://clinic.test/cb"]) == {"redirect_uris"}


@pytest.mark.parametrize("said", [{"redirect_uris": []}, {"redirect_uris": None}])
def test_a_client_without_a_redirect_address_is_refused(said):
    assert "redirect_uris" in problems(**said)


def test_loopback_redirects_are_of_development():
    allowed = replace(ALLOWED, loopback_http=True)

    assert registered(allowed, redirect_uris=["http://127.0.0.1:5000/cb"])


def test_loopback_redirects_are_off_unless_said():
    assert problems(redirect_uris=["http://127.0.0.1:5000/cb"]) == {"redirect_uris"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
NAMES = st.sampled_from([*SAME_NAME, "scope", "default_acr_values", "require_auth_time"])


@given(st.dictionaries(NAMES | st.text(max_size=8), JSON))
def test_whatever_is_sent_becomes_a_client_or_a_list_of_problems(said):
    with suppress(InvalidClientMetadata):
        assert parse_registration(said, "c-1", ALLOWED).scopes <= ALLOWED.scopes


def test_the_answer_to_the_least_registration():  # RFC 7591 3.2.1, OIDC Registration 3.2
    assert told() == {
        "client_id": "c-1",
        "client_name": "clinic.test",
        "application_type": "web",
        "redirect_uris": REDIRECTS,
        "token_endpoint_auth_method": "client_secret_basic",
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
        "subject_type": "pairwise",
        "id_token_signed_response_alg": "RS256",
        "require_auth_time": True,
        "scope": "email openid",
    }


def test_every_member_is_told_as_it_was_sent():  # RFC 7591 3.2.1
    said = {
        "client_name": "درمانگاه",
        "client_name#en": "Clinic",
        "application_type": "native",
        "post_logout_redirect_uris": ["https://clinic.test/bye"],
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "jwks_uri": "https://clinic.test/jwks",
        "grant_types": ["authorization_code", "refresh_token"],
        "subject_type": "pairwise",
        "sector_identifier_uri": "https://clinic.test/sector",
        "initiate_login_uri": "https://clinic.test/login",
        "request_uris": ["https://clinic.test/request#1"],
        "default_max_age": 0,
        "contacts": ["it@clinic.test"],
        "client_uri": "https://clinic.test/",
        "logo_uri": "https://clinic.test/logo.png",
        "policy_uri": "https://clinic.test/policy",
        "tos_uri": "https://clinic.test/terms",
        "userinfo_signed_response_alg": "PS256",
        "default_acr_values": [ACR_PASSWORD],
    }
    answer = told(**said)

    assert {member: answer[member] for member in said} == said


def test_lists_without_an_order_are_told_in_order():
    assert told(grant_types=["refresh_token", "authorization_code"])["grant_types"] == [
        "authorization_code",
        "refresh_token",
    ]


def test_response_types_are_told_in_order():
    kinds = frozenset({"id_token", "code id_token", "code"})

    assert registered_members(replace(registered(), response_types=kinds))["response_types"] == [
        "code",
        "code id_token",
        "id_token",
    ]


@pytest.mark.parametrize("channel", ["backchannel", "frontchannel"])
def test_a_logout_notice_always_names_its_session(channel):  # Back-Channel 2.2, Front-Channel 2
    answer = told(**{f"{channel}_logout_uri": "https://clinic.test/out"})

    assert answer[f"{channel}_logout_session_required"] is True


def test_without_a_logout_address_nothing_is_said_of_sessions():
    assert not [member for member in told() if member.endswith("session_required")]


def test_types_are_read_from_what_was_said():
    client = registered(application_type="native", token_endpoint_auth_method="none")

    assert (client.application_type, client.auth_method) == (
        ApplicationType.NATIVE,
        ClientAuthMethod.NONE,
    )


@pytest.mark.parametrize(
    ("members", "is_about_redirects"),
    [
        (["redirect_uris"], True),
        (["redirect_uris", "redirect_uris"], True),
        (["redirect_uris", "scope"], False),
        (["scope"], False),
    ],
)
def test_a_redirect_problem_is_about_redirects_alone(members, is_about_redirects):
    # RFC 7591 3.2.2
    error = InvalidClientMetadata([Problem(member, "is wrong") for member in members])

    assert is_redirect_problem(error) is is_about_redirects


def test_a_refusal_names_each_member_and_why():
    error = InvalidClientMetadata([Problem("a", "is wrong"), Problem("b", "is odd")])

    assert str(error) == "a: is wrong; b: is odd"


@pytest.mark.parametrize("listed", [REDIRECTS, [*REDIRECTS, "https://other.test/", 5]])
def test_a_sector_that_lists_every_redirect_fits(listed):  # OIDC Core 8.1
    assert sector_problem(registered(), listed) is None


@pytest.mark.parametrize("listed", [[], ["https://other.test/"], {REDIRECTS[0]: 1}, None, "x"])
def test_a_sector_that_lists_less_does_not_fit(listed):  # OIDC Core 8.1
    assert sector_problem(registered(), listed).member == "sector_identifier_uri"


def test_a_sector_must_list_more_than_one_of_the_redirects():  # OIDC Core 8.1
    client = replace(registered(), redirect_uris=(*REDIRECTS, "https://clinic.test/two"))

    assert sector_problem(client, REDIRECTS)


@pytest.mark.parametrize("uri", ["http://127.0.0.1/cb", "http://[::1]/cb", "com.clinic.app:/cb"])
def test_attack_J22_an_address_that_nobody_owns_is_of_no_sector(uri):
    client = registered(redirect_uris=[uri], application_type="native")

    assert sector_problem(client, [uri]).member == "sector_identifier_uri"


@pytest.mark.parametrize("asked", ["public", "pairwise", "x", None])
def test_attack_J22_whoever_registers_alone_gets_pairwise_subjects(asked):
    answer = told(subject_type=asked)

    assert answer["subject_type"] == "pairwise"


SIGNING = "id_token_signed_response_alg"
ENCRYPTING = "request_object_encryption_alg"
ABLE = replace(ALLOWED, algorithms={SIGNING: ("RS256", "ES256"), ENCRYPTING: ()})


def test_an_algorithm_that_is_on_is_taken():
    assert registered_members(registered(ABLE, **{SIGNING: "ES256"}))[SIGNING] == "ES256"


def test_a_client_that_names_no_algorithm_gets_the_usual_one():
    assert registered_members(registered(ABLE))[SIGNING] == "RS256"


def test_an_algorithm_that_is_off_is_refused_with_those_that_are_on():
    refused = refusal(ABLE, **{SIGNING: "PS256"})

    assert Problem(SIGNING, "must be one of RS256, ES256") in refused.problems


def test_an_algorithm_for_which_there_is_no_key_is_not_offered():
    refused = refusal(ABLE, **{ENCRYPTING: "RSA-OAEP-256"})

    assert Problem(ENCRYPTING, "is not offered") in refused.problems
