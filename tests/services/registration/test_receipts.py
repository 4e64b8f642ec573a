"""The way back of a browser to the case that it submitted."""

from datetime import timedelta

import pytest

from idp.services.registration.receipts import TRACKED_FOR, Receipts
from idp.store.database import Database
from tests.factories import OTHER_MOBILE, application, case
from tests.fakes import FixedClock, PlainVault

OTHERS = application(mobile=OTHER_MOBILE)
UNPROVEN = case("case-2", "1000000013", application=OTHERS, phone_proven=False)


@pytest.fixture
def database(migrated_sqlite_url):
    opened = Database(migrated_sqlite_url, PlainVault())
    yield opened
    opened.close()


@pytest.fixture
def clock():
    return FixedClock()


@pytest.fixture
def receipts(database, clock):
    with database.begin() as work:
        assert work.cases.add(case())
        assert work.cases.add(UNPROVEN)
    return Receipts(database.begin, PlainVault(), clock)


def test_a_receipt_leads_to_the_case_as_it_is_now(receipts):
    assert receipts.find(receipts.give(case(), "browser-1"), "browser-1").case.id == case().id


def test_another_browser_finds_nothing_by_it(receipts):
    assert receipts.find(receipts.give(case(), "browser-1"), "browser-2") is None


def test_a_case_that_is_long_gone_is_not_found(receipts):
    assert receipts.find(receipts.give(case("case-9"), "browser-1"), "browser-1") is None


@pytest.mark.parametrize("made_up", ["", "x", "آ"])
def test_what_is_no_receipt_leads_nowhere(receipts, made_up):
    assert receipts.find(made_up, "browser-1") is None


def test_the_browser_that_submitted_finds_the_case_weeks_later(receipts, clock):
    receipt = receipts.give(case(), "browser-1")
    clock.move(timedelta(days=60))

    assert receipts.find(receipt, "browser-1").case.id == case().id


def test_the_browser_that_tracked_finds_the_case_for_a_while_only(receipts, clock):
    receipt = receipts.give_tracked(case(), "browser-1")
    clock.move(TRACKED_FOR - timedelta(seconds=1))
    assert receipts.find(receipt, "browser-1").is_tracked

    clock.move(timedelta(seconds=1))

    assert receipts.find(receipt, "browser-1") is None


def test_tracking_proves_the_phone_of_a_case_where_nobody_has_yet(receipts):
    submitted = receipts.find(receipts.give(UNPROVEN, "browser-1"), "browser-1")
    tracked = receipts.find(receipts.give_tracked(UNPROVEN, "browser-1"), "browser-1")

    assert (submitted.phone_proven, tracked.phone_proven) == (False, True)
