"""Every value of the live metadata is used: requests, scopes, claims (OIDC Discovery 3)."""

import json
import re
from dataclasses import replace
from types import SimpleNamespace

import pytest

from idp.domain.authorization.interaction import Step
from idp.domain.clients.scopes import KNOWN_SCOPES
from idp.domain.sign_in.session import ACR_PASSWORD_OTP
from idp.protocol.core.claims import CLAIMS_BY_SCOPE, Claims
from idp.protocol.core.replies import FormPost, GoTo
from idp.protocol.logout.front_channel_logout import frames
from idp.services.sign_in.suite_citizen import STANDARD_CLAIMS
from tests import factories
from tests.fakes import NOON
from tests.protocol.certification.advertised import EXERCISED, exercises
from tests.protocol.certification.conftest import metadata_of
from tests.protocol.hub import (
    BROWSER,
    ISSUER,
    VERIFIER,
    challenge_of,
    fragment_of,
    read_claims,
    response_of,
)

SHOWN_BY = {"openid": ("sub",), "offline_access": ("sub",), **CLAIMS_BY_SCOPE}
"""The claims by which a portal sees that a scope was granted."""

LEADS_TO = {
    "none": ("own", None),
    "login": ("own", Step.LOG_IN),
    "consent": ("own", Step.CONSENT),
    "select_account": ("own", Step.LOG_IN),
    "create": (None, Step.REGISTER),
}
"""The session that is there, and the page that is asked for."""

CHALLENGES = {"S256": challenge_of}


def answer_of(reply):
    if isinstance(reply, FormPost):
        return dict(reply.fields)
    return response_of(reply) or fragment_of(reply)


@pytest.fixture
def knowing(hub, told):
    """A portal that may learn everything, of a physician who signed in with a second step."""
    hub.account(physician=factories.PROVEN)
    hub.session = hub.sign_in("strong", acr=ACR_PASSWORD_OTP)
    return hub.register(
        scopes=frozenset(KNOWN_SCOPES),
        response_types=frozenset({"code", "code id_token token"}),
    )


@exercises("issuer")
def test_the_issuer_is_in_the_tokens(portal, told):
    assert read_claims(portal.obtain_tokens()["id_token"])["iss"] == told["issuer"]


@exercises("scopes_supported")
def test_every_scope_is_granted_and_its_claims_are_told(hub, knowing, told):
    for scope in told["scopes_supported"]:
        tokens = knowing.obtain_tokens(scope=f"openid {scope}")

        assert scope in tokens["scope"].split()
        assert set(SHOWN_BY[scope]) <= hub.userinfo(tokens["access_token"]).body.keys(), scope


def test_offline_access_gives_what_works_without_a_session(portal, told):
    assert "offline_access" in told["scopes_supported"]
    refresh_token = portal.obtain_offline()["refresh_token"]

    assert portal.refresh(refresh_token).status == 200


def claims_of(portal, wished):
    """Return every claim that a portal can have by scope and by ``claims``."""
    wish = json.dumps({"userinfo": dict.fromkeys(wished)})
    front = portal.authorize(
        response_type="code id_token token", scope=" ".join(KNOWN_SCOPES), claims=wish
    )
    answer = fragment_of(front)
    at_userinfo = portal.hub.userinfo(answer["access_token"]).body
    return read_claims(answer["id_token"]).keys() | at_userinfo.keys()


@exercises("claims_supported")
def test_every_claim_can_be_had_and_no_other(knowing, told):
    assert claims_of(knowing, told["claims_supported"]) == set(told["claims_supported"])


def test_every_claim_of_the_test_mode_can_be_had_and_no_other(hub, knowing):
    # scope-profile: what no citizen has, the suite's has
    beside = {"profile": STANDARD_CLAIMS}
    hub.at = replace(hub.at, claims=Claims(hub.session.account_id, beside))
    hub.switch_on(implicit=True, hybrid=True, suite=True)
    named = metadata_of(hub)["claims_supported"]

    assert STANDARD_CLAIMS.keys() <= set(named)
    assert claims_of(knowing, named) == set(named)


