"""How many stored hashes each pepper made, on both databases (D11)."""

from dataclasses import replace

import pytest

from idp.domain.people.national_id import NationalId
from idp.ports import PepperUse
from idp.store.database import Database
from tests import factories
from tests.fakes import PlainVault


@pytest.fixture
def database(migrated_url):
    opened = Database(migrated_url, PlainVault())
    yield opened
    opened.close()


def add_account(database, number, password_hash, answer_hash):
    credentials = replace(
        factories.account().credentials, password_hash=password_hash, answer_hash=answer_hash
    )
    national_id = NationalId(factories.with_check_digit(f"99{number:07}"))
    with database.begin() as work:
        work.accounts.add(
            factories.account(f"a-{number}", national_id=national_id, credentials=credentials)
        )


def test_a_pepper_is_counted_by_passwords_and_answers(database):
    add_account(database, 1, "2:x", "1:x")
    add_account(database, 2, "1:x", "1:x")

    assert database.pepper_uses(["2", "1"]) == [
        PepperUse(pepper="2", passwords=1, answers=0),
        PepperUse(pepper="1", passwords=1, answers=2),
    ]


def test_a_case_that_waits_counts_too(database):
    with database.begin() as work:
        work.cases.add(factories.case(password_hash="1:x", answer_hash="1:x"))

    assert database.pepper_uses(["1"]) == [PepperUse(pepper="1", passwords=1, answers=1)]


def test_what_was_erased_was_made_with_none(database):
    add_account(database, 1, "", "")

    assert database.pepper_uses(["1"]) == [PepperUse(pepper="1", passwords=0, answers=0)]


@pytest.mark.parametrize("stored", ["12:x", "x:1:", "nothing"])
def test_what_no_known_pepper_made_is_told(database, stored):
    add_account(database, 1, stored, "1:x")

    assert database.pepper_uses(["1", "_"])[-1] == PepperUse(pepper=None, passwords=1, answers=0)
