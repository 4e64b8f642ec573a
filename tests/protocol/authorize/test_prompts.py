"""When a session will not do: prompt, max_age, consent, acr and hints (OIDC Core 3.1.2)."""

import json

import pytest

from idp.domain.sign_in.session import ACR_PASSWORD, ACR_PASSWORD_OTP
from idp.protocol.core.replies import ErrorPage
from tests import factories
from tests.protocol.hub import BROWSER, error_of, key_pair, read_claims, response_of, sign, step_of


@pytest.mark.parametrize("max_age", ["-1", "1e9", "abc", "1.5", "0x1", "9" * 10, " 1"])
def test_attack_SE05_max_age_is_a_plain_number(portal, max_age):
    assert error_of(portal.authorize(max_age=max_age)) == "invalid_request"


def test_attack_SE05_max_age_zero_asks_again(hub, portal):
    hub.move(seconds=1)

    assert step_of(portal.authorize(max_age="0")) == "log_in"


def test_a_young_session_satisfies_max_age(hub, portal):
    hub.move(seconds=100)

    assert "code" in response_of(portal.authorize(max_age="10000"))


@pytest.mark.parametrize("prompt", ["none login", "Login", "nonsense", "login nonsense"])
def test_wrong_prompts_are_refused(portal, prompt):  # OIDC Core 3.1.2.1
    assert error_of(portal.authorize(prompt=prompt)) == "invalid_request"


def test_prompt_login_asks_again_although_signed_in(hub, portal):
    hub.move(seconds=1)

    assert step_of(portal.authorize(prompt="login")) == "log_in"


@pytest.mark.parametrize("prompt", ["login", "select_account"])
def test_a_fresh_sign_in_satisfies_the_prompt(hub, portal, prompt):
    hub.move(seconds=1)
    sealed = portal.authorize(prompt=prompt).sealed
    hub.move(seconds=1)
    fresh = factories.session("session-2", auth_time=hub.clock())

    assert "code" in response_of(hub.provider.resume(sealed, BROWSER, fresh))


def test_prompt_consent_asks_first_parties_too(hub, portal):
    reply = portal.authorize(prompt="consent")
    assert step_of(reply) == "consent"
    hub.move(seconds=1)
    with hub.at.begin() as work:
        scopes = frozenset({"openid", "profile"})
        work.consents.save(factories.consent(scopes=scopes, given_at=hub.clock()))

    assert "code" in response_of(hub.provider.resume(reply.sealed, BROWSER, hub.session))


def test_prompt_create_leads_to_the_registration(portal):  # Prompt Create 1.0, 4
    assert step_of(portal.authorize(session=None, prompt="create")) == "register"


def test_attack_SE04_silent_requests_never_show_a_page(hub, portal):  # OIDC Core 3.1.2.6
    assert error_of(portal.authorize(session=None, prompt="none")) == "login_required"


def test_attack_SE04_silent_requests_mind_max_age(hub, portal):
    hub.move(seconds=60)

    assert error_of(portal.authorize(prompt="none", max_age="30")) == "login_required"


def test_attack_SE04_silent_requests_mind_consent(hub):
    portal = hub.register(first_party=False)

    assert error_of(portal.authorize(prompt="none")) == "login_required"


def test_a_silent_request_keeps_auth_time(hub, portal):  # prompt-none-logged-in
    first = read_claims(portal.obtain_tokens()["id_token"])
    hub.move(seconds=90)

    second = read_claims(portal.obtain_tokens(prompt="none")["id_token"])

    assert second["auth_time"] == first["auth_time"]
    assert second["sub"] == first["sub"]


def test_third_parties_ask_for_consent(hub):
    assert step_of(hub.register(first_party=False).authorize()) == "consent"


def test_a_given_consent_is_remembered(hub):
    portal = hub.register(first_party=False)
    with hub.at.begin() as work:
        work.consents.save(factories.consent(scopes=frozenset({"openid", "profile"})))

    assert "code" in response_of(portal.authorize())


def test_a_stronger_sign_in_is_asked_for_by_acr_values(portal):
    assert step_of(portal.authorize(acr_values=ACR_PASSWORD_OTP)) == "second_step"


def test_a_stronger_sign_in_is_asked_for_by_claims(portal):  # OIDC Core 5.5.1.1
    claims = {"id_token": {"acr": {"essential": True, "values": [ACR_PASSWORD_OTP]}}}

    assert step_of(portal.authorize(claims=json.dumps(claims))) == "second_step"


