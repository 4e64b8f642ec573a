from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.people.physician import CouncilNumber, PhysicianClaim, Profession
from idp.domain.persian.names import PersonName
from idp.domain.registration.case_state import CaseState
from idp.domain.registration.council import (
    CouncilMember,
    CouncilSilent,
    MemberFound,
    NoSuchMember,
    Proof,
)
from idp.domain.registration.identity_match import ALL_CAPABILITIES
from idp.domain.registration.verdict import (
    Alarm,
    Found,
    NotFound,
    PhoneAnswer,
    Unavailable,
    Verdict,
    verdict,
)
from tests.personas import PERSONAS, application, person
from tests.physicians import membership_of

SUBMITTED = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
THE_PERSON = Found(person(), ALL_CAPABILITIES)
SOMEBODY_ELSE = Found(person("ok_female_post1368"), ALL_CAPABILITIES)
OTHER_NAME = Found(person(family_name="کریمی"), ALL_CAPABILITIES)
DEAD = Found(person(alive=False), ALL_CAPABILITIES)
ANY_PHONE = list(PhoneAnswer)
MINUTE = timedelta(minutes=1)
HOURS_46 = timedelta(hours=46)
CLAIM = PhysicianClaim(CouncilNumber("98765"), Profession.GENERAL_PRACTITIONER)
OWN_NUMBER = MemberFound(
    CouncilMember(number=CLAIM.number, given_name="محمدرضا", family_name="احمدی نژاد")
)
NUMBER_OF_ANOTHER = MemberFound(
    CouncilMember(number=CLAIM.number, given_name="مریم", family_name="کریمی")
)
ANY_COUNCIL = [OWN_NUMBER, NUMBER_OF_ANOTHER, NoSuchMember(), CouncilSilent(), None]


def decide(
    registry,
    phone,
    *,
    account_exists=False,
    after=timedelta(0),
    typed=None,
    council=None,
    review_near_names=False,
):
    return verdict(
        typed or application(),
        registry,
        phone,
        account_exists=account_exists,
        now=SUBMITTED + after,
        submitted_at=SUBMITTED,
        council=council,
        review_near_names=review_near_names,
    )


# The table, row by row.


def test_identity_and_phone_confirmed_is_activated():
    assert decide(THE_PERSON, PhoneAnswer.MATCH) == Verdict(CaseState.ACTIVATED, "activated")


def test_identity_and_phone_confirmed_with_an_account_is_duplicate():
    found = decide(THE_PERSON, PhoneAnswer.MATCH, account_exists=True)

    assert found == Verdict(CaseState.DUPLICATE, "duplicate")


@pytest.mark.parametrize("account_exists", [False, True])
def test_a_phone_of_somebody_else_needs_the_branch(account_exists):
    found = decide(THE_PERSON, PhoneAnswer.MISMATCH, account_exists=account_exists)

    assert found == Verdict(CaseState.BRANCH, "branch", ("phone_mismatch",))


@pytest.mark.parametrize("phone", [PhoneAnswer.NO_ANSWER, PhoneAnswer.UNAVAILABLE])
@pytest.mark.parametrize("account_exists", [False, True])
def test_an_unanswered_phone_is_asked_again(phone, account_exists):
    found = decide(THE_PERSON, phone, account_exists=account_exists, after=HOURS_46 - MINUTE)

    assert found == Verdict(CaseState.CHECKING, reasons=(f"phone_{phone}",))
    assert not found.is_decided


@pytest.mark.parametrize("phone", [PhoneAnswer.NO_ANSWER, PhoneAnswer.UNAVAILABLE])
@pytest.mark.parametrize("account_exists", [False, True])
def test_a_phone_unanswered_two_hours_before_the_deadline_needs_the_branch(phone, account_exists):
    found = decide(THE_PERSON, phone, account_exists=account_exists, after=HOURS_46)

    assert found == Verdict(CaseState.BRANCH, "branch", (f"phone_{phone}",))


@pytest.mark.parametrize("phone", ANY_PHONE)
@pytest.mark.parametrize("account_exists", [False, True])
def test_other_data_is_a_mismatch(phone, account_exists):
    found = decide(OTHER_NAME, phone, account_exists=account_exists)

    assert found == Verdict(CaseState.MISMATCH, "mismatch", ("family_name",))


@pytest.mark.parametrize("phone", ANY_PHONE)
@pytest.mark.parametrize("account_exists", [False, True])
def test_an_unknown_person_is_a_mismatch(phone, account_exists):
    found = decide(NotFound(), phone, account_exists=account_exists)

    assert found == Verdict(CaseState.MISMATCH, "mismatch", ("not_found",))


@pytest.mark.parametrize("phone", ANY_PHONE)
@pytest.mark.parametrize("account_exists", [False, True])
def test_a_dead_person_is_a_mismatch_outside_and_an_alarm_inside(phone, account_exists):
    found = decide(DEAD, phone, account_exists=account_exists)

    assert found == Verdict(CaseState.MISMATCH, "mismatch", ("deceased",), alarm=Alarm.DECEASED)


