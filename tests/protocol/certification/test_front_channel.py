"""Implicit and hybrid: what the authorization response carries (OIDC Core 3.2, 3.3)."""

import json
from dataclasses import replace

import pytest
from authlib.oidc.core.util import create_half_hash

from idp.domain.clients.response_types import HYBRID, IMPLICIT, RESPONSE_TYPES
from idp.protocol.core.claims import NATIONAL_ID
from idp.protocol.core.replies import AskReturn, FormPost, GoTo, Redirect
from idp.protocol.core.subjects import session_identifier
from tests.protocol.hub import ISSUER, fragment_of, read_claims, response_of

MEMBERS = {
    "code": {"code"},
    "id_token": {"id_token"},
    "token": {"access_token", "token_type", "expires_in", "scope"},
}
FRONT = (*IMPLICIT, *HYBRID)
WITH_ID_TOKEN = tuple(one for one in FRONT if "id_token" in one)
WITH_TOKEN = tuple(one for one in FRONT if "token" in one.split())


def members_of(response_type):
    return set().union(*(MEMBERS[word] for word in response_type.split()), {"iss", "state"})


@pytest.mark.parametrize("response_type", FRONT)
def test_the_fragment_carries_what_was_asked_for(portal, response_type):
    # oidcc-server; Multiple Response Types 5; RejectAuthCodeInUrlQuery
    answer = fragment_of(portal.authorize(response_type=response_type))

    assert answer.keys() == members_of(response_type)


def test_the_order_of_the_words_says_nothing(portal):  # Multiple Response Types 3
    answer = fragment_of(portal.authorize(response_type="token id_token code"))

    assert answer.keys() == members_of("code id_token token")


@pytest.mark.parametrize("response_type", FRONT)
def test_a_form_can_carry_it_too(portal, response_type):  # oidcc-formpost plans
    reply = portal.authorize(response_type=response_type, response_mode="form_post")

    assert isinstance(reply, FormPost)
    assert reply.fields.keys() == members_of(response_type)


@pytest.mark.parametrize("response_type", FRONT)
def test_the_query_never_carries_tokens(portal, response_type):  # Multiple Response Types 2.1
    answer = fragment_of(portal.authorize(response_type=response_type, response_mode="query"))

    assert answer["error"] == "invalid_request"


@pytest.mark.parametrize("response_type", WITH_ID_TOKEN)
def test_ensure_request_without_nonce_fails(portal, response_type):
    # ensure-request-without-nonce-fails: OIDC Core 3.2.2.1
    answer = fragment_of(portal.authorize(response_type=response_type, nonce=None))

    assert (answer["error"], answer["state"], answer["iss"]) == (
        *("invalid_request", "the-state"),
        ISSUER,
    )


@pytest.mark.parametrize("response_type", ["code", "code token"])
def test_ensure_request_without_nonce_succeeds(portal, response_type):
    # ensure-request-without-nonce-succeeds-for-code-flow
    reply = portal.authorize(response_type=response_type, nonce=None, response_mode="fragment")

    assert "code" in fragment_of(reply)


@pytest.mark.parametrize("response_type", WITH_ID_TOKEN)
@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "EdDSA"])
def test_an_id_token_is_tied_to_what_comes_with_it(portal, response_type, alg):
    # OIDC Core 3.2.2.10, 3.3.2.11: at_hash and c_hash
    portal.change(id_token_signed_response_alg=alg)
    answer = fragment_of(portal.authorize(response_type=response_type))

    told = read_claims(answer["id_token"])

    hashes = {"at_hash": answer.get("access_token"), "c_hash": answer.get("code")}
    assert {name: told[name] for name in hashes if name in told} == {
        name: create_half_hash(text, alg).decode() for name, text in hashes.items() if text
    }
    assert told["nonce"] == "the-nonce"


@pytest.mark.parametrize("response_type", WITH_ID_TOKEN)
def test_the_front_channels_id_token_has_the_protocol_claims(hub, portal, response_type):
    answer = fragment_of(portal.authorize(response_type=response_type, scope="openid"))

    told = read_claims(answer["id_token"])

    assert told["aud"] == portal.client_id
    assert told["sid"] == session_identifier(hub.at.vault, portal.client, hub.session.id)
    assert told["auth_time"] == int(hub.session.auth_time.timestamp())
    hashes = {"at_hash", "c_hash", "nonce"}
    protocol = {"iss", "sub", "aud", "azp", "iat", "exp", "auth_time", "acr", "amr", "sid"}
    assert told.keys() - hashes == protocol


