"""Keys of personal values are replaced while the hub goes on (D13)."""

import pytest

from idp.adapters.vault import AesVault
from idp.domain.people.account import AccountState
from idp.domain.registration.tracking_number import TrackingNumber
from idp.store.database import Database
from tests import factories

INDEX, OLD, NEW = b"i" * 32, b"o" * 32, b"n" * 32
OLD_SEAL, NEW_SEAL = ("k1", b"1" * 32), ("k2", b"2" * 32)
TRACKED = TrackingNumber(factories.case().tracking_number)
NUMBER = factories.PHYSICIAN.number
TABLES = (
    *("accounts", "cases", "sessions", "known_devices", "mobile_changes", "jobs"),
    *("step_ones", "recoveries", "pending_sign_ins"),
)


@pytest.fixture
def opened(migrated_url):
    """Return a maker of databases with these keys, newest first."""
    made = []

    def make(seals, lookups):
        made.append(Database(migrated_url, AesVault(seals, INDEX, lookups)))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def old(opened):
    """A hub before the replacement, with one row of each kind."""
    database = opened([OLD_SEAL], [OLD])
    with database.begin() as work:
        work.accounts.add(factories.account(physician=factories.PROVEN))
        work.accounts.take_council_number("account-1", NUMBER)
        work.cases.add(factories.case())
        work.sessions.add(factories.session(), "token")
        work.devices.save(factories.known_device())
        work.mobile_changes.add(factories.mobile_change())
        work.outbox.put(factories.job(sms=factories.sms()))
        work.step_ones.put(factories.step_one())
        work.recoveries.put(factories.recovery())
        work.pending_sign_ins.put(factories.pending_sign_in())
    return database


@pytest.fixture
def both(old, opened):
    """The same with the new keys first and the old ones behind."""
    return opened([NEW_SEAL, OLD_SEAL], [NEW, OLD])


def resealed(database):
    return list(database.reseal(write=True))


def older(database):
    return {one.table: one.older for one in database.reseal(write=False)}


def test_every_kind_of_row_is_brought_up(both):
    assert {one.table: one.older for one in resealed(both)} == dict.fromkeys(TABLES, 1)


def test_a_second_time_there_is_nothing_to_do(both):
    resealed(both)
    assert set(older(both).values()) == {0}


def test_checking_changes_nothing(both):
    assert older(both) == older(both) == dict.fromkeys(TABLES, 1)


def test_afterwards_the_old_keys_may_go(both, opened):
    resealed(both)
    new = opened([NEW_SEAL], [NEW])
    with new.begin() as work:
        account = work.accounts.find_by_national_id(factories.NATIONAL_ID)
        assert account == factories.account(physician=factories.PROVEN)
        found = work.cases.find_open_with_account(factories.NATIONAL_ID, factories.MOBILE)
        assert found == (factories.case(), account)
        assert work.cases.find_tracked(TRACKED, factories.MOBILE) == factories.case().id
        known = factories.known_device()
        assert work.devices.find_all([known.id]) == [known]
        assert work.step_ones.find(factories.step_one().id)


def test_what_is_under_old_keys_is_found_meanwhile(both):
    with both.begin() as work:
        assert work.accounts.find_by_national_id(factories.NATIONAL_ID)
        assert all(work.cases.find_open_with_account(factories.NATIONAL_ID, factories.MOBILE))
        assert work.cases.has_open(factories.NATIONAL_ID)
        assert work.cases.find_tracked(TRACKED, factories.MOBILE)


def test_attack_RG01_nobody_gets_a_second_account_meanwhile(both):
    with both.begin() as work:
        assert not work.accounts.add(factories.account("account-2"))
        assert not work.cases.add(factories.case("case-2", "1000000002"))


def test_a_closed_account_is_in_nobodys_way_meanwhile(both):
    with both.begin() as work:
        work.accounts.save(factories.account(state=AccountState.CLOSED))
        assert work.accounts.add(factories.account("account-2"))


def test_a_council_number_stays_its_holders_meanwhile(both):
    with both.begin() as work:
        work.accounts.add(factories.account("account-2", national_id=factories.OTHER_NATIONAL_ID))
        assert not work.accounts.take_council_number("account-2", NUMBER)
        assert work.accounts.take_council_number("account-1", NUMBER)


def test_a_council_number_stays_its_holders_afterwards(both, opened):
    resealed(both)
    with opened([NEW_SEAL], [NEW]).begin() as work:
        work.accounts.add(factories.account("account-2", national_id=factories.OTHER_NATIONAL_ID))
        assert not work.accounts.take_council_number("account-2", NUMBER)


def test_without_its_key_a_row_is_unreadable_and_stays(old, opened):
    lost = opened([NEW_SEAL], [OLD])
    assert {one.unreadable for one in resealed(lost)} == {1}
    with old.begin() as work:
        assert work.accounts.find("account-1")


def test_a_second_row_of_the_same_person_is_told(both, opened):
    """Two hubs with other keys at the same moment: the index saw no conflict."""
    with opened([NEW_SEAL, OLD_SEAL], [NEW]).begin() as work:
        assert work.accounts.add(factories.account("account-2"))
    found = {one.table: one for one in resealed(both)}
    assert (found["accounts"].older, found["accounts"].in_the_way) == (0, 1)


def test_an_erased_case_is_no_row_with_values(old, both):
    with old.begin() as work:
        work.cases.save(factories.case(application=None, person=None))
    assert {one.table: one.rows for one in resealed(both)}["cases"] == 0


def test_many_rows_are_gone_through(old, both):
    with old.begin() as work:
        for number in range(1101):
            work.devices.save(factories.known_device(f"device-{number:04}"))
    assert {one.table: one.older for one in resealed(both)}["known_devices"] == 1102


def test_the_index_key_serves_where_no_look_up_key_is_named():
    vault = AesVault([OLD_SEAL], INDEX)
    digest = vault.digest("9994863177", purpose="national_id")
    assert vault.lookups("9994863177", purpose="national_id") == [digest]


def test_an_index_key_may_be_the_oldest_look_up_key():
    before, after = AesVault([OLD_SEAL], INDEX), AesVault([OLD_SEAL], INDEX, [NEW, INDEX])
    value, purpose = "9994863177", "national_id"
    assert (
        list(before.lookups(value, purpose=purpose))
        == list(after.lookups(value, purpose=purpose))[1:]
    )


def test_what_was_sealed_by_an_older_key_is_not_the_newest():
    vault = AesVault([NEW_SEAL, OLD_SEAL], INDEX)
    sealed = AesVault([OLD_SEAL], INDEX).seal(b"x", purpose="p")
    assert not vault.is_newest(sealed)
    assert vault.is_newest(vault.seal(b"x", purpose="p"))


def test_a_short_look_up_key_is_refused():
    with pytest.raises(ValueError, match="32 bytes"):
        AesVault([OLD_SEAL], INDEX, [b"short"])