@pytest.mark.parametrize(
    ("after", "alarm"),
    [
        (timedelta(0), None),
        (timedelta(hours=24) - MINUTE, None),
        (timedelta(hours=24), Alarm.AFTER_24_HOURS),
        (timedelta(hours=42) - MINUTE, Alarm.AFTER_24_HOURS),
        (timedelta(hours=42), Alarm.AFTER_42_HOURS),
        (HOURS_46 - MINUTE, Alarm.AFTER_42_HOURS),
    ],
)
@pytest.mark.parametrize("phone", ANY_PHONE)
@pytest.mark.parametrize("account_exists", [False, True])
def test_a_silent_registry_is_asked_again_and_alarms(after, alarm, phone, account_exists):
    found = decide(Unavailable(), phone, account_exists=account_exists, after=after)

    assert found == Verdict(CaseState.CHECKING, reasons=("registry_unavailable",), alarm=alarm)


@pytest.mark.parametrize("after", [HOURS_46, timedelta(hours=60), timedelta(days=30)])
@pytest.mark.parametrize("phone", ANY_PHONE)
@pytest.mark.parametrize("account_exists", [False, True])
def test_a_registry_silent_two_hours_before_the_deadline_is_overdue(after, phone, account_exists):
    found = decide(Unavailable(), phone, account_exists=account_exists, after=after)

    assert found == Verdict(
        CaseState.CHECKING,
        "overdue",
        ("registry_unavailable",),
        overdue=True,
        alarm=Alarm.OVERDUE,
    )


def test_a_registry_that_answers_late_still_decides():
    found = decide(THE_PERSON, PhoneAnswer.MATCH, after=timedelta(hours=60))

    assert found == Verdict(CaseState.ACTIVATED, "activated")


# The same with a profession claimed.


def decide_physician(registry=THE_PERSON, phone=PhoneAnswer.MATCH, *, council, **options):
    return decide(registry, phone, typed=application(physician=CLAIM), council=council, **options)


def test_a_proven_profession_is_activated_with_it():
    assert decide_physician(council=OWN_NUMBER) == Verdict(
        CaseState.ACTIVATED, "activated", ("profession_proven",), profession=Proof.PROVEN
    )


@pytest.mark.parametrize(
    ("council", "reasons"),
    [
        (NUMBER_OF_ANOTHER, ("council_family_name", "council_given_name")),
        (NoSuchMember(), ("council_not_found",)),
    ],
)
def test_an_unproven_profession_costs_the_role_and_not_the_account(council, reasons):
    assert decide_physician(council=council) == Verdict(
        CaseState.ACTIVATED, "activated", reasons, profession=Proof.REFUSED
    )


@pytest.mark.parametrize("council", [CouncilSilent(), None])
@pytest.mark.parametrize(
    ("after", "alarm"),
    [
        (timedelta(0), None),
        (timedelta(hours=24), Alarm.AFTER_24_HOURS),
        (timedelta(hours=42), Alarm.AFTER_42_HOURS),
        (HOURS_46 - MINUTE, Alarm.AFTER_42_HOURS),
    ],
)
def test_a_silent_council_is_asked_again_and_alarms(council, after, alarm):
    assert decide_physician(council=council, after=after) == Verdict(
        CaseState.CHECKING, reasons=("council_unavailable",), alarm=alarm
    )


@pytest.mark.parametrize("after", [HOURS_46, timedelta(days=30)])
def test_a_council_silent_two_hours_before_the_deadline_is_overdue(after):
    assert decide_physician(council=CouncilSilent(), after=after) == Verdict(
        CaseState.CHECKING, "overdue", ("council_unavailable",), overdue=True, alarm=Alarm.OVERDUE
    )


@pytest.mark.parametrize("council", ANY_COUNCIL)
@pytest.mark.parametrize("after", [timedelta(0), HOURS_46])
@pytest.mark.parametrize(
    ("registry", "phone", "account_exists"),
    [
        (THE_PERSON, PhoneAnswer.MATCH, True),
        *((THE_PERSON, phone, False) for phone in ANY_PHONE if phone is not PhoneAnswer.MATCH),
        *((other, PhoneAnswer.MATCH, False) for other in (OTHER_NAME, DEAD, NotFound())),
        (Unavailable(), PhoneAnswer.MATCH, False),
    ],
)
def test_where_no_account_begins_the_council_decides_nothing(
    council, after, registry, phone, account_exists
):
    options = {"account_exists": account_exists, "after": after}

    claimed = decide_physician(registry, phone, council=council, **options)

    assert claimed == decide(registry, phone, **options)


@pytest.mark.parametrize("council", ANY_COUNCIL)
def test_nobody_gets_a_profession_who_claims_none(council):
    assert decide(THE_PERSON, PhoneAnswer.MATCH, council=council).profession is None


# What holds whatever the row.


