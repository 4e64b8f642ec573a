from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from idp.domain.people.account import AccountState
from idp.domain.registration.case import BRANCH_WAITS
from idp.domain.registration.case_state import CaseState
from idp.domain.registration.tracking_number import TrackingNumber
from idp.domain.sign_in.known_device import RegisteringDevice
from idp.domain.sign_in.origin import Origin
from idp.store.sql.tables import cases
from tests.factories import (
    MOBILE,
    NATIONAL_ID,
    OTHER_MOBILE,
    OTHER_NATIONAL_ID,
    PHYSICIAN,
    account,
    application,
    case,
    person,
)
from tests.fakes import NOON

BRANCH = case().decided(CaseState.BRANCH, ("phone_mismatch",), at=NOON)
MISMATCH = case().decided(CaseState.MISMATCH, ("family_name",), at=NOON).erased()
AFTER_90_DAYS = NOON + BRANCH_WAITS


def test_a_case_comes_back_as_it_was(database):
    whole = case(person=person(), reasons=("phone_no_answer",), overdue=True)
    with database.begin() as work:
        assert work.cases.add(whole)
        assert work.cases.find("case-1") == whole
        assert work.cases.lock("case-1") == whole
        assert work.cases.find_by_tracking_number("1000000005") == whole


def test_a_case_keeps_the_browser_that_registered(database):
    device = RegisteringDevice(
        origin=Origin("chrome", "android", "192.0.2.0/24"),
        proven_at=NOON,
        expires_at=NOON + timedelta(days=90),
    )
    with database.begin() as work:
        work.cases.add(case(device=device))
        assert work.cases.find("case-1").device == device


def test_a_physicians_case_comes_back_as_it_was(database):
    whole = case(application=application(physician=PHYSICIAN))
    with database.begin() as work:
        work.cases.add(whole)
        assert work.cases.find("case-1") == whole


def test_a_pair_has_one_open_case(database):
    with database.begin() as work:
        work.cases.add(case())
        assert not work.cases.add(case("case-2", "1000000002"))
        assert work.cases.find("case-2") is None


def test_another_phone_opens_a_case_of_its_own(database):
    other = case("case-2", "1000000002", application=application(mobile=OTHER_MOBILE))
    with database.begin() as work:
        work.cases.add(case())
        assert work.cases.add(other)
        assert work.cases.find_open_with_account(NATIONAL_ID, OTHER_MOBILE) == (other, None)


def test_an_open_case_comes_with_the_account_of_its_national_id(database):
    with database.begin() as work:
        work.accounts.add(account())
        work.cases.add(case())
        found = work.cases.find_open_with_account(NATIONAL_ID, MOBILE)
    assert found == (case(), account())


def test_an_account_comes_without_an_open_case(database):
    with database.begin() as work:
        work.accounts.add(account())
        assert work.cases.find_open_with_account(NATIONAL_ID, MOBILE) == (None, account())


def test_a_closed_account_comes_with_no_case(database):
    with database.begin() as work:
        work.accounts.add(account(state=AccountState.CLOSED))
        assert work.cases.find_open_with_account(NATIONAL_ID, MOBILE) == (None, None)


def test_a_taken_tracking_number_writes_nothing(database):
    other = case("case-2", application=application(national_id=OTHER_NATIONAL_ID))
    with database.begin() as work:
        work.cases.add(case())
        assert not work.cases.add(other)


def test_a_mismatch_makes_room_for_the_next_try(database):
    with database.begin() as work:
        work.cases.add(case())
        work.cases.save(MISMATCH)
        assert work.cases.find_open_with_account(NATIONAL_ID, MOBILE) == (None, None)
        assert work.cases.add(case("case-2", "1000000002"))


def test_an_open_case_is_known_whatever_the_phone(database):
    with database.begin() as work:
        assert not work.cases.has_open(NATIONAL_ID)
        work.cases.add(case())
        assert work.cases.has_open(NATIONAL_ID)
        assert not work.cases.has_open(OTHER_NATIONAL_ID)