def essential(*values):
    return json.dumps({"id_token": {"acr": {"essential": True, "values": list(values)}}})


def test_an_essential_acr_that_nobody_can_reach_is_an_error(portal):  # OIDC Core 5.5.1.1
    assert error_of(portal.authorize(claims=essential("1"))) == "unmet_authentication_requirements"


def test_an_essential_acr_may_be_one_of_several(portal):  # OIDC Core 5.5.1.1
    claims = essential("1", ACR_PASSWORD_OTP)

    assert step_of(portal.authorize(claims=claims)) == "second_step"


def test_an_essential_acr_is_the_one_that_is_told(hub, portal):  # OIDC Core 5.5.1.1
    hub.session = hub.sign_in("session-2", acr=ACR_PASSWORD_OTP)

    tokens = portal.obtain_tokens(claims=essential(ACR_PASSWORD))

    assert read_claims(tokens["id_token"])["acr"] == ACR_PASSWORD


@pytest.mark.parametrize("value", [None, {}, {"essential": True}, {"value": "1"}])
def test_a_wish_for_an_acr_is_no_error(portal, value):  # OIDC Core 5.5.1
    claims = json.dumps({"id_token": {"acr": value}})

    assert "code" in response_of(portal.authorize(claims=claims))


def test_an_unknown_acr_is_no_error(portal):
    assert "code" in response_of(portal.authorize(acr_values="1 2"))


def test_a_hint_of_the_same_person_is_no_obstacle(portal):  # OIDC Core 3.1.2.1
    hint = portal.obtain_tokens()["id_token"]

    assert "code" in response_of(portal.authorize(id_token_hint=hint, prompt="none"))


def test_attack_SE04_a_hint_of_somebody_else_is_login_required(hub, portal):
    hint = portal.obtain_tokens()["id_token"]
    with hub.at.begin() as work:
        work.accounts.add(factories.account("account-2", national_id=factories.OTHER_NATIONAL_ID))
    other = hub.sign_in("session-2", account_id="account-2")

    reply = portal.authorize(session=other, id_token_hint=hint, prompt="none")

    assert error_of(reply) == "login_required"


def test_a_hint_of_somebody_else_asks_who_it_is(hub, portal):
    hint = portal.obtain_tokens()["id_token"]
    hub.move(seconds=1)

    other = factories.session("session-2", account_id="account-2")

    assert step_of(portal.authorize(session=other, id_token_hint=hint)) == "log_in"


def test_the_wrong_person_after_a_hint_is_told_to_the_portal(hub, portal):
    hint = portal.obtain_tokens()["id_token"]
    sealed = portal.authorize(session=None, id_token_hint=hint).sealed
    other = factories.session("session-2", account_id="account-2", auth_time=hub.clock())

    assert error_of(hub.provider.resume(sealed, BROWSER, other)) == "login_required"


@pytest.mark.parametrize("hint", ["x", "a.b.c", "é", "." * 40])
def test_a_garbled_hint_is_refused(portal, hint):
    reply = portal.authorize(id_token_hint=hint)

    assert isinstance(reply, ErrorPage) or error_of(reply) == "invalid_request"


def test_an_expired_hint_is_one_too(hub, portal):  # OIDC Core 3.1.2.1
    hint = portal.obtain_tokens()["id_token"]
    hub.move(hours=3)

    assert "code" in response_of(portal.authorize(id_token_hint=hint, prompt="none"))


@pytest.mark.parametrize("max_age", ["0", "1", "999999999"])
def test_attack_SE05_max_age_may_be_any_nine_digits(portal, max_age):
    assert "code" in response_of(portal.authorize(max_age=max_age))


def test_a_hint_of_another_client_is_refused(hub, portal):
    other = hub.register(client_id="other")

    reply = portal.authorize(id_token_hint=other.obtain_tokens()["id_token"])

    assert error_of(reply) == "invalid_request"


def test_attack_J01_a_hint_signed_by_a_stranger_is_refused(portal):
    claims = read_claims(portal.obtain_tokens()["id_token"])
    forged = sign(claims, key_pair("RSA", 9), kid="key-RS256", typ="JWT")

    assert error_of(portal.authorize(id_token_hint=forged)) == "invalid_request"
