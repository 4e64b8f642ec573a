"""What a request may ask, and what the answer is (OIDC Core 3.1.2)."""

import json

import pytest

from idp.domain.session import ACR_PASSWORD, ACR_PASSWORD_OTP
from idp.protocol.replies import ErrorPage, GoTo, Resume
from idp.protocol.requests import ProtocolRequest
from tests import factories
from tests.protocol.hub import (
    BROWSER,
    FORM,
    challenge_of,
    encode,
    key_pair,
    read_claims,
    response_of,
    sign,
)


def error_of(reply):
    return response_of(reply).get("error")


def step_of(reply):
    assert isinstance(reply, GoTo), reply
    return reply.step.value


@pytest.mark.parametrize("response_type", ["code code", "x", "code x", "none"])
def test_attack_C14_an_unknown_response_type_is_refused(portal, response_type):
    assert error_of(portal.authorize(response_type=response_type)) == "unsupported_response_type"


def test_a_missing_response_type_is_an_invalid_request(portal):  # RFC 6749 3.1.1
    assert error_of(portal.authorize(response_type=None)) == "invalid_request"


@pytest.mark.parametrize(
    ("parameter", "error"),
    [
        ("request", "invalid_request_object"),
        ("request_uri", "request_uri_not_supported"),
        ("registration", "registration_not_supported"),
    ],
)
def test_attack_S01_what_is_not_supported_is_said(portal, parameter, error):  # OIDC Core 6
    assert error_of(portal.authorize(**{parameter: "http://169.254.169.254/"})) == error


def test_a_request_without_openid_is_refused(portal):
    assert error_of(portal.authorize(scope="profile")) == "invalid_scope"


def test_unknown_scopes_are_ignored(portal):  # OIDC Core 3.1.2.1
    tokens = portal.obtain_tokens(scope="nonsense openid")

    assert tokens["scope"] == "openid"


def test_known_scopes_beyond_the_allow_list_are_refused(hub):
    portal = hub.register(scopes=frozenset({"openid"}))

    assert error_of(portal.authorize(scope="openid national_id")) == "invalid_scope"


def test_offline_access_is_ignored_for_clients_that_cannot_refresh(hub):  # OIDC Core 11
    portal = hub.register(grant_types=frozenset({"authorization_code"}))

    tokens = portal.obtain_tokens(scope="openid offline_access")

    assert "refresh_token" not in tokens
    assert tokens["scope"] == "openid"


@pytest.mark.parametrize(
    "wrong",
    [
        {"code_challenge": None},
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": None},
        {"code_challenge_method": "s256"},
        {"code_challenge": "a" * 42},
        {"code_challenge": "a" * 44},
        {"code_challenge": challenge_of("x") + "="},
        {"code_challenge": "a" * 42 + "!"},
    ],
    ids=str,
)
def test_attack_C08_C11_a_request_needs_an_S256_challenge(portal, wrong):  # RFC 9700 2.1.1
    assert error_of(portal.authorize(**wrong)) == "invalid_request"


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

    assert error_of(portal.authorize(prompt="none")) == "consent_required"


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


@pytest.mark.parametrize(
    "claims",
    [
        "x",
        "[]",
        "5",
        '{"userinfo": 5}',
        '{"userinfo": ["name"]}',
        '{"userinfo": []}',
        '{"id_token": 0}',
        '{"id_token": false}',
        '{"id_token": ""}',
        '{"userinfo": {"name": 5}}',
        '{"id_token": {"sub": "x"}}',
        '{"userinfo": {"a": NaN}}',
        '{"userinfo": {}, "userinfo": {}}',
        '{"userinfo": {"a": {"value": 1e400}}}',
        "[" * 8000,
        '{"a":' * 1300 + "1" + "}" * 1300,
    ],
    ids=lambda text: text[:24],
)
def test_attack_D04_J06_claims_must_be_a_small_object(portal, claims):  # OIDC Core 5.5
    assert error_of(portal.authorize(claims=claims)) == "invalid_request"


def test_claims_of_null_places_are_no_error(portal):
    assert "code" in response_of(portal.authorize(claims='{"userinfo": null, "x": 5}'))


def test_resources_must_be_registered(hub):  # RFC 8707 2
    portal = hub.register(access_token_audience=("https://api.example",))

    assert error_of(portal.authorize(resource="https://other.example")) == "invalid_target"


def test_a_resource_becomes_the_audience(hub):  # RFC 8707 2.2
    portal = hub.register(access_token_audience=("https://api.example", "https://b.example"))

    token = portal.obtain_tokens(resource="https://api.example")["access_token"]

    assert read_claims(token)["aud"] == ["https://account.tamin.ir", "https://api.example"]


