"""Seeded accounts are whole, of nobody, and closed to everybody without the password."""

import pytest

from idp.domain.people.national_id import NationalId
from idp.services.upkeep.seed import FIRST, PREFIX, OthersThere, Seed, accounts
from tests.factories import account
from tests.fakes import NOON
from tests.services.upkeep.test_after_restore import Steps

FIRST_ID = NationalId.of_nine(str(FIRST))


@pytest.fixture
def seed(any_lab):
    return Seed(kernel=any_lab.kernel, bulk=any_lab.database.bulk_accounts())


def found(lab, national_id=FIRST_ID):
    with lab.begin(read_only=True) as work:
        return work.accounts.find_by_national_id(national_id)


def test_an_account_opens_whole_and_is_found_by_its_national_id(any_lab, seed):
    assert seed.run(3, None, Steps()) == 3
    one = found(any_lab)
    assert (one.is_active, one.roles, one.person.national_id) == (True, ("insured",), FIRST_ID)
    assert one.created_at == any_lab.clock()


def test_no_operator_has_the_mobiles(any_lab, seed):
    seed.run(1, None, Steps())
    assert found(any_lab).mobile.e164.startswith("+98940")


def test_one_password_opens_all(any_lab, seed):
    seed.run(1, "a shared one", Steps())
    hashed = found(any_lab).credentials.password_hash
    assert any_lab.hashing.verify("a shared one", hashed)


def test_without_a_password_a_random_one_is_forgotten(any_lab, seed):
    seed.run(1, None, Steps())
    assert not any_lab.hashing.verify("", found(any_lab).credentials.password_hash)


def test_a_second_run_goes_on(any_lab, seed):
    steps = Steps()
    assert [seed.run(total, None, steps) for total in (2, 5, 4)] == [2, 3, 0]
    assert steps.done == {"seeding": 5}
    with any_lab.begin(read_only=True) as work:
        assert work.accounts.count(PREFIX) == 5


def test_a_database_with_other_accounts_stays_as_it_is(any_lab, seed):
    with any_lab.begin() as work:
        work.accounts.add(account())
    with pytest.raises(OthersThere):
        seed.run(1, None, Steps())
    assert found(any_lab) is None


def test_the_audit_says_how_many_were_written(any_lab, seed):
    seed.run(2, None, Steps())
    with any_lab.begin(read_only=True) as work:
        (entry,) = work.audit.tail(1)
    assert (entry.action, entry.details) == ("accounts.seeded", {"written": "2"})


def test_national_ids_are_valid_and_differ():
    ids = [one.national_id for one in accounts(0, 2000, "hash", NOON)]
    assert len(set(ids)) == 2000
    assert all(NationalId.parse(one.value) == one for one in ids)
