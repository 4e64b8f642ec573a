"""The oldest entries of the audit can be cut off, and what is left still verifies."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from idp.ports import AuditEntry, AuditHead, BrokenChain
from idp.store.sql.retention_tables import audit_cuts
from idp.store.upkeep.audit_tables import audit
from tests.fakes import NOON

DAY = timedelta(days=1)
ENTRY = AuditEntry(at=NOON, actor="hub", action="acted", subject="something")


@pytest.fixture
def filled(database):
    """Five entries, one a day."""
    for day in range(5):
        with database.begin() as work:
            work.audit.add(replace(ENTRY, at=NOON + day * DAY))
    return database


def cut(database, before, limit=1000):
    with database.begin() as work:
        return work.audit.cut(before, limit)


def links(database):
    with database.begin() as work:
        return list(work.audit.links())


def test_old_entries_go_and_the_others_follow_each_other(filled):
    assert cut(filled, NOON + 3 * DAY) == 3
    assert [(link.id, link.fits) for link in links(filled)] == [(4, True), (5, True)]


def test_the_audit_goes_on_after_a_cut(filled):
    cut(filled, NOON + 9 * DAY)
    with filled.begin() as work:
        work.audit.add(ENTRY)
    assert [(link.id, link.fits) for link in links(filled)] == [(6, True)]


def test_a_cut_takes_one_batch(filled):
    assert [cut(filled, NOON + 4 * DAY, 3) for _ in range(3)] == [3, 4, 0]


def test_where_the_audit_begins_is_known(filled):
    chain = links(filled)[1].chain
    cut(filled, NOON + 2 * DAY)
    with filled.begin(read_only=True) as work:
        assert work.audit.beginning() == AuditHead(2, chain)


def change(database, statement):
    with database._transactions.begin() as connection:
        connection.execute(statement)


def test_more_entries_than_were_cut_by_right_are_missed(filled):
    cut(filled, NOON + 2 * DAY)
    change(filled, delete(audit).where(audit.c.id == 3))
    assert next((link.id, link.fits, link.missing) for link in links(filled)) == (4, False, 1)


def test_a_beginning_that_was_moved_is_found(filled):
    cut(filled, NOON + 2 * DAY)
    change(filled, update(audit_cuts).values(number=3))
    with filled.begin(read_only=True) as work:
        assert work.audit.beginning() is None


def test_a_lost_note_of_the_cut_is_found(filled):
    cut(filled, NOON + 2 * DAY)
    change(filled, delete(audit_cuts))
    assert next((link.id, link.fits) for link in links(filled)) == (3, False)


@pytest.mark.parametrize("damage", [{"actor": "nobody"}, {"at": NOON - DAY}])
def test_a_break_is_never_cut_off(filled, damage):
    change(filled, update(audit).where(audit.c.id == 2).values(**damage))
    with pytest.raises(BrokenChain):
        cut(filled, NOON + 9 * DAY)
    assert len(links(filled)) == 5