def test_scope_claims_are_in_the_id_token_where_nothing_else_is_given(portal):
    # oidcc-scope-*: OIDC Core 5.4
    reply = portal.authorize(response_type="id_token", scope="openid email phone national_id")

    told = read_claims(fragment_of(reply)["id_token"])

    assert {"email", "email_verified", "phone_number", "phone_number_verified"} <= told.keys()
    assert NATIONAL_ID not in told


def test_claims_can_be_asked_for_in_an_id_token_that_comes_alone(portal):  # oidcc-claims-essential
    wish = json.dumps({"id_token": {"name": {"essential": True}}})
    reply = portal.authorize(response_type="id_token", scope="openid", claims=wish)

    assert read_claims(fragment_of(reply)["id_token"])["name"]


@pytest.mark.parametrize("response_type", ["id_token token", "code id_token"])
def test_scope_claims_stay_at_userinfo_where_it_can_be_asked(portal, response_type):
    answer = fragment_of(portal.authorize(response_type=response_type, scope="openid email"))

    assert "email" not in read_claims(answer["id_token"])


@pytest.mark.parametrize("response_type", WITH_TOKEN)
def test_the_access_token_works_at_userinfo(hub, portal, response_type):
    answer = fragment_of(portal.authorize(response_type=response_type, scope="openid email"))

    assert hub.userinfo(answer["access_token"]).body["email"]


@pytest.mark.parametrize("response_type", HYBRID)
def test_the_code_of_a_hybrid_flow_can_be_redeemed(portal, response_type):  # OIDC Core 3.3.3
    answer = fragment_of(portal.authorize(response_type=response_type))

    assert portal.redeem(answer["code"]).status == 200


@pytest.mark.parametrize("response_type", ["code id_token", "code id_token token"])
def test_both_id_tokens_of_a_hybrid_flow_name_the_same_person(portal, response_type):
    # OIDC Core 3.3.3.6: iss and sub identical
    answer = fragment_of(portal.authorize(response_type=response_type))

    first = read_claims(answer["id_token"])
    second = read_claims(portal.redeem(answer["code"]).body["id_token"])

    assert [first[name] for name in ("iss", "sub", "nonce")] == [
        second[name] for name in ("iss", "sub", "nonce")
    ]


@pytest.mark.parametrize("response_type", HYBRID)
def test_a_hybrid_request_without_a_challenge_is_refused(portal, response_type):  # RFC 9700 2.1.1
    answer = fragment_of(portal.authorize(response_type=response_type, code_challenge=None))

    assert answer["error"] == "invalid_request"


def test_where_no_code_is_given_no_challenge_is_needed(portal):
    without = {"code_challenge": None, "code_challenge_method": None}

    assert "id_token" in fragment_of(portal.authorize(response_type="id_token", **without))


def test_a_front_channel_token_ends_with_its_session(hub, portal):  # attack C05
    token = fragment_of(portal.authorize(response_type="id_token token"))["access_token"]
    with hub.at.begin() as work:
        work.sessions.end(hub.session.id, hub.clock())

    assert hub.userinfo(token).status == 401


def test_a_front_channel_token_can_be_revoked(hub, portal):  # RFC 7009 2.1
    token = fragment_of(portal.authorize(response_type="id_token token"))["access_token"]
    portal.revoke(token)

    assert hub.userinfo(token).status == 401


def test_a_front_channel_token_ends_after_ten_minutes(hub, portal):
    token = fragment_of(portal.authorize(response_type="id_token token"))["access_token"]
    hub.move(minutes=10)

    assert hub.userinfo(token).status == 401


@pytest.mark.parametrize("response_type", FRONT)
def test_nothing_is_issued_for_a_session_that_has_just_ended(hub, portal, response_type):
    with hub.at.begin() as work:
        work.sessions.end(hub.session.id, hub.clock())

    answer = fragment_of(portal.authorize(response_type=response_type))

    assert answer["error"] == "login_required"


def test_the_portal_of_a_front_channel_answer_hears_of_the_sign_out(hub, portal):
    portal.authorize(response_type="id_token")

    with hub.at.begin(read_only=True) as work:
        assert portal.client_id in work.sessions.visited(hub.session.id)