@exercises("claims_parameter_supported")
def test_the_claims_parameter_is_heard_in_both_places(hub, portal, told):
    assert told["claims_parameter_supported"] is True
    wish = json.dumps({"userinfo": {"email": None}, "id_token": {"name": None}})
    tokens = portal.obtain_tokens(scope="openid", claims=wish)

    assert hub.userinfo(tokens["access_token"]).body["email"]
    assert read_claims(tokens["id_token"])["name"]


@exercises("claim_types_supported")
def test_claims_are_told_by_their_value(hub, portal, told):  # OIDC Core 5.6
    body = hub.userinfo(portal.obtain_tokens()["access_token"]).body

    assert told["claim_types_supported"] == ["normal"]
    assert not {"_claim_names", "_claim_sources"} & body.keys()


@exercises("claims_locales_supported")
def test_names_are_told_in_the_language_of_the_claims(hub, portal, told):
    alphabets = {"fa": r"[\u0600-\u06ff\u200c ]+"}
    for locale in told["claims_locales_supported"]:
        token = portal.obtain_tokens(claims_locales=locale)["access_token"]

        assert re.fullmatch(alphabets[locale], hub.userinfo(token).body["name"])


@exercises("response_types_supported", "response_modes_supported")
def test_every_response_type_works_in_every_response_mode(portal, told):
    for response_type in told["response_types_supported"]:
        for mode in told["response_modes_supported"]:
            if mode == "query" and response_type != "code":
                continue  # Multiple Response Types 2.1: refused, which another test looks at
            answer = answer_of(portal.authorize(response_type=response_type, response_mode=mode))
            assert "error" not in answer, (response_type, mode)


def by_code(portal):
    return portal.obtain_tokens()["access_token"]


def by_refresh(portal):
    return portal.refresh(portal.obtain_offline()["refresh_token"]).body["access_token"]


def by_front_channel(portal):
    return fragment_of(portal.authorize(response_type="id_token token"))["access_token"]


def as_a_service(portal):
    portal.change(grant_types=portal.client.grant_types | {"client_credentials"})
    return portal.token(grant_type="client_credentials").body["access_token"]


GRANTS = {
    "authorization_code": by_code,
    "refresh_token": by_refresh,
    "implicit": by_front_channel,
    "client_credentials": as_a_service,
}


@exercises("grant_types_supported")
def test_every_grant_type_gives_an_access_token(hub, portal, told):
    for grant_type in told["grant_types_supported"]:
        token = GRANTS[grant_type](portal)
        assert portal.introspect(token).body["active"] is True, grant_type
        of_a_citizen = grant_type != "client_credentials"
        assert (hub.userinfo(token).status == 200) is of_a_citizen, grant_type


@exercises("code_challenge_methods_supported")
def test_every_challenge_is_met_by_its_verifier_alone(portal, told):
    for method in told["code_challenge_methods_supported"]:
        asked = {"code_challenge_method": method, "code_challenge": CHALLENGES[method](VERIFIER)}

        assert portal.redeem(portal.obtain_code(**asked)).status == 200
        wrong = portal.redeem(portal.obtain_code(**asked), code_verifier=VERIFIER[::-1] + "x")
        assert wrong.body["error"] == "invalid_grant"


@exercises("subject_types_supported")
def test_every_subject_type_says_who_is_the_same(hub, told):  # OIDC Core 8
    agreeing = {
        "public": (True, True),  # in one sector, across two
        "pairwise": (True, False),
    }
    for kind in told["subject_types_supported"]:
        subjects = [
            read_claims(
                hub.register(
                    client_id=f"{kind}-{number}", subject_type=kind, sector=sector
                ).obtain_tokens()["id_token"]
            )["sub"]
            for number, sector in enumerate(["one.example", "one.example", "two.example"])
        ]

        assert (subjects[0] == subjects[1], subjects[0] == subjects[2]) == agreeing[kind]


