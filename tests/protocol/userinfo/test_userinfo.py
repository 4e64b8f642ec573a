"""What a portal learns about who signed in (OIDC Core 5)."""

import json

import pytest

from idp.domain.clients.client import ClientState
from idp.domain.people.person import RegistryBirth
from idp.protocol.core import endpoints
from idp.protocol.core.claims import ASSURANCE, BIRTHDATE_JALALI, NATIONAL_ID, PHYSICIAN, ROLES
from idp.protocol.core.requests import ProtocolRequest
from tests import factories
from tests.protocol.hub import FORM, encode, read_claims
from tests.protocol.token.test_codes import refused

EVERY_SCOPE = "openid profile email phone address national_id tamin.assurance tamin.roles"


def told(portal, **changes):
    return portal.hub.userinfo(portal.obtain_tokens(**changes)["access_token"]).body


def test_every_claim_of_a_scope_is_told(portal):  # OIDC Core 5.4
    answer = told(portal, scope=EVERY_SCOPE)

    sub = answer.pop("sub")
    assert len(sub) == 43
    assert answer == {
        "name": "محمد رضا احمدی‌نژاد",
        "given_name": "محمد رضا",
        "family_name": "احمدی‌نژاد",
        "preferred_username": sub,
        "birthdate": "1981-08-03",
        "gender": "male",
        "locale": "fa-IR",
        "zoneinfo": "Asia/Tehran",
        "updated_at": 1774094400,
        "email": "reza@example.ir",
        "email_verified": False,
        "phone_number": "+989129129929",
        "phone_number_verified": True,
        "address": {"country": "ایران", "locality": "تهران"},
        NATIONAL_ID: "9994863177",
        ASSURANCE: {"method": "registry", "mobile": "ownership", "at": "2026-03-21T12:00:00Z"},
        ROLES: ["insured"],
    }


def test_a_physician_is_told_by_the_scope(hub):
    portal = hub.register(scopes=frozenset({"openid", "tamin.physician", "tamin.roles"}))
    hub.account(physician=factories.PROVEN, roles=("insured", "physician"))

    answer = told(portal, scope="openid tamin.physician tamin.roles")

    assert answer[PHYSICIAN] == {"council_number": "98765", "profession": "general_practitioner"}
    assert answer[ROLES] == ["insured", "physician"]


def test_who_only_claims_a_profession_has_none(hub):
    portal = hub.register(scopes=frozenset({"openid", "tamin.physician"}))
    hub.account(claim=factories.PROVEN)

    assert set(told(portal, scope="openid tamin.physician")) == {"sub"}


@pytest.mark.parametrize("scopes", [{"openid"}, {"openid", "tamin.roles"}])
def test_a_physician_is_told_to_nobody_without_the_scope(hub, scopes):
    portal = hub.register(scopes=frozenset(scopes | {"tamin.physician"}))
    hub.account(physician=factories.PROVEN)

    assert PHYSICIAN not in told(portal, scope=" ".join(sorted(scopes)))


def test_the_council_number_is_in_no_token_and_not_to_be_had_one_by_one(hub):
    portal = hub.register(scopes=frozenset({"openid", "tamin.physician"}))
    hub.account(physician=factories.PROVEN)
    asked = json.dumps({"userinfo": {PHYSICIAN: None}, "id_token": {PHYSICIAN: None}})

    tokens = portal.obtain_tokens(scope="openid", claims=asked)

    assert PHYSICIAN not in hub.userinfo(tokens["access_token"]).body
    for token in ("id_token", "access_token"):
        assert "98765" not in str(read_claims(tokens[token]))


def test_attack_C15_a_portal_that_lost_the_scope_learns_of_no_profession(hub):
    portal = hub.register(scopes=frozenset({"openid", "tamin.physician"}))
    hub.account(physician=factories.PROVEN)
    token = portal.obtain_tokens(scope="openid tamin.physician")["access_token"]
    portal.change(scopes=frozenset({"openid"}))

    assert set(hub.userinfo(token).body) == {"sub"}


def test_openid_alone_tells_the_subject_only(portal):
    assert set(told(portal, scope="openid")) == {"sub"}


def test_what_the_account_lacks_is_left_out(hub, portal):  # OIDC Core 5.3.2
    hub.account(email=None, residence=None)

    assert set(told(portal, scope="openid email address")) == {"sub"}


@pytest.mark.parametrize("birth", [RegistryBirth(1310, 0, 0), RegistryBirth(1310, 5, 0)])
def test_half_a_birth_date_is_none(hub, portal, birth):
    hub.account(person=factories.person(birth=birth))

    assert "birthdate" not in told(portal)


def test_claims_may_be_asked_for_one_by_one(portal):  # OIDC Core 5.5
    asked = {"userinfo": {"email": {"essential": True}, BIRTHDATE_JALALI: None, "unknown": None}}

    answer = told(portal, scope="openid", claims=json.dumps(asked))

    assert set(answer) == {"sub", "email", BIRTHDATE_JALALI}
    assert answer[BIRTHDATE_JALALI] == "1360/05/12"


def test_claims_beyond_the_allow_list_are_not_told(hub):
    portal = hub.register(scopes=frozenset({"openid"}))
    asked = {"userinfo": {"email": None}, "id_token": {"name": None}}

    tokens = portal.obtain_tokens(scope="openid", claims=json.dumps(asked))

    assert set(hub.userinfo(tokens["access_token"]).body) == {"sub"}
    assert "name" not in read_claims(tokens["id_token"])


