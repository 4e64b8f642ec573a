"""What a pending request needs next (OIDC Core 3.1.2.1, 3.1.2.3, 3.1.2.4)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.authorization.grant import Consent
from idp.domain.authorization.interaction import AuthorizationContext, Situation, Step, next_step
from idp.domain.clients.client import Client, ClientAuthMethod
from idp.domain.sign_in.session import ACR_PASSWORD, ACR_PASSWORD_OTP, Session

NOW = datetime(2026, 3, 21, 12, tzinfo=UTC)
PORTAL = Client(client_id="records", name="records", first_party=True, version=3)
STRANGER = replace(PORTAL, first_party=False)
ASKED = AuthorizationContext(
    client_id="records",
    redirect_uri="https://records.test/cb",
    response_mode="query",
    response_type="code",
    scopes=("openid", "profile"),
    arrived_at=NOW - timedelta(seconds=30),
    code_challenge="x" * 43,
)
EARLIER = Session(
    id="s1",
    account_id="a1",
    auth_time=NOW - timedelta(hours=1),
    password_at=NOW - timedelta(hours=1),
    acr=ACR_PASSWORD,
    amr=("pwd",),
    epoch=0,
    created_at=NOW - timedelta(hours=1),
    last_seen_at=NOW,
)
JUST_NOW = replace(EARLIER, auth_time=NOW - timedelta(seconds=5))
ALLOWED = Consent(
    account_id="a1",
    client_id="records",
    scopes=frozenset({"openid", "profile"}),
    claims=frozenset(),
    client_version=3,
    text_version="1",
    given_at=NOW - timedelta(days=9),
)


def step(session=EARLIER, client=PORTAL, consent=None, **asked):
    context = replace(ASKED, **asked)
    return next_step(context, Situation(client=client, session=session, consent=consent, now=NOW))


def test_nobody_signed_in_must_log_in():
    assert step(session=None) is Step.LOG_IN


def test_a_live_session_of_a_first_party_portal_goes_straight_back():
    assert step() is Step.ISSUE


def test_prompt_login_asks_again():
    assert step(prompt=frozenset({"login"})) is Step.LOG_IN


def test_a_sign_in_after_the_request_came_satisfies_prompt_login():
    assert step(session=JUST_NOW, prompt=frozenset({"login"})) is Step.ISSUE


def test_max_age_asks_again_when_the_sign_in_is_older():
    assert step(max_age=60) is Step.LOG_IN


def test_max_age_leaves_a_young_sign_in_alone():
    assert step(max_age=7200) is Step.ISSUE


def test_attack_SE05_max_age_zero_is_satisfied_by_the_new_sign_in_only():
    assert (step(max_age=0), step(session=JUST_NOW, max_age=0)) == (Step.LOG_IN, Step.ISSUE)


def test_the_clients_default_max_age_counts_when_the_request_names_none():
    assert step(client=replace(PORTAL, default_max_age=60)) is Step.LOG_IN


def test_prompt_create_leads_to_registration():
    assert step(session=None, prompt=frozenset({"create"})) is Step.REGISTER


@pytest.mark.parametrize("more", [(), ("login",), ("consent",)])
def test_attack_SE20_prompt_create_asks_the_person_before(more):
    assert step(prompt=frozenset({"create", *more})) is Step.CHOOSE_ACCOUNT


def test_attack_SE20_whoever_signed_in_instead_of_registering_goes_on():
    assert step(session=JUST_NOW, prompt=frozenset({"create"})) is Step.ISSUE


@pytest.mark.parametrize(
    ("situation", "refusal"),
    [
        ({"session": None}, Step.REFUSE_LOGIN_REQUIRED),
        ({"max_age": 60}, Step.REFUSE_LOGIN_REQUIRED),
        ({"subject_hints": ("another",)}, Step.REFUSE_LOGIN_REQUIRED),
        ({"client": STRANGER}, Step.REFUSE_LOGIN_REQUIRED),
        ({"acr_values": (ACR_PASSWORD_OTP,)}, Step.REFUSE_LOGIN_REQUIRED),
    ],
)
def test_attack_SE04_prompt_none_refuses_instead_of_asking(situation, refusal):
    assert step(prompt=frozenset({"none"}), **situation) is refusal


SILENT = frozenset({"none"})


def test_attack_R16_a_portal_that_was_allowed_less_hears_of_the_consent():
    wider = ("openid", "profile", "phone")
    found = step(client=STRANGER, consent=ALLOWED, scopes=wider, prompt=SILENT)
    assert found is Step.REFUSE_CONSENT_REQUIRED


NOT_ALLOWED = {
    "never": (STRANGER, None),
    "taken back": (STRANGER, replace(ALLOWED, revoked_at=NOW)),
    "changed since": (replace(STRANGER, version=4), ALLOWED),
    "any app": (replace(PORTAL, auth_method=ClientAuthMethod.NONE), ALLOWED),
}


@pytest.mark.parametrize(("client", "consent"), NOT_ALLOWED.values(), ids=NOT_ALLOWED)
@given(
    session=st.sampled_from([EARLIER, JUST_NOW]),
    asked=st.fixed_dictionaries(
        {
            "max_age": st.one_of(st.none(), st.integers(0, 10**9)),
            "subject_hints": st.sampled_from([(), ("a1",), ("another",)]),
            "acr_values": st.sampled_from([(), (ACR_PASSWORD,), (ACR_PASSWORD_OTP,)]),
            "essential_acr": st.sampled_from([(), (ACR_PASSWORD,), (ACR_PASSWORD_OTP,)]),
        }
    ),
)
def test_attack_R16_without_a_consent_one_answer_says_nothing_of_a_session(
    client, consent, session, asked
):
    callback = "com.records.app:/cb" if client.is_public else ASKED.redirect_uri
    whole = {**asked, "client": client, "prompt": SILENT, "redirect_uri": callback}

    answers = {step(session=session, consent=consent, **whole), step(session=None, **whole)}

    assert answers == {Step.REFUSE_LOGIN_REQUIRED}


def test_another_account_than_the_hint_names_must_log_in():
    assert step(subject_hints=("another",)) is Step.LOG_IN


def test_a_second_step_is_asked_for_by_acr_values():
    assert step(acr_values=(ACR_PASSWORD_OTP,)) is Step.SECOND_STEP


def test_a_second_step_is_asked_for_by_the_clients_policy():
    assert step(client=replace(PORTAL, default_acr=ACR_PASSWORD_OTP)) is Step.SECOND_STEP


def test_a_stranger_portal_asks_for_consent_once():
    assert step(client=STRANGER) is Step.CONSENT
    assert step(client=STRANGER, consent=ALLOWED) is Step.ISSUE


def test_more_scopes_are_asked_again():  # ASVS 10.7.1
    wider = ("openid", "profile", "phone")
    assert step(client=STRANGER, consent=ALLOWED, scopes=wider) is Step.CONSENT


def test_attack_OP8_a_changed_client_is_asked_again():
    assert step(client=replace(STRANGER, version=4), consent=ALLOWED) is Step.CONSENT


def test_a_revoked_consent_is_asked_again():
    revoked = replace(ALLOWED, revoked_at=NOW)
    assert step(client=STRANGER, consent=revoked) is Step.CONSENT


def test_claims_beyond_the_consent_are_asked_again():  # OIDC Core 5.5
    claims = {"userinfo": {"phone_number": None}}
    assert step(client=STRANGER, consent=ALLOWED, requested_claims=claims) is Step.CONSENT


def test_prompt_consent_asks_even_first_party_portals_once():
    asked = frozenset({"consent"})
    fresh = replace(ALLOWED, given_at=NOW)
    assert (step(prompt=asked, consent=ALLOWED), step(prompt=asked, consent=fresh)) == (
        Step.CONSENT,
        Step.ISSUE,
    )


@pytest.mark.parametrize(
    ("age", "next_is"),
    [(3600, Step.ISSUE), (3599, Step.LOG_IN)],
)
def test_a_sign_in_may_be_as_old_as_max_age(age, next_is):  # OIDC Core 3.1.2.1
    assert step(max_age=age) is next_is


def test_the_requests_max_age_counts_before_the_clients():  # OIDC Registration 2
    assert step(client=replace(PORTAL, default_max_age=60), max_age=7200) is Step.ISSUE


@pytest.mark.parametrize("prompt", ["login", "select_account"])
@pytest.mark.parametrize(
    ("after", "next_is"), [(timedelta(0), Step.ISSUE), (timedelta(seconds=-1), Step.LOG_IN)]
)
def test_a_sign_in_at_the_requests_moment_satisfies_the_prompt(prompt, after, next_is):
    then = replace(EARLIER, auth_time=ASKED.arrived_at + after)

    assert step(session=then, prompt=frozenset({prompt})) is next_is


@pytest.mark.parametrize(
    ("after", "next_is"), [(timedelta(0), Step.ISSUE), (timedelta(seconds=-1), Step.CONSENT)]
)
def test_a_consent_at_the_requests_moment_satisfies_the_prompt(after, next_is):
    given = replace(ALLOWED, given_at=ASKED.arrived_at + after)

    assert step(prompt=frozenset({"consent"}), consent=given) is next_is


def test_the_account_that_the_hint_names_goes_on():
    assert step(subject_hints=("another", "a1")) is Step.ISSUE


def test_only_the_first_wish_counts():  # OIDC Core 3.1.2.1
    assert step(acr_values=(ACR_PASSWORD, ACR_PASSWORD_OTP)) is Step.ISSUE


def test_an_essential_acr_that_is_reached_leaves_the_clients_policy():
    strict = replace(PORTAL, default_acr=ACR_PASSWORD_OTP)

    assert step(client=strict, essential_acr=(ACR_PASSWORD,)) is Step.SECOND_STEP


@pytest.mark.parametrize("place", ["userinfo", "id_token"])
def test_claims_of_both_places_need_consent(place):  # OIDC Core 5.5
    asked = {place: {"email": None}}
    allowed = replace(ALLOWED, claims=frozenset({"email"}))

    assert step(client=STRANGER, consent=ALLOWED, requested_claims=asked) is Step.CONSENT
    assert step(client=STRANGER, consent=allowed, requested_claims=asked) is Step.ISSUE


FRESH = replace(ALLOWED, given_at=NOW)


def test_a_first_partys_file_may_let_prompt_consent_pass():  # OIDC Core 3.1.2.1
    let = replace(PORTAL, prompt_consent="once")
    assert step(client=let, prompt=frozenset({"consent"})) is Step.ISSUE


def test_no_other_file_may():
    let = replace(STRANGER, prompt_consent="once")
    assert step(client=let, prompt=frozenset({"consent"}), consent=ALLOWED) is Step.CONSENT


def test_attack_OP7_an_app_that_anybody_could_be_is_asked_all_the_same():  # RFC 8252 8.6
    app = replace(PORTAL, auth_method=ClientAuthMethod.NONE, prompt_consent="once")
    asked = {"prompt": frozenset({"consent"}), "redirect_uri": "com.example.app:/cb"}
    assert step(client=app, **asked) is Step.CONSENT


@pytest.mark.parametrize(
    "given",
    [
        replace(FRESH, scopes=frozenset({"openid"})),
        replace(FRESH, client_version=2),
        replace(FRESH, revoked_at=NOW),
    ],
    ids=["narrower", "of another registration", "taken back"],
)
def test_a_consent_of_another_tab_does_not_stand_for_this_one(given):  # ASVS 10.7.1
    asked = frozenset({"consent"})
    assert step(client=STRANGER, prompt=asked, consent=given) is Step.CONSENT


@pytest.mark.parametrize("uri", ["com.example.app:/cb", "http://127.0.0.1:5000/cb"])
@pytest.mark.parametrize("first_party", [True, False])
def test_attack_OP7_an_app_that_anybody_could_be_is_always_asked_for(uri, first_party):
    """RFC 8252 8.6: no secret and no claimed https address says which app it is."""
    app = replace(PORTAL, auth_method=ClientAuthMethod.NONE, first_party=first_party)

    assert step(client=app, consent=ALLOWED, redirect_uri=uri) is Step.CONSENT
    assert step(client=app, consent=FRESH, redirect_uri=uri) is Step.ISSUE


def test_an_app_with_a_claimed_https_address_is_known():  # RFC 8252 8.6
    app = replace(PORTAL, auth_method=ClientAuthMethod.NONE)
    assert step(client=app) is Step.ISSUE


def test_an_essential_acr_is_any_of_its_values():  # OIDC Core 5.5.1.1
    both = (ACR_PASSWORD, ACR_PASSWORD_OTP)
    assert step(essential_acr=both, acr_values=both) is Step.ISSUE
    assert step(essential_acr=both[1:], acr_values=("x", *both[1:])) is Step.SECOND_STEP


def test_who_did_more_than_the_essential_acr_asks_does_nothing_more():
    strong = replace(EARLIER, acr=ACR_PASSWORD_OTP)
    assert step(session=strong, essential_acr=(ACR_PASSWORD,)) is Step.ISSUE


PROMPTS = ("none", "login", "consent", "select_account", "create")


@given(
    prompt=st.sets(st.sampled_from(PROMPTS[1:])),
    session=st.sampled_from([None, EARLIER, JUST_NOW]),
    client=st.sampled_from([PORTAL, STRANGER]),
    consent=st.sampled_from([None, ALLOWED, FRESH]),
)
def test_every_combination_of_prompts_asks_for_each_of_its_steps(prompt, session, client, consent):
    found = step(prompt=frozenset(prompt), session=session, client=client, consent=consent)

    if session is None:
        wanted = Step.REGISTER if "create" in prompt else Step.LOG_IN
    elif "create" in prompt and session is EARLIER:
        wanted = Step.CHOOSE_ACCOUNT
    elif prompt & {"login", "select_account"} and session is EARLIER:
        wanted = Step.LOG_IN
    elif "consent" in prompt:
        wanted = Step.ISSUE if consent is FRESH else Step.CONSENT
    else:
        wanted = Step.ISSUE if client is PORTAL or consent else Step.CONSENT
    assert found is wanted


@given(
    session=st.sampled_from([None, EARLIER, JUST_NOW]),
    client=st.sampled_from([PORTAL, STRANGER]),
    consent=st.sampled_from([None, ALLOWED]),
    max_age=st.one_of(st.none(), st.integers(0, 10**9)),
    hint=st.sampled_from([None, "a1", "another"]),
)
def test_prompt_none_never_leads_to_a_page(session, client, consent, max_age, hint):
    found = step(
        session=session,
        client=client,
        consent=consent,
        prompt=frozenset({"none"}),
        max_age=max_age,
        subject_hints=(hint,) if hint else (),
    )
    assert found in {Step.ISSUE, Step.REFUSE_LOGIN_REQUIRED, Step.REFUSE_CONSENT_REQUIRED}
