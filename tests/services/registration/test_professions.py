"""Physicians: what the medical council says decides the role, identity and phone the account."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from idp import resources
from idp.domain.messages.sms import sms_parts
from idp.domain.people.account import AccountState
from idp.domain.people.physician import CouncilNumber, PhysicianClaim, Profession
from idp.domain.registration.case_state import CaseState
from idp.domain.registration.council import CouncilMember, CouncilSilent, MemberFound, NoSuchMember
from idp.domain.registration.verdict import PhoneAnswer
from idp.domain.sign_in.session import ACR_PASSWORD
from idp.services.desk.desk import Filing
from idp.services.desk.desk_acts import DeskAct, DeskRefused
from idp.services.registration.profession import check_profession_job
from tests import factories
from tests.services.laboratory import persona_of
from tests.services.officer import FIRST, SECOND

ACT = DeskAct("o-17", "branch 4", "card, certificate", "came in", FIRST)
OTHER = replace(ACT, officer="o-18", operator=SECOND)
HOURS_46 = timedelta(hours=46)
OWN = MemberFound(
    CouncilMember(number=CouncilNumber("98765"), given_name="نیلوفر", family_name="صادقی‌پور")
)
OF_ANOTHER = MemberFound(
    CouncilMember(number=CouncilNumber("98765"), given_name="بهرام", family_name="کاویانی")
)
SPECIALIST = PhysicianClaim(CouncilNumber("98765"), Profession.SPECIALIST)


@pytest.fixture
def physician(lab):
    """What a physician submits, whom the civil registry knows."""
    application, known = persona_of("physician")
    lab.registries.people[application.national_id.value] = known
    return application


def texts(*names):
    return [resources.sms_text(name) for name in names]


def activated(lab, application, council=OWN):
    lab.registries.council = council
    lab.submit(application)
    lab.work()
    return lab.account_of(application.national_id)


def claim(lab, account, claimed=SPECIALIST):
    """Do what the page of the owner of an account does."""
    claiming = account.claiming(claimed, at=lab.clock())
    with lab.begin() as work:
        work.accounts.save(claiming)
        work.outbox.put(check_profession_job(claiming))


def citizen(lab, application):
    """An account without a profession."""
    return activated(lab, replace(application, physician=None))


def test_a_proven_profession_comes_with_the_account(lab, physician):
    account = activated(lab, physician)

    assert account.physician.claim == physician.physician
    assert account.roles == ("insured", "physician")


def test_a_proven_physician_hears_the_guides_message_alone(lab, physician):
    activated(lab, physician)

    assert lab.texts_to(physician.mobile) == texts("activated")


@pytest.mark.parametrize("council", [OF_ANOTHER, NoSuchMember()])
def test_an_unproven_profession_gives_the_account_without_the_role(lab, physician, council):
    account = activated(lab, physician, council)

    assert (account.physician, account.claim, account.roles) == (None, None, ("insured",))


@pytest.mark.parametrize("council", [OF_ANOTHER, NoSuchMember()])
def test_an_unproven_physician_is_told_what_happened(lab, physician, council):
    activated(lab, physician, council)

    assert lab.texts_to(physician.mobile) == texts("activated", "profession_unproven")


def test_the_case_says_after_its_erasure_what_the_council_said(lab, physician):
    lab.registries.council = NoSuchMember()
    case = lab.submit(physician)

    lab.work()

    assert lab.case(case).reasons == ("council_not_found",)
    assert lab.case(case).application is None
    assert lab.actions(case.id) == ["case.activated", "case.profession_unproven"]


def test_a_silent_council_keeps_the_case_and_then_decides_it(lab, physician):
    lab.registries.council = CouncilSilent()
    case = lab.submit(physician)
    lab.work_for(HOURS_46)
    waiting = lab.case(case)

    lab.registries.council = OWN
    lab.work_for(timedelta(hours=1))

    assert (waiting.state, waiting.overdue) == (CaseState.CHECKING, True)
    assert lab.case(case).state is CaseState.ACTIVATED
    assert lab.texts_to(physician.mobile) == texts("N20", "activated")


def test_the_council_is_asked_about_nobody_whose_phone_is_open(lab, physician):
    asked = []
    lab.registries.phone = PhoneAnswer.MISMATCH
    lab.registries.member = lambda *_: asked.append(1)
    case = lab.submit(physician)

    lab.work()

    assert asked == []
    assert lab.case(case).state is CaseState.BRANCH


def test_a_number_is_one_accounts(lab, physician):
    other, known = persona_of("physician_of_other")
    namesake = replace(known, given_name="نیلوفر", family_name="صادقی‌پور")
    lab.registries.people[other.national_id.value] = namesake
    typed = replace(other, given_name=physician.given_name, family_name=physician.family_name)
    activated(lab, physician)

    with capture_logs() as logged:
        second = activated(lab, typed)

    assert second.physician is None
    assert lab.texts_to(other.mobile) == texts("activated", "profession_unproven")
    assert "council_number_taken" in [entry.get("alarm") for entry in logged]


def test_a_closed_account_frees_its_number(lab, physician):
    first = activated(lab, physician)
    lab.citizens.close(first.id, ACT)

    assert activated(lab, physician).physician is not None


# The branch.


def to_the_branch(lab, application):
    lab.registries.phone = PhoneAnswer.MISMATCH
    case = lab.submit(application)
    lab.work()
    lab.desk.send_code(case.id, OTHER)
    lab.work()
    return case


def test_the_branch_activates_and_the_council_is_asked_afterwards(lab, physician):
    case = to_the_branch(lab, physician)
    lab.registries.council = CouncilSilent()
    lab.desk.activate(case.id, lab.last_code(physician.mobile), ACT)
    lab.work()
    before = lab.account_of(physician.national_id)

    lab.registries.council = OWN
    lab.work_for(timedelta(hours=1))

    after = lab.account_of(physician.national_id)
    assert (before.physician, before.claim.claim) == (None, physician.physician)
    assert (after.physician.claim, after.claim) == (physician.physician, None)


def test_a_case_filed_at_the_desk_needs_the_council_too(lab, physician):
    case = lab.desk.file(Filing(physician, "آبی"), ACT)
    lab.desk.send_code(case.id, OTHER)
    lab.work()
    lab.registries.council = NoSuchMember()

    lab.desk.activate(case.id, lab.last_code(physician.mobile), ACT)
    lab.work()

    assert lab.account_of(physician.national_id).roles == ("insured",)
    assert texts("profession_unproven")[0] in lab.texts_to(physician.mobile)


# Who has an account adds a profession.


def test_an_owner_gets_the_profession(lab, physician):
    account = citizen(lab, physician)
    claim(lab, account)

    lab.work()

    proven = lab.account_of(physician.national_id)
    assert proven.physician.claim == SPECIALIST
    assert proven.roles == ("insured", "physician")
    assert lab.texts_to(physician.mobile) == texts("activated", "profession_proven")


def test_an_owner_who_gets_the_profession_is_signed_out_everywhere(lab, physician):
    account = citizen(lab, physician)
    session = factories.session(account_id=account.id, acr=ACR_PASSWORD, epoch=account.epoch)
    with lab.begin() as work:
        work.sessions.add(session, "token")
    claim(lab, account)

    lab.work()

    with lab.begin(read_only=True) as work:
        assert work.sessions.find_with_account("token")[0].ended_at is not None
    assert lab.account_of(physician.national_id).epoch > account.epoch


@pytest.mark.parametrize("council", [OF_ANOTHER, NoSuchMember()])
def test_an_owner_whose_claim_is_refused_keeps_everything(lab, physician, council):
    account = citizen(lab, physician)
    claim(lab, account)
    lab.registries.council = council

    lab.work()

    kept = lab.account_of(physician.national_id)
    assert replace(kept, updated_at=account.updated_at) == account
    assert lab.texts_to(physician.mobile) == texts("activated", "profession_unproven")


def test_a_refused_claim_takes_no_proven_profession(lab, physician):
    account = activated(lab, physician)
    claim(lab, account)
    lab.registries.council = NoSuchMember()

    lab.work()

    kept = lab.account_of(physician.national_id)
    assert (kept.physician, kept.claim) == (account.physician, None)


def test_a_silent_council_is_waited_for_and_the_owner_is_told_once(lab, physician):
    account = citizen(lab, physician)
    claim(lab, account)
    lab.registries.council = CouncilSilent()

    with capture_logs() as logged:
        lab.work_for(timedelta(hours=60))

    assert lab.account_of(physician.national_id).claim is not None
    assert lab.texts_to(physician.mobile) == texts("activated", "N20")
    alarms = [entry["alarm"] for entry in logged if entry["event"] == "profession_alarm"]
    assert alarms == [
        f"profession_{one}" for one in ("after_24_hours", "after_42_hours", "overdue")
    ]


def test_a_claim_that_was_dropped_meanwhile_gives_nothing(lab, physician):
    account = citizen(lab, physician)
    claim(lab, account)
    lab.registries.member = lambda *_: lab.citizens.end_profession(account.id, ACT) and OWN

    lab.work()

    assert lab.account_of(physician.national_id).physician is None


def test_a_claim_that_fails_by_a_taken_number_is_refused(lab, physician):
    activated(lab, physician)
    other, known = persona_of("physician_of_other")
    namesake = replace(known, given_name="نیلوفر", family_name="صادقی‌پور")
    lab.registries.people[other.national_id.value] = namesake
    typed = replace(other, given_name=physician.given_name, family_name=physician.family_name)
    second = activated(lab, replace(typed, physician=None))
    claim(lab, second)

    lab.work()

    assert lab.account_of(other.national_id).roles == ("insured",)
    assert lab.audit(second.id)[-1].details == {"reasons": "council_number_taken"}


def test_a_check_for_an_account_that_is_gone_ends(lab):
    nobody = factories.account("account-9").claiming(SPECIALIST, at=lab.clock())
    with lab.begin() as work:
        work.outbox.put(check_profession_job(nobody))

    lab.work()

    with lab.begin(read_only=True) as work:
        assert work.outbox.waiting("check_profession") == 0


def test_nothing_can_be_checked_that_is_not_claimed():
    with pytest.raises(ValueError, match="claimed"):
        check_profession_job(factories.account())


# The insurance file, and the end.


def test_the_insurance_file_gives_nobody_the_role_physician(lab, physician):
    lab.registries.known_roles = ("insured", "physician")

    account = activated(lab, replace(physician, physician=None))

    assert account.roles == ("insured",)


def test_the_insurance_file_takes_the_role_from_nobody(lab, physician):
    lab.registries.known_roles = ()

    assert activated(lab, physician).roles == ("physician",)


def test_staff_end_a_profession(lab, physician):
    account = activated(lab, physician)

    lab.citizens.end_profession(account.id, ACT)

    ended = lab.account_of(physician.national_id)
    assert (ended.physician, ended.roles, ended.state) == (None, ("insured",), AccountState.ACTIVE)
    assert ended.epoch > account.epoch
    assert "account.profession_ended" in lab.actions(account.id)


def test_nobody_ends_what_is_not_there(lab, physician):
    account = citizen(lab, physician)

    with pytest.raises(DeskRefused, match="no_profession"):
        lab.citizens.end_profession(account.id, ACT)


@pytest.mark.parametrize(("name", "parts"), [("profession_proven", 2), ("profession_unproven", 2)])
def test_the_messages_fit_their_parts(name, parts):
    assert sms_parts(resources.sms_text(name)).parts == parts


def test_no_council_number_stands_in_the_audit(lab, physician):
    account = activated(lab, physician)
    claim(lab, account)
    lab.work()

    assert "98765" not in json.dumps([entry.details for entry in lab.audit(account.id)])
