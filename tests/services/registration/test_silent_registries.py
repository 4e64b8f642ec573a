"""Registries that do not answer: cases wait, staff are paged, and nobody is rejected."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from idp.domain.registration.case_state import CaseState
from idp.domain.registration.identity_match import ALL_CAPABILITIES
from idp.domain.registration.verdict import Found, PhoneAnswer
from tests.services.laboratory import HOUR, UNAVAILABLE, persona_of, sms, with_mobile


def test_a_silent_insurance_file_delays_roles_and_nothing_else(lab, person):
    lab.registries.known_roles = None
    lab.submit(person)
    lab.work_for(3 * HOUR)
    assert lab.account_of(person.national_id).roles == ()

    lab.registries.known_roles = ("insured",)
    lab.work_for(2 * HOUR)

    assert lab.account_of(person.national_id).roles == ("insured",)


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


def test_a_record_of_another_national_id_is_no_answer_and_is_not_kept(lab, person):
    _, stranger = persona_of("ok_female_post1368")
    lab.registries.registry = Found(stranger, ALL_CAPABILITIES)
    case = lab.submit(person)
    lab.work_for(HOUR)
    assert (lab.case(case).state, lab.case(case).person) == (CaseState.CHECKING, None)
    lab.registries.registry = None

    lab.work_for(HOUR)

    assert lab.case(case).state is CaseState.ACTIVATED


def test_what_the_registry_said_is_erased_when_the_phone_is_confirmed_late(lab, person):
    lab.registries.phone = PhoneAnswer.UNAVAILABLE
    case = lab.submit(person)
    lab.work_for(HOUR)
    lab.registries.phone = PhoneAnswer.MATCH

    lab.work_for(HOUR)

    assert lab.case(case).state is CaseState.ACTIVATED
    assert lab.case(case).person is None
    assert lab.account_of(person.national_id).person.given_name == "محمد رضا"


def test_an_answer_that_comes_late_decides_at_once(lab, person):
    lab.registries.phone = PhoneAnswer.NO_ANSWER
    case = lab.submit(person)
    lab.work_for(5 * HOUR)
    lab.registries.phone = PhoneAnswer.MATCH

    lab.work_for(HOUR / 2)

    assert lab.case(case).state is CaseState.ACTIVATED


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
    assert lab.account_of(person.national_id) is None


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


def test_no_log_line_of_a_case_holds_a_name_or_number(lab, person):
    lab.registries.registry = UNAVAILABLE
    lab.submit(person)

    with capture_logs() as logs:
        lab.work_for(60 * HOUR)

    said = repr(logs)
    assert person.national_id.value not in said
    assert person.mobile.national[1:] not in said
