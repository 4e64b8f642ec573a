"""Invitations to register a client, as rows."""

from datetime import timedelta

from tests.factories import invitation
from tests.fakes import NOON

SECOND = timedelta(seconds=1)
LATER = NOON + timedelta(days=1)
USABLE = invitation(created_at=NOON, expires_at=LATER, uses_left=2)


def test_an_invitation_is_found_by_its_digest(database):
    with database.begin() as work:
        work.invitations.add(USABLE)
        assert work.invitations.find(USABLE.digest, NOON) == USABLE
        assert work.invitations.find("another", NOON) is None


def test_an_expired_one_is_not_found(database):
    with database.begin() as work:
        work.invitations.add(USABLE)
        assert work.invitations.find(USABLE.digest, LATER - SECOND)
        assert work.invitations.find(USABLE.digest, LATER) is None


def test_it_is_taken_as_often_as_it_may_be_used(database):
    with database.begin() as work:
        work.invitations.add(USABLE)
        assert [work.invitations.take(USABLE.id) for _ in range(3)] == [True, True, False]
        assert work.invitations.find(USABLE.digest, NOON) is None


def test_the_newest_is_listed_first(database):
    older = invitation("b", created_at=NOON - SECOND)
    with database.begin() as work:
        work.invitations.add(older)
        work.invitations.add(USABLE)
        assert [one.id for one in work.invitations.list()] == [USABLE.id, "b"]


def test_a_removed_one_is_gone(database):
    with database.begin() as work:
        work.invitations.add(USABLE)
        assert work.invitations.remove(USABLE.id)
        assert not work.invitations.remove(USABLE.id)
        assert work.invitations.find(USABLE.digest, NOON) is None
