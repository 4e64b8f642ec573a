"""The way back of a browser to the case that it submitted."""

import pytest

from idp.services.registration.receipts import Receipts
from idp.store.database import Database
from tests.factories import case
from tests.fakes import PlainVault


@pytest.fixture
def database(migrated_sqlite_url):
    opened = Database(migrated_sqlite_url, PlainVault())
    yield opened
    opened.close()


@pytest.fixture
def receipts(database):
    with database.begin() as work:
        assert work.cases.add(case())
    return Receipts(database.begin, PlainVault())


def test_a_receipt_leads_to_the_case_as_it_is_now(receipts):
    assert receipts.find(receipts.give(case(), "browser-1"), "browser-1").id == case().id


def test_another_browser_finds_nothing_by_it(receipts):
    assert receipts.find(receipts.give(case(), "browser-1"), "browser-2") is None


def test_a_case_that_is_long_gone_is_not_found(receipts):
    assert receipts.find(receipts.give(case("case-9"), "browser-1"), "browser-1") is None


@pytest.mark.parametrize("made_up", ["", "x", "آ"])
def test_what_is_no_receipt_leads_nowhere(receipts, made_up):
    assert receipts.find(made_up, "browser-1") is None