@exercises("acr_values_supported")
def test_every_acr_can_be_demanded_and_is_told(hub, portal, told):  # OIDC Core 5.5.1.1
    for number, acr in enumerate(told["acr_values_supported"]):
        hub.session = hub.sign_in(f"session-of-{number}", acr=acr)
        wish = json.dumps({"id_token": {"acr": {"essential": True, "value": acr}}})

        assert read_claims(portal.obtain_tokens(claims=wish)["id_token"])["acr"] == acr


@exercises("prompt_values_supported")
def test_every_prompt_leads_to_its_page(hub, portal, told):
    hub.move(minutes=5)  # the session is not of this request
    for prompt in told["prompt_values_supported"]:
        session, wanted = LEADS_TO[prompt]
        reply = portal.authorize(session, prompt=prompt)

        step = reply.step if isinstance(reply, GoTo) else None
        assert step is wanted, prompt
        assert step or "code" in response_of(reply)


@exercises("display_values_supported")
def test_every_display_is_a_page_of_ours(portal, told):
    for display in told["display_values_supported"]:
        reply = portal.authorize(None, display=display)

        assert isinstance(reply, GoTo)
        assert reply.step is Step.LOG_IN


@exercises("ui_locales_supported")
def test_every_language_reaches_the_page(hub, portal, told):
    # what the page makes of it: tests/web/oauth/test_advertised_addresses.py
    for language in told["ui_locales_supported"]:
        reply = portal.authorize(None, ui_locales=language)

        assert hub.provider.open_context(reply.sealed, BROWSER).ui_locales == (language,)


@exercises("authorization_response_iss_parameter_supported")
def test_every_answer_names_its_issuer(portal, told):  # RFC 9207 2, 2.1
    assert told["authorization_response_iss_parameter_supported"] is True
    for response_type in told["response_types_supported"]:
        for changes in ({}, {"prompt": "none login"}):
            answer = answer_of(portal.authorize(response_type=response_type, **changes))
            assert answer["iss"] == ISSUER, (response_type, changes)


@exercises("backchannel_logout_supported", "backchannel_logout_session_supported")
def test_a_logout_token_names_session_and_subject(hub, portal, told):
    assert told["backchannel_logout_supported"] is True
    assert told["backchannel_logout_session_supported"] is True
    id_token = read_claims(portal.obtain_tokens()["id_token"])
    ended = SimpleNamespace(
        client=portal.client, account_id=hub.session.account_id, session_id=hub.session.id
    )

    logout_token = read_claims(hub.provider.logout_token(ended, NOON))

    assert (logout_token["sid"], logout_token["sub"]) == (id_token["sid"], id_token["sub"])


@exercises("frontchannel_logout_supported", "frontchannel_logout_session_supported")
def test_a_logout_frame_names_issuer_and_session(hub, portal, told):
    assert told["frontchannel_logout_supported"] is True
    assert told["frontchannel_logout_session_supported"] is True
    portal.change(frontchannel_logout_uri="https://portal.example/out")
    sid = read_claims(portal.obtain_tokens()["id_token"])["sid"]

    [frame] = frames(hub.at, [portal.client], hub.session.id)

    assert frame == f"https://portal.example/out?iss=https%3A%2F%2Faccount.tamin.ir&sid={sid}"


def test_nothing_is_named_that_no_test_exercises(told):
    # Fails for every new member of the metadata until a test uses its values.
    from tests.protocol.certification import test_advertised_keys  # noqa: F401, PLC0415
    from tests.web.oauth.test_advertised_addresses import ADDRESSES  # noqa: PLC0415

    assert told.keys() == {*EXERCISED, *ADDRESSES}
