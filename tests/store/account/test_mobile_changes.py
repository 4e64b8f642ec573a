from datetime import timedelta

from idp.domain.people.mobile_change import ChangeState
from tests.factories import mobile_change
from tests.fakes import NOON

LATER = NOON + timedelta(hours=1)


def test_a_change_comes_back_as_it_was(database):
    with database.begin() as work:
        assert work.mobile_changes.add(mobile_change())
        assert work.mobile_changes.find("change-1") == mobile_change()
        assert work.mobile_changes.lock("change-1") == mobile_change()
        assert work.mobile_changes.find("other") is None


def test_of_one_account_one_change_waits(database):
    with database.begin() as work:
        assert work.mobile_changes.add(mobile_change("a"))
        assert not work.mobile_changes.add(mobile_change("b"))
        assert work.mobile_changes.add(mobile_change("c", account_id="account-2"))


def test_a_decided_change_keeps_no_number_and_lets_another_wait(database):
    done = mobile_change("a").decided(ChangeState.REFUSED, "phone_mismatch", at=LATER)
    with database.begin() as work:
        work.mobile_changes.add(mobile_change("a"))
        work.mobile_changes.save(done)
        assert work.mobile_changes.find("a") == done
        assert work.mobile_changes.add(mobile_change("b", asked_at=LATER))
        assert work.mobile_changes.latest("account-1").id == "b"
        assert work.mobile_changes.latest("account-2") is None


def test_decided_changes_are_forgotten_after_90_days(database):
    with database.begin() as work:
        work.mobile_changes.add(mobile_change("a"))
        work.mobile_changes.save(
            mobile_change("a").decided(ChangeState.CHANGED, "phone_match", at=NOON)
        )
        work.mobile_changes.add(mobile_change("b"))
        assert work.mobile_changes.forget_decided(NOON + timedelta(days=90)) == 0
        assert work.mobile_changes.forget_decided(NOON + timedelta(days=91)) == 1
        assert work.mobile_changes.find("b") is not None
