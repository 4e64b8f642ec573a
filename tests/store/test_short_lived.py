"""Step ones, recoveries, pending sign-ins, contexts, rights given once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import pending_sign_in, recovery, step_one
from tests.fakes import NOON

DAY = timedelta(days=1)


def test_a_step_one_comes_back_as_it_was(database):
    with database.begin() as work:
        work.step_ones.put(step_one())
        assert work.step_ones.find("step-1") == step_one()
        assert work.step_ones.find("step-2") is None


def test_a_saved_step_one_has_changed(database):
    proven = replace(step_one(), proven_at=NOON, case_id="case-1")
    with database.begin() as work:
        work.step_ones.put(step_one())
        work.step_ones.put(proven)
        assert work.step_ones.lock("step-1") == proven


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("step_ones", step_one()),
        ("recoveries", recovery()),
        ("pending_sign_ins", pending_sign_in()),
    ],
)
def test_what_has_expired_is_forgotten(database, name, record):
    with database.begin() as work:
        records = getattr(work, name)
        records.put(record)
        assert records.forget_expired(record.expires_at - timedelta(seconds=1)) == 0
        assert records.find(record.id) == record
        assert records.forget_expired(record.expires_at) == 1
        assert records.find(record.id) is None


def test_a_recovery_is_taken_once(database):
    with database.begin() as work:
        work.recoveries.put(recovery())
        assert work.recoveries.take("recovery-1", NOON) == recovery(used_at=NOON)
        assert work.recoveries.take("recovery-1", NOON) is None


def test_a_recovery_without_proof_is_not_taken(database):
    with database.begin() as work:
        work.recoveries.put(recovery(proven_at=None))
        assert work.recoveries.take("recovery-1", NOON) is None
        work.recoveries.put(recovery())
        assert work.recoveries.take("recovery-1", NOON) is not None


def test_an_expired_recovery_is_not_taken(database):
    with database.begin() as work:
        work.recoveries.put(recovery())
        assert work.recoveries.take("recovery-1", NOON + DAY) is None


def test_a_pending_sign_in_is_taken_once(database):
    with database.begin() as work:
        work.pending_sign_ins.put(pending_sign_in())
        assert work.pending_sign_ins.take("pending-1", NOON) == pending_sign_in()
        assert work.pending_sign_ins.take("pending-1", NOON) is None


def test_an_expired_sign_in_is_not_taken(database):
    with database.begin() as work:
        work.pending_sign_ins.put(pending_sign_in())
        assert work.pending_sign_ins.take("pending-1", NOON + DAY) is None


def test_a_context_is_found_until_it_expires(database):
    with database.begin() as work:
        work.contexts.put("handle", "sealed", NOON + DAY)
        assert work.contexts.find("handle", NOON) == "sealed"
        assert work.contexts.find("handle", NOON + DAY) is None
        assert work.contexts.find("another", NOON) is None
        assert work.contexts.forget_expired(NOON + DAY) == 1


def test_a_context_of_the_same_handle_replaces_the_earlier_one(database):
    with database.begin() as work:
        work.contexts.put("handle", "sealed", NOON + DAY)
        work.contexts.put("handle", "sealed anew", NOON + 2 * DAY)
        assert work.contexts.find("handle", NOON + DAY) == "sealed anew"
        assert work.contexts.forget_expired(NOON + 2 * DAY) == 1


def test_a_right_is_given_once_of_each_kind(database):
    with database.begin() as work:
        assert work.single_use.take("code", "id-1", expires_at=NOON + DAY)
        assert work.single_use.take("jti", "id-1", expires_at=NOON + DAY)
        assert not work.single_use.take("code", "id-1", expires_at=NOON + DAY)


def test_a_right_may_have_a_name_of_any_length(database):
    with database.begin() as work:
        assert work.single_use.take("jti", "x" * 100_000, expires_at=NOON + DAY)
        assert work.single_use.take("jti", "x" * 100_001, expires_at=NOON + DAY)


def test_a_right_may_be_taken_when_the_first_taker_failed(database):
    with pytest.raises(ZeroDivisionError), database.begin() as work:  # noqa: PT012
        work.single_use.take("code", "id-1", expires_at=NOON + DAY)
        raise ZeroDivisionError
    with database.begin() as work:
        assert work.single_use.take("code", "id-1", expires_at=NOON + DAY)


def test_a_taken_right_is_seen_under_its_kind(database):
    with database.begin() as work:
        work.single_use.take("code", "id-1", expires_at=NOON + DAY)
    with database.begin(read_only=True) as work:
        assert work.single_use.is_taken("code", "id-1")
        assert not work.single_use.is_taken("code", "id-2")
        assert not work.single_use.is_taken("jti", "id-1")


def test_taken_rights_are_forgotten_when_they_expire(database):
    with database.begin() as work:
        work.single_use.take("code", "id-1", expires_at=NOON)
        work.single_use.take("code", "id-2", expires_at=NOON + DAY)
        assert work.single_use.forget_expired(NOON) == 1
        assert not work.single_use.take("code", "id-2", expires_at=NOON + DAY)
