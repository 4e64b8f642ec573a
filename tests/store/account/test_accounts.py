from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from idp.domain.people.account import AccountState
from idp.domain.people.physician import CouncilNumber
from idp.ports import BrokenSeal
from tests.factories import NATIONAL_ID, OTHER_NATIONAL_ID, PHYSICIAN, PROVEN, account
from tests.fakes import NOON


def test_an_account_comes_back_as_it_was(database):
    with database.begin() as work:
        assert work.accounts.add(account())
    with database.begin(read_only=True) as work:
        assert work.accounts.find("account-1") == account()


def test_an_account_without_address_and_email_comes_back(database):
    bare = account(residence=None, email=None, roles=())
    with database.begin() as work:
        work.accounts.add(bare)
        assert work.accounts.find("account-1") == bare


def test_an_account_is_found_by_its_national_id(database):
    with database.begin() as work:
        work.accounts.add(account())
        assert work.accounts.find_by_national_id(NATIONAL_ID) == account()
        assert work.accounts.find_by_national_id(OTHER_NATIONAL_ID) is None


def test_a_national_id_has_one_account(database):
    with database.begin() as work:
        work.accounts.add(account())
        assert not work.accounts.add(account("account-2"))
        assert work.accounts.find("account-2") is None


def test_a_closed_account_makes_room_for_another(database):
    with database.begin() as work:
        work.accounts.add(account(state=AccountState.CLOSED))
        assert work.accounts.add(account("account-2"))
        found = work.accounts.find_by_national_id(NATIONAL_ID)
    assert found is not None
    assert found.id == "account-2"


def test_a_suspended_account_makes_no_room(database):
    with database.begin() as work:
        work.accounts.add(account(state=AccountState.SUSPENDED))
        assert not work.accounts.add(account("account-2"))


def test_a_saved_account_has_changed(database):
    later = NOON + timedelta(hours=1)
    changed = account().with_password("new-hash", at=later)
    with database.begin() as work:
        work.accounts.add(account())
        work.accounts.save(changed)
        assert work.accounts.lock("account-1") == changed


def test_an_unknown_account_cannot_be_saved(database):
    with pytest.raises(KeyError), database.begin() as work:
        work.accounts.save(account())


def test_a_sealed_row_does_not_open_as_another(database):
    """What is sealed is bound to the account's id."""
    with database.begin() as work:
        work.accounts.add(account())
        work._connection.execute(text("UPDATE accounts SET id = 'account-2'"))
    with pytest.raises(BrokenSeal), database.begin() as work:
        work.accounts.find("account-2")


def test_times_come_back_aware(database):
    tehran = replace(account(), created_at=NOON.astimezone())
    with database.begin() as work:
        work.accounts.add(tehran)
        found = work.accounts.find("account-1")
    assert found is not None
    assert found.created_at.utcoffset() == timedelta(0)


def test_a_physicians_account_comes_back_as_it_was(database):
    whole = account(physician=PROVEN, claim=PROVEN, roles=("insured", "physician"))
    with database.begin() as work:
        work.accounts.add(whole)
        assert work.accounts.find("account-1") == whole


def test_a_council_number_is_one_accounts(database):
    with database.begin() as work:
        assert work.accounts.take_council_number("account-1", PHYSICIAN.number)
        assert work.accounts.take_council_number("account-1", PHYSICIAN.number)
        assert not work.accounts.take_council_number("account-2", CouncilNumber("98-765"))


def test_an_account_has_one_council_number(database):
    with database.begin() as work:
        work.accounts.take_council_number("account-1", PHYSICIAN.number)
        assert work.accounts.take_council_number("account-1", CouncilNumber("4451م"))
        assert work.accounts.take_council_number("account-2", PHYSICIAN.number)


def test_an_account_keeps_its_council_number_while_it_is_refused_another(database):
    with database.begin() as work:
        work.accounts.take_council_number("account-1", PHYSICIAN.number)
        work.accounts.take_council_number("account-2", CouncilNumber("4451م"))
        assert not work.accounts.take_council_number("account-1", CouncilNumber("4451م"))
        assert not work.accounts.take_council_number("account-3", PHYSICIAN.number)


def test_a_freed_council_number_can_be_taken(database):
    with database.begin() as work:
        work.accounts.take_council_number("account-1", PHYSICIAN.number)
        work.accounts.free_council_number("account-1")
        assert work.accounts.take_council_number("account-2", PHYSICIAN.number)


def test_a_closed_account_holds_no_council_number(database):
    with database.begin() as work:
        work.accounts.add(account())
        work.accounts.take_council_number("account-1", PHYSICIAN.number)
        work.accounts.save(account(state=AccountState.CLOSED))
        assert work.accounts.take_council_number("account-2", PHYSICIAN.number)