def test_a_nonce_is_echoed_byte_for_byte(portal):  # OIDC Core 3.1.3.7
    nonce = "n-0S6_WzA2Mj+/=~ x"

    assert read_claims(portal.obtain_tokens(nonce=nonce)["id_token"])["nonce"] == nonce


def test_two_requests_may_have_one_nonce(portal):
    portal.obtain_tokens(nonce="same")

    assert "id_token" in portal.obtain_tokens(nonce="same")


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


@pytest.mark.parametrize(
    "wish",
    [
        {"display": "popup"},
        {"display": "nonsense"},
        {"ui_locales": "fa en fr-CA"},
        {"ui_locales": " ".join(["xx"] * 500)},
        {"claims_locales": "fa"},
        {"acr_values": "0"},
        {"unknown_parameter": "5"},
    ],
    ids=lambda wish: str(wish)[:40],
)
def test_what_a_portal_only_wishes_is_no_error(portal, wish):  # OIDC Core 15.1
    assert "code" in response_of(portal.authorize(**wish))


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


def test_a_page_leads_back_to_the_portal(hub, portal):  # D3
    sealed = portal.authorize(session=None).sealed

    assert "code" in response_of(hub.provider.resume(sealed, BROWSER, hub.session))


def test_attack_SE02_a_sealed_request_is_bound_to_its_browser(hub, portal):
    sealed = portal.authorize(session=None).sealed

    reply = hub.provider.resume(sealed, "another-browser", hub.session)

    assert reply == ErrorPage("context_lost")


def test_a_sealed_request_is_good_for_two_hours(hub, portal):
    sealed = portal.authorize(session=None).sealed
    hub.move(hours=2)

    assert hub.provider.resume(sealed, BROWSER, hub.session) == ErrorPage("context_lost")


def test_a_changed_seal_does_not_open(hub, portal):
    sealed = portal.authorize(session=None).sealed

    assert hub.provider.resume(sealed[:-1] + "x", BROWSER, None) == ErrorPage("context_lost")


def test_a_long_request_travels_as_a_handle(hub, portal):
    reply = portal.authorize(session=None, state="s" * 5000)

    assert reply.sealed.startswith("row:")
    answer = response_of(hub.provider.resume(reply.sealed, BROWSER, hub.session))
    assert answer["state"] == "s" * 5000


def test_an_unknown_handle_opens_nothing(hub):
    assert hub.provider.resume("row:x", BROWSER, None) == ErrorPage("context_lost")


def test_attack_OP8_the_client_is_looked_at_again_after_a_page(hub, portal):
    sealed = portal.authorize(session=None).sealed
    portal.change(redirect_uris=("https://portal.example/new",))

    reply = hub.provider.resume(sealed, BROWSER, hub.session)

    assert reply == ErrorPage("redirect_uri_not_registered")


def test_scopes_are_looked_at_again_after_a_page(hub, portal):
    sealed = portal.authorize(session=None).sealed
    portal.change(scopes=frozenset({"openid"}))

    assert error_of(hub.provider.resume(sealed, BROWSER, hub.session)) == "invalid_scope"


def test_saying_no_is_told_to_the_portal(hub):  # RFC 6749 4.1.2.1
    sealed = hub.register(first_party=False).authorize().sealed

    answer = response_of(hub.provider.deny(sealed, BROWSER))

    assert answer["error"] == "access_denied"
    assert answer["state"] == "the-state"


def posted(hub, portal, **changes):
    request = ProtocolRequest(
        method="POST",
        path="/oauth2/authorize",
        body=encode(portal.request(**changes)),
        content_type=FORM,
    )
    return hub.provider.authorize_posted(request)


def test_a_posted_request_goes_on_where_cookies_come(hub, portal):  # OIDC Core 3.1.2.1, D4
    reply = posted(hub, portal)

    assert isinstance(reply, Resume)
    answer = hub.provider.resume_posted(reply.sealed, BROWSER, hub.session)
    assert "code" in response_of(answer)


def test_a_posted_request_is_checked_at_once(hub, portal):
    assert error_of(posted(hub, portal, scope="phone")) == "invalid_scope"


def test_a_posted_request_waits_for_minutes_only(hub, portal):
    sealed = posted(hub, portal).sealed
    hub.move(minutes=5)

    assert hub.provider.resume_posted(sealed, BROWSER, None) == ErrorPage("context_lost")


def test_a_posted_seal_is_no_seal_of_a_page(hub, portal):
    sealed = posted(hub, portal).sealed

    assert hub.provider.resume(sealed, BROWSER, hub.session) == ErrorPage("context_lost")


def test_authorize_writes_nothing(hub, portal):  # D3
    code = portal.obtain_code()

    with hub.at.begin(read_only=True) as work:
        assert work.sessions.visited("session-1") in ([], ())
    assert len(code) > 128