def test_the_citizen_sees_what_an_id_token_told(hub, portal):
    portal.authorize(response_type="id_token", scope="openid email")

    with hub.at.begin(read_only=True) as work:
        noted = work.releases.of_account(hub.session.account_id)
    assert [set(one.claims) for one in noted] == [{"sub", "email", "email_verified"}]


@pytest.mark.parametrize("response_type", FRONT)
def test_a_portal_of_others_waits_for_consent(hub, portal, response_type):  # OIDC Core 3.1.2.4
    portal.change(first_party=False)

    reply = portal.authorize(response_type=response_type)

    assert isinstance(reply, GoTo)
    assert reply.step == "consent"


def test_offline_access_is_ignored_where_no_code_is_given(portal):  # OIDC Core 11
    answer = fragment_of(
        portal.authorize(response_type="id_token token", scope="openid offline_access")
    )

    assert answer["scope"] == "openid"


@pytest.mark.parametrize(
    "wrong", [{"scope": "profile"}, {"prompt": "none login"}, {"max_age": "x"}]
)
@pytest.mark.parametrize("response_type", FRONT)
def test_errors_are_told_in_the_fragment(portal, response_type, wrong):  # RejectErrorInUrlQuery
    answer = fragment_of(portal.authorize(response_type=response_type, **wrong))

    assert answer["error"]
    assert (answer["iss"], answer["state"]) == (ISSUER, "the-state")


def test_response_type_missing_is_told_in_the_query(portal):  # oidcc-response-type-missing
    answer = response_of(portal.authorize(response_type=None))

    assert (answer["error"], answer["state"]) == ("invalid_request", "the-state")


@pytest.mark.parametrize("response_type", FRONT)
def test_prompt_none_not_logged_in(portal, response_type):  # oidcc-prompt-none-not-logged-in
    reply = portal.authorize(session=None, response_type=response_type, prompt="none")

    assert fragment_of(reply)["error"] == "login_required"


@pytest.mark.parametrize("response_type", FRONT)
def test_attack_R10_an_error_does_not_leave_unasked(portal, response_type):
    portal.change(first_party=False)

    reply = portal.authorize(response_type=response_type, scope="nothing")

    assert isinstance(reply, AskReturn)


@pytest.mark.parametrize("response_type", FRONT)
def test_a_client_asks_only_for_its_own_response_types(portal, response_type):
    portal.change(response_types=frozenset({"code"}))

    answer = fragment_of(portal.authorize(response_type=response_type))

    assert answer["error"] == "unauthorized_client"


def test_a_client_that_gives_up_codes_gets_none(portal):
    portal.change(response_types=frozenset({"id_token"}))

    assert response_of(portal.authorize())["error"] == "unauthorized_client"


def test_a_response_type_taken_back_meanwhile_is_refused_at_resume(hub, portal):
    waiting = portal.authorize(session=None, response_type="id_token").sealed
    portal.change(response_types=frozenset({"code"}))

    reply = hub.provider.resume(waiting, "browser-one", hub.session)

    assert fragment_of(reply)["error"] == "unauthorized_client"


@pytest.mark.parametrize("response_type", FRONT)
def test_attack_C13_what_is_off_is_not_supported(hub, portal, response_type):
    hub.switch_on()

    answer = fragment_of(portal.authorize(response_type=response_type))

    assert answer["error"] == "unsupported_response_type"


def test_a_hub_without_keys_says_that_it_will_work_again(hub, portal):  # RFC 6749 4.1.2.1
    for key in hub.key_store.load():
        hub.key_store.write(replace(key, state="retired"))
    hub.move(minutes=1)

    answer = fragment_of(portal.authorize(response_type="id_token"))

    assert answer["error"] == "temporarily_unavailable"


@pytest.mark.parametrize("response_type", RESPONSE_TYPES)
def test_a_refusal_goes_where_the_answer_would_have_gone(hub, portal, response_type):
    waiting = portal.authorize(session=None, response_type=response_type).sealed

    reply = hub.provider.deny(waiting, "browser-one")

    assert isinstance(reply, Redirect)
    read = response_of if response_type == "code" else fragment_of
    assert read(reply)["error"] == "access_denied"