def test_somebody_elses_record_is_no_answer():
    assert decide(SOMEBODY_ELSE, PhoneAnswer.MATCH) == decide(Unavailable(), PhoneAnswer.MATCH)


def test_a_near_name_is_no_match():
    typed = application("wrong_family")

    found = decide(Found(person("wrong_family"), ALL_CAPABILITIES), PhoneAnswer.MATCH, typed=typed)

    assert (found.state, found.reasons) == (CaseState.MISMATCH, ("family_name_near",))
    assert typed.family_name == PersonName.parse("ابراهمی")


@pytest.mark.parametrize("phone", ANY_PHONE)
def test_a_near_name_is_looked_at_by_the_branch_where_that_is_the_policy(phone):
    near = Found(person("wrong_family"), ALL_CAPABILITIES)

    found = decide(near, phone, typed=application("wrong_family"), review_near_names=True)

    assert found == Verdict(CaseState.BRANCH, "branch", ("family_name_near",))


@pytest.mark.parametrize("registry", [OTHER_NAME, DEAD, NotFound()])
def test_the_branch_looks_at_nothing_but_near_names(registry):
    found = decide(registry, PhoneAnswer.MATCH, review_near_names=True)

    assert found.state is CaseState.MISMATCH


def test_a_near_name_beside_another_difference_is_a_mismatch():
    near_and_dead = Found(person("wrong_family", alive=False), ALL_CAPABILITIES)

    found = decide(
        near_and_dead,
        PhoneAnswer.MATCH,
        typed=application("wrong_family"),
        review_near_names=True,
    )

    assert found.state is CaseState.MISMATCH


@pytest.mark.parametrize(
    "persona",
    [p for p in PERSONAS.values() if p["expect"] != "refused"],
    ids=lambda persona: persona["id"],
)
def test_every_persona_ends_as_expected(persona):
    answers = {"found": None, "not_found": NotFound(), "unavailable": Unavailable()}
    registry = answers[persona["answers"]["civil"]] or Found(
        person(persona["id"]), ALL_CAPABILITIES
    )
    phone = PhoneAnswer(persona["answers"]["phone"])
    council = council_about(application(persona["id"]).physician)

    found = decide(
        registry, phone, after=HOURS_46, typed=application(persona["id"]), council=council
    )

    sms = {"overdue": "N20"}.get(found.message, found.message)
    assert (found.state, sms) == (persona["expect"], persona["sms"])


def council_about(claim):
    """What the council says of the number that somebody claims."""
    for persona in PERSONAS.values():
        held = membership_of(persona)
        if claim and held and held.number == claim.number:
            known = person(persona["id"])
            member = CouncilMember(
                number=held.number,
                given_name=known.given_name,
                family_name=known.family_name,
                national_id=known.national_id,
            )
            is_silent = persona["answers"].get("council") == "unavailable"
            return CouncilSilent() if is_silent else MemberFound(member)
    return NoSuchMember()


REGISTRY = st.sampled_from([THE_PERSON, SOMEBODY_ELSE, OTHER_NAME, DEAD, NotFound(), Unavailable()])
PHONE = st.sampled_from(ANY_PHONE)
WAITED = st.timedeltas(timedelta(0), timedelta(days=100))


@given(PHONE, WAITED, st.booleans())
def test_a_failure_of_the_registry_neither_confirms_nor_refuses(phone, waited, account_exists):
    found = decide(Unavailable(), phone, account_exists=account_exists, after=waited)

    assert found.state is CaseState.CHECKING
    assert found.message in {None, "overdue"}


@given(REGISTRY, st.sampled_from([PhoneAnswer.NO_ANSWER, PhoneAnswer.UNAVAILABLE]), WAITED)
def test_a_failure_of_the_phone_service_never_changes_what_the_registry_says(
    registry, phone, waited
):
    silent, right = (
        decide(registry, answer, after=waited) for answer in (phone, PhoneAnswer.MATCH)
    )

    assert (silent.state is CaseState.MISMATCH) == (right.state is CaseState.MISMATCH)
    assert silent.state not in {CaseState.ACTIVATED, CaseState.DUPLICATE}


@given(REGISTRY, PHONE, WAITED, st.booleans())
def test_sms_2_needs_a_confirmed_identity(registry, phone, waited, account_exists):
    found = decide(registry, phone, account_exists=account_exists, after=waited)

    if found.state in {CaseState.BRANCH, CaseState.ACTIVATED, CaseState.DUPLICATE}:
        assert registry is THE_PERSON


@given(REGISTRY, PHONE, WAITED, st.booleans())
def test_every_decision_has_its_message(registry, phone, waited, account_exists):
    found = decide(registry, phone, account_exists=account_exists, after=waited)

    assert found.message == (found.state.value if found.is_decided else None) or found.overdue


@given(REGISTRY, PHONE, WAITED, st.booleans())
def test_by_the_deadline_the_citizen_has_heard(registry, phone, waited, account_exists):
    after = max(waited, HOURS_46)

    assert decide(registry, phone, account_exists=account_exists, after=after).message