def test_the_national_id_needs_its_own_scope(portal):  # D7
    asked = json.dumps({"userinfo": {NATIONAL_ID: None}, "id_token": {NATIONAL_ID: None}})

    tokens = portal.obtain_tokens(scope="openid", claims=asked)

    assert NATIONAL_ID not in portal.hub.userinfo(tokens["access_token"]).body
    assert NATIONAL_ID not in read_claims(tokens["id_token"])


def test_the_national_id_is_in_no_token(portal):
    asked = json.dumps({"id_token": {NATIONAL_ID: {"essential": True}}})
    tokens = portal.obtain_tokens(scope="openid national_id", claims=asked)

    for token in ("id_token", "access_token"):
        assert factories.NATIONAL_ID.value not in str(read_claims(tokens[token]))


def test_the_id_token_may_be_asked_for_claims(portal):  # OIDC Core 5.5
    asked = json.dumps({"id_token": {"name": None, "iss": None, "sub": None, "exp": None}})

    claims = read_claims(portal.obtain_tokens(claims=asked)["id_token"])

    assert claims["name"] == "محمد رضا احمدی‌نژاد"
    assert claims["iss"] == "https://account.tamin.ir"


def test_attack_C15_a_scope_taken_from_the_client_is_told_no_more(portal):
    token = portal.obtain_tokens(scope="openid email")["access_token"]
    portal.change(scopes=frozenset({"openid"}))

    assert set(portal.hub.userinfo(token).body) == {"sub"}


def posted(portal, body, token=None, content_type=FORM):
    """POST ``body`` to userinfo, with a token in the header, too."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    request = ProtocolRequest(
        method="POST",
        path=endpoints.USERINFO,
        headers=headers,
        body=body,
        content_type=content_type,
    )
    return portal.hub.provider.userinfo(request)


def test_the_token_may_come_in_a_posted_form(portal):  # RFC 6750 2.2
    token = portal.obtain_tokens()["access_token"]
    assert posted(portal, encode({"access_token": token})).body["sub"]


def test_a_token_that_is_shown_twice_is_refused(portal):  # RFC 6750 2, 3.1
    token = portal.obtain_tokens()["access_token"]
    reply = posted(portal, encode({"access_token": token}), token)
    assert (reply.status, reply.body["error"]) == (400, "invalid_request")


def test_another_form_beside_the_header_is_no_second_token(portal):
    token = portal.obtain_tokens()["access_token"]
    assert posted(portal, b"a=b", token).status == 200


@pytest.mark.parametrize("content_type", ["", "application/json", "multipart/form-data"])
def test_a_body_that_is_no_form_shows_no_token(portal, content_type):  # RFC 6750 2.2
    token = portal.obtain_tokens()["access_token"]
    reply = posted(portal, encode({"access_token": token}), content_type=content_type)
    assert (reply.status, reply.body) == (401, {})


def test_a_form_without_a_token_is_asked_for_one(portal):  # RFC 6750 3.1
    reply = posted(portal, b"a=b")
    assert (reply.status, reply.body) == (401, {})


def test_the_token_may_come_by_POST(portal):  # OIDC Core 5.3.1
    token = portal.obtain_tokens()["access_token"]
    request = ProtocolRequest(
        method="POST", path=endpoints.USERINFO, headers={"authorization": f"Bearer {token}"}
    )

    assert portal.hub.provider.userinfo(request).status == 200


def test_no_token_is_a_challenge_without_an_error(hub):  # RFC 6750 3.1
    reply = hub.provider.userinfo(ProtocolRequest(method="GET", path=endpoints.USERINFO))

    assert reply.status == 401
    assert reply.headers["WWW-Authenticate"] == 'Bearer realm="userinfo"'


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer a b", "Basic eA==", "é"])
def test_odd_headers_are_401(hub, header):
    request = ProtocolRequest(
        method="GET", path=endpoints.USERINFO, headers={"authorization": header}
    )

    assert refused(hub.provider.userinfo(request), "invalid_token", 401)


def test_a_token_in_the_query_is_not_looked_at(portal):  # RFC 9700 4.3.2
    token = portal.obtain_tokens()["access_token"]
    request = ProtocolRequest(
        method="GET", path=endpoints.USERINFO, query=f"access_token={token}".encode()
    )

    assert portal.hub.provider.userinfo(request).status == 401


def test_a_token_is_good_for_ten_minutes(hub, portal):  # OIDC Core 16.18
    token = portal.obtain_tokens()["access_token"]
    hub.move(minutes=10)

    assert refused(hub.userinfo(token), "invalid_token", 401)


@pytest.mark.parametrize("change", [lambda t: t[:-4], lambda t: t + "A", str.upper])
def test_attack_J12_a_changed_token_is_none(portal, change):
    token = change(portal.obtain_tokens()["access_token"])

    assert refused(portal.hub.userinfo(token), "invalid_token", 401)


def test_a_token_without_openid_is_for_something_else(portal):
    tokens = portal.obtain_offline()
    narrow = portal.refresh(tokens["refresh_token"], scope="profile").body

    assert "id_token" not in narrow
    assert refused(portal.hub.userinfo(narrow["access_token"]), "insufficient_scope", 403)


def test_attack_SE08_a_token_dies_with_the_account(hub, portal):
    token = portal.obtain_tokens()["access_token"]
    hub.account(epoch=1)

    assert refused(hub.userinfo(token), "invalid_token", 401)


def test_attack_A14_a_token_dies_with_the_client(portal):
    token = portal.obtain_tokens()["access_token"]
    portal.change(state=ClientState.SUSPENDED)

    assert refused(portal.hub.userinfo(token), "invalid_token", 401)


def test_the_scheme_may_be_written_in_any_case(portal):  # RFC 9110 11.1
    token = portal.obtain_tokens()["access_token"]

    assert portal.hub.userinfo(token, scheme="bearer").status == 200
