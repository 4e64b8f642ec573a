"""Every row of the verdict table, from the submission to the SMS."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from idp import resources
from idp.domain.account import IdentityMethod, MobileMethod
from idp.domain.case_state import CaseState
from idp.domain.sms import sms_parts
from idp.domain.verdict import NotFound, PhoneAnswer
from idp.jobs.build import build_crew
from idp.services.decide_case import CasePorts, DecideCase
from idp.services.messages import Notice
from tests.services.cases.laboratory import UNAVAILABLE, Council, persona_of, with_mobile

HOUR = timedelta(hours=1)
GUIDE_SMS = json.loads((Path(__file__).parents[2] / "data" / "sms.json").read_text("utf-8"))[
    "cases"
]


def sms(notice):
    return resources.sms_text(notice)


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

    account = lab.account(person.national_id)
    assert account.person.given_name == "محمد رضا"
    assert account.credentials.password_hash == "hashed:Secret123"
    assert account.assurance.method is IdentityMethod.REGISTRY
    assert account.assurance.mobile is MobileMethod.OWNERSHIP
    assert account.phone_number_verified


def test_an_activated_account_keeps_nothing_that_served_for_checking_only(lab, person):
    lab.submit(person)

    lab.work()

    known = lab.account(person.national_id).person
    assert (known.certificate_number, known.series, known.serial) == (None, None, None)


def test_a_decided_case_holds_no_personal_data(lab, person):
    case = lab.submit(person)

    lab.work()

    kept = lab.case(case)
    assert (kept.application, kept.person, kept.password_hash) == (None, None, None)


def test_nobody_has_an_account_before_the_verdict(lab, person):  # the guide: a request is no user
    lab.submit(person)

    assert lab.account(person.national_id) is None


def test_roles_come_from_the_insurance_file(lab, person):
    lab.submit(person)

    lab.work()

    assert lab.account(person.national_id).roles == ("insured",)


def test_a_silent_insurance_file_delays_roles_and_nothing_else(lab, person):
    lab.registries.known_roles = None
    lab.submit(person)
    lab.work_for(3 * HOUR)
    assert lab.account(person.national_id).roles == ()

    lab.registries.known_roles = ("insured",)
    lab.work_for(2 * HOUR)

    assert lab.account(person.national_id).roles == ("insured",)


def test_a_person_outside_the_insurance_file_has_an_account(lab, person):
    lab.registries.known_roles = ()
    lab.submit(person)

    lab.work()

    assert lab.account(person.national_id).roles == ()


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


@pytest.mark.parametrize("answer", [PhoneAnswer.NO_ANSWER, PhoneAnswer.UNAVAILABLE])
def test_an_unanswered_phone_waits_and_goes_to_the_branch_two_hours_before_the_deadline(
    lab, person, answer
):
    lab.registries.phone = answer
    case = lab.submit(person)
    lab.work_for(46 * HOUR - timedelta(minutes=1))
    assert lab.case(case).state is CaseState.CHECKING
    assert lab.texts_to(person.mobile) == []

    lab.work_for(timedelta(minutes=2))

    assert lab.case(case).state is CaseState.BRANCH
    assert lab.texts_to(person.mobile) == [sms("branch")]


def test_an_identity_once_confirmed_stays_so_when_the_registry_falls_silent(lab, person):  # D9
    lab.registries.phone = PhoneAnswer.NO_ANSWER
    case = lab.submit(person)
    lab.work_for(40 * HOUR)
    lab.registries.registry = UNAVAILABLE

    lab.work_for(7 * HOUR)

    assert lab.case(case).state is CaseState.BRANCH
    assert lab.texts_to(person.mobile) == [sms("branch")]
    assert lab.case(case).person.given_name == "محمد رضا"


def test_a_person_who_is_known_already_is_not_asked_about_again(lab, person):
    lab.registries.phone = PhoneAnswer.NO_ANSWER
    lab.submit(person)

    lab.work_for(10 * HOUR)

    assert lab.registries.asked == 1


def test_what_the_registry_said_is_erased_when_the_phone_is_confirmed_late(lab, person):
    lab.registries.phone = PhoneAnswer.UNAVAILABLE
    case = lab.submit(person)
    lab.work_for(HOUR)
    lab.registries.phone = PhoneAnswer.MATCH

    lab.work_for(HOUR)

    assert lab.case(case).state is CaseState.ACTIVATED
    assert lab.case(case).person is None
    assert lab.account(person.national_id).person.given_name == "محمد رضا"


def test_an_answer_that_comes_late_decides_at_once(lab, person):
    lab.registries.phone = PhoneAnswer.NO_ANSWER
    case = lab.submit(person)
    lab.work_for(5 * HOUR)
    lab.registries.phone = PhoneAnswer.MATCH

    lab.work_for(HOUR / 2)

    assert lab.case(case).state is CaseState.ACTIVATED


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
    base = {"begin": lab.begin, "clock": lab.clock, "chance": lab.chance}
    ports = CasePorts(
        **base,
        civil_registry=lab.registries,
        mobile_ownership=lab.registries,
        medical_council=Council(lab.registries),
        review_near_names=True,
    )
    use_cases = replace(lab.use_cases(), decide_case=DecideCase(ports))

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


def test_a_silent_registry_decides_nothing(lab, person):
    lab.registries.registry = UNAVAILABLE
    case = lab.submit(person)

    lab.work_for(40 * HOUR)

    assert lab.case(case).state is CaseState.CHECKING
    assert lab.gateway.sent == []


def test_a_registry_that_was_down_for_60_hours_rejected_and_confirmed_nobody(lab, person):
    lab.registries.registry = UNAVAILABLE
    case = lab.submit(person)

    lab.work_for(60 * HOUR)

    assert lab.case(case).state is CaseState.CHECKING
    assert lab.case(case).overdue
    assert lab.account(person.national_id) is None


@pytest.mark.parametrize("answer", [PhoneAnswer.NO_ANSWER, PhoneAnswer.UNAVAILABLE])
def test_an_owner_whose_second_phone_is_unanswered_goes_to_the_branch(lab, person, answer):
    lab.submit(person)
    lab.work()
    second = with_mobile(person, "+989121111111")
    lab.registries.phone = answer
    case = lab.submit(second)

    lab.work_for(46 * HOUR + timedelta(minutes=1))

    assert lab.case(case).state is CaseState.BRANCH
    assert lab.texts_to(second.mobile) == [sms("branch")]


def test_an_owner_whose_second_case_is_unanswered_is_told_too(lab, person):
    lab.submit(person)
    lab.work()
    second = with_mobile(person, "+989121111111")
    lab.registries.registry = UNAVAILABLE
    case = lab.submit(second)

    lab.work_for(47 * HOUR)

    assert lab.case(case).state is CaseState.CHECKING
    assert lab.texts_to(second.mobile) == [sms("N20")]


def test_n20_is_sent_once_and_before_hour_48(lab, person):
    lab.registries.registry = UNAVAILABLE
    lab.submit(person)

    lab.work_for(47 * HOUR)
    assert lab.texts_to(person.mobile) == [sms("N20")]
    lab.work_for(13 * HOUR)

    assert lab.texts_to(person.mobile) == [sms("N20")]


def test_an_overdue_case_is_decided_when_the_registry_is_back(lab, person):
    lab.registries.registry = UNAVAILABLE
    case = lab.submit(person)
    lab.work_for(60 * HOUR)
    lab.registries.registry = None

    lab.work_for(HOUR / 2)

    assert lab.case(case).state is CaseState.ACTIVATED
    assert lab.texts_to(person.mobile) == [sms("N20"), sms("activated")]


def test_a_decided_case_is_overdue_no_more(lab, person):  # the list of staff shows what waits
    lab.registries.registry = UNAVAILABLE
    lab.submit(person)
    lab.work_for(60 * HOUR)
    lab.registries.registry = None

    lab.work_for(HOUR / 2)

    with lab.begin(read_only=True) as work:
        assert work.cases.list(overdue=True) == []


def test_staff_are_paged_at_24_and_42_hours_and_when_overdue_once_each(lab, person):
    lab.registries.registry = UNAVAILABLE
    lab.submit(person)

    with capture_logs() as logs:
        lab.work_for(60 * HOUR)

    alarms = [line["alarm"] for line in logs if "alarm" in line]
    assert alarms == ["case_after_24_hours", "case_after_42_hours", "case_overdue"]


def test_an_outage_uses_up_no_try(lab, person):
    lab.registries.registry = UNAVAILABLE
    lab.submit(person)

    lab.work_for(60 * HOUR)

    with lab.begin(read_only=True) as work:
        assert work.outbox.dead() == []


def test_a_silent_registry_is_asked_less_and_less_often(lab, person):
    lab.registries.registry = UNAVAILABLE
    lab.submit(person)
    lab.work_for(timedelta(minutes=10), step=timedelta(seconds=30))
    early = lab.registries.asked

    lab.work_for(10 * HOUR, step=timedelta(minutes=5))

    assert 3 <= early <= 7
    assert lab.registries.asked - early <= 55


def test_the_phone_is_not_asked_about_while_the_person_is_unknown(lab, person):
    lab.registries.registry = UNAVAILABLE
    asked = []
    lab.registries.check = lambda *who: asked.append(who)
    lab.submit(person)

    lab.work()

    assert asked == []


def test_a_stranger_who_registered_first_does_not_keep_the_owner_out(lab, person):  # D10
    lab.registries.phone = PhoneAnswer.MISMATCH
    stranger = lab.submit(with_mobile(person, "+989121111111"))
    lab.work()
    lab.registries.phone = PhoneAnswer.MATCH

    owner = lab.submit(person)
    lab.work()

    assert lab.case(stranger).state is CaseState.BRANCH
    assert lab.case(owner).state is CaseState.ACTIVATED


def test_no_log_line_of_a_case_holds_a_name_or_number(lab, person):
    lab.registries.registry = UNAVAILABLE
    lab.submit(person)

    with capture_logs() as logs:
        lab.work_for(60 * HOUR)

    said = repr(logs)
    assert person.national_id.value not in said
    assert person.mobile.national[1:] not in said
