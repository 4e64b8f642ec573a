"""Every row of the verdict table in which the registries answer, from the submission to the SMS."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from idp.domain.messages.sms import sms_parts
from idp.domain.people.account import IdentityMethod, MobileMethod
from idp.domain.registration.case_state import CaseState
from idp.domain.registration.verdict import NotFound, PhoneAnswer
from idp.jobs.build import build_crew
from idp.services.messages.messages import Notice
from idp.services.registration.decide_case import DecideCase
from tests.services.laboratory import HOUR, Council, persona_of, sms, with_mobile

GUIDE_SMS = json.loads((Path(__file__).parents[2] / "data" / "sms.json").read_text("utf-8"))[
    "cases"
]


@pytest.mark.parametrize("message", GUIDE_SMS, ids=lambda m: m["id"])
def test_the_texts_of_the_guide_are_sent_byte_for_byte(message):
    assert sms(message["id"]).encode() == message["text"].encode()


@pytest.mark.parametrize("message", GUIDE_SMS, ids=lambda m: m["id"])
def test_the_texts_of_the_guide_cost_what_was_counted(message):
    assert sms_parts(sms(message["id"])).parts == message["parts"]


@pytest.mark.parametrize("notice", Notice)
def test_every_notice_has_a_text(notice):
    assert sms(notice)


def test_match_and_match_activates(lab, person):
    case = lab.submit(person)

    lab.work()

    assert lab.case(case).state is CaseState.ACTIVATED
    assert lab.texts_to(person.mobile) == [sms("activated")]
    assert lab.actions(case.id) == ["case.activated"]


def test_an_activated_account_is_the_registrys_person(lab, person):
    lab.submit(person)

    lab.work()

    account = lab.account_of(person.national_id)
    assert account.person.given_name == "محمد رضا"
    assert account.credentials.password_hash == "1:Secret123"
    assert account.assurance.method is IdentityMethod.REGISTRY
    assert account.assurance.mobile is MobileMethod.OWNERSHIP
    assert account.phone_number_verified


def test_an_activated_account_keeps_nothing_that_served_for_checking_only(lab, person):
    lab.submit(person)

    lab.work()

    known = lab.account_of(person.national_id).person
    assert (known.certificate_number, known.series, known.serial) == (None, None, None)


def test_a_decided_case_holds_no_personal_data(lab, person):
    case = lab.submit(person)

    lab.work()

    kept = lab.case(case)
    assert (kept.application, kept.person, kept.password_hash) == (None, None, None)


def test_nobody_has_an_account_before_the_verdict(lab, person):  # the guide: a request is no user
    lab.submit(person)

    assert lab.account_of(person.national_id) is None


def test_roles_come_from_the_insurance_file(lab, person):
    lab.submit(person)

    lab.work()

    assert lab.account_of(person.national_id).roles == ("insured",)


def test_a_person_outside_the_insurance_file_has_an_account(lab, person):
    lab.registries.known_roles = ()
    lab.submit(person)

    lab.work()

    assert lab.account_of(person.national_id).roles == ()


def test_a_second_proven_phone_of_an_owner_is_a_duplicate(lab, person):
    lab.submit(person)
    lab.work()
    second = with_mobile(person, "+989121111111")
    case = lab.submit(second)

    lab.work()

    assert lab.case(case).state is CaseState.DUPLICATE
    assert lab.texts_to(second.mobile) == [sms("duplicate")]
    assert lab.actions(case.id) == ["case.duplicate"]


def test_the_owner_hears_of_a_duplicate_on_the_registered_phone(lab, person):
    lab.submit(person)
    lab.work()
    lab.submit(with_mobile(person, "+989121111111"))

    lab.work()

    assert lab.texts_to(person.mobile) == [sms("activated"), sms("owner_notice")]


@pytest.mark.parametrize("has_account", [False, True])
def test_a_phone_of_somebody_else_goes_to_the_branch(lab, person, has_account):
    if has_account:
        lab.submit(person)
        lab.work()
    other = with_mobile(person, "+989121111111")
    lab.registries.phone = PhoneAnswer.MISMATCH
    case = lab.submit(other)

    lab.work()

    assert lab.case(case).state is CaseState.BRANCH
    assert lab.texts_to(other.mobile) == [sms("branch")]
    assert lab.actions(case.id) == ["case.branch"]


def test_a_branch_case_keeps_what_the_desk_needs(lab, person):
    lab.registries.phone = PhoneAnswer.MISMATCH
    case = lab.submit(person)

    lab.work()

    kept = lab.case(case)
    assert kept.application == person
    assert kept.person.given_name == "محمد رضا"


@pytest.mark.parametrize("has_account", [False, True])
def test_other_data_than_the_registrys_is_a_mismatch(lab, person, has_account):
    if has_account:
        lab.submit(person)
        lab.work()
    wrong = replace(
        with_mobile(person, "+989121111111"), serial=persona_of("wrong_serial")[0].serial
    )
    case = lab.submit(wrong)

    lab.work()

    assert lab.case(case).state is CaseState.MISMATCH
    assert lab.texts_to(wrong.mobile) == [sms("mismatch")]
    assert lab.actions(case.id) == ["case.mismatch"]


def test_a_near_name_waits_for_the_branch_where_that_is_the_policy(lab):
    application, known = persona_of("wrong_family")
    lab.registries.people[application.national_id.value] = known
    case = lab.submit(application)
    decide = DecideCase(
        kernel=lab.kernel,
        civil_registry=lab.registries,
        mobile_ownership=lab.registries,
        medical_council=Council(lab.registries),
        review_near_names=True,
    )
    use_cases = replace(lab.use_cases(), decide_case=decide)

    build_crew(lab.worker_ports(), use_cases, poll=HOUR).run_due()

    kept = lab.case(case)
    assert (kept.state, kept.reasons) == (CaseState.BRANCH, ("family_name_near",))
    assert kept.person == known


def test_an_unknown_person_is_a_mismatch(lab, person):
    lab.registries.registry = NotFound()
    case = lab.submit(person)

    lab.work()

    assert lab.case(case).state is CaseState.MISMATCH
    assert lab.case(case).reasons == ("not_found",)


def test_a_deceased_person_is_a_mismatch_outside_and_an_alarm_inside(lab):
    application, known = persona_of("deceased")
    lab.registries.people[application.national_id.value] = known
    lab.submit(application)

    with capture_logs() as logs:
        lab.work()

    assert lab.texts_to(application.mobile) == [sms("mismatch")]
    assert "case_deceased" in [line.get("alarm") for line in logs]


def test_a_mismatch_erases_all_but_id_and_reason_codes(lab, person):
    lab.registries.registry = NotFound()
    case = lab.submit(person)

    lab.work()

    kept = lab.case(case)
    assert kept.application is None
    assert kept.password_hash is None
    assert kept.answer_hash is None


def test_who_had_a_mismatch_may_register_again_at_once(lab, person):  # the guide, third SMS
    lab.registries.registry = NotFound()
    lab.submit(person)
    lab.work()
    lab.registries.registry = None

    second = lab.submit(person)
    lab.work()

    assert lab.case(second).state is CaseState.ACTIVATED


def test_a_stranger_who_registered_first_does_not_keep_the_owner_out(lab, person):  # D10
    lab.registries.phone = PhoneAnswer.MISMATCH
    stranger = lab.submit(with_mobile(person, "+989121111111"))
    lab.work()
    lab.registries.phone = PhoneAnswer.MATCH

    owner = lab.submit(person)
    lab.work()

    assert lab.case(stranger).state is CaseState.BRANCH
    assert lab.case(owner).state is CaseState.ACTIVATED