def test_an_erased_case_keeps_two_keyed_hashes_and_none_of_the_mobile_alone(database):
    with database.begin() as work:
        work.cases.add(case(person=person()))
        before = work._connection.execute(select(cases)).mappings().one()
        work.cases.save(MISMATCH)
        after = work._connection.execute(select(cases)).mappings().one()
        assert work.cases.find("case-1") == MISMATCH
    assert after["sealed"] is after["password_hash"] is after["answer_hash"] is None
    assert after["national_id_hash"] == before["national_id_hash"]
    assert after["tracking_hash"] == before["tracking_hash"]
    assert after["mobile_hash"] is None


def test_a_case_is_found_by_tracking_number_with_its_mobile_alone(database):
    with database.begin() as work:
        work.cases.add(case())
        number, other = TrackingNumber("1000000005"), TrackingNumber("1000000013")
        assert work.cases.find_tracked(number, MOBILE) == "case-1"
        assert work.cases.find_tracked(number, OTHER_MOBILE) is None
        assert work.cases.find_tracked(other, MOBILE) is None


def test_an_erased_case_is_found_so_until_its_row_goes(database):
    number = TrackingNumber("1000000005")
    with database.begin() as work:
        work.cases.add(case())
        work.cases.save(MISMATCH)
        assert work.cases.find_tracked(number, MOBILE) == "case-1"
        work.cases.forget_remnants(AFTER_90_DAYS)
        assert work.cases.find_tracked(number, MOBILE) is None


def test_cases_of_one_mobile_have_no_digest_of_tracking_in_common(database):
    with database.begin() as work:
        work.cases.add(case())
        work.cases.save(MISMATCH)
        work.cases.add(case("case-2", "1000000013"))
        rows = work._connection.execute(select(cases.c.tracking_hash)).scalars()
        assert len(set(rows)) == 2


def test_a_case_that_waits_ninety_days_for_the_branch_expires(database):
    with database.begin() as work:
        work.cases.add(BRANCH)
        assert work.cases.erase_expired(AFTER_90_DAYS - timedelta(seconds=1)) == []
        assert work.cases.erase_expired(AFTER_90_DAYS) == ["case-1"]
        expired = work.cases.find("case-1")
    assert expired == replace(BRANCH, state=CaseState.EXPIRED, decided_at=AFTER_90_DAYS).erased()


def test_a_remnant_is_deleted_after_ninety_days(database):
    with database.begin() as work:
        work.cases.add(case())
        work.cases.save(MISMATCH)
        assert work.cases.forget_remnants(AFTER_90_DAYS - timedelta(seconds=1)) == 0
        assert work.cases.find("case-1") is not None
        assert work.cases.forget_remnants(AFTER_90_DAYS) == 1
        assert work.cases.find("case-1") is None


def test_a_fresh_expiry_leaves_its_remnant(database):
    with database.begin() as work:
        work.cases.add(BRANCH)
        work.cases.erase_expired(AFTER_90_DAYS)
        assert work.cases.forget_remnants(AFTER_90_DAYS) == 0
        assert work.cases.find("case-1") is not None


def test_cases_are_listed_oldest_first(database):
    newer = case(
        "case-2",
        "1000000002",
        application=application(mobile=OTHER_MOBILE),
        submitted_at=NOON + timedelta(hours=1),
        overdue=True,
    )
    with database.begin() as work:
        work.cases.add(newer)
        work.cases.add(case())
        assert [one.id for one in work.cases.list()] == ["case-1", "case-2"]
        assert [one.id for one in work.cases.list(overdue=True)] == ["case-2"]
        assert [one.id for one in work.cases.list(overdue=False)] == ["case-1"]
        assert [one.id for one in work.cases.list(state="received", limit=1)] == ["case-1"]
        assert work.cases.list(state="branch") == []


def test_an_unknown_case_cannot_be_saved(database):
    with pytest.raises(KeyError), database.begin() as work:
        work.cases.save(case())


def test_a_case_without_application_cannot_be_added(database):
    with pytest.raises(ValueError, match="application"), database.begin() as work:
        work.cases.add(MISMATCH)
