"""Invitations to register a client, on the embedded database."""

from datetime import timedelta

import pytest

from idp.services.clients.invite_clients import InviteClients, UnknownInvitation
from idp.store.database import Database
from tests import fakes
from tests.fakes import NOON, FixedClock, PlainVault

WEEK = timedelta(days=7)


@pytest.fixture
def database(migrated_sqlite_url):
    opened = Database(migrated_sqlite_url, PlainVault())
    yield opened
    opened.close()


@pytest.fixture
def invitations(database):
    return InviteClients(kernel=fakes.kernel(database.begin, FixedClock()))


@pytest.fixture
def invited(invitations):
    return invitations.invite("clinic portal", lasts=WEEK, uses=2, officer="o-17")


def audit_of(database, subject):
    with database.begin(read_only=True) as work:
        entries = work.audit.tail(subject=subject)
    return [(one.actor, one.action, dict(one.details)) for one in entries]


def test_an_invitation_says_for_whom_and_how_long_it_is(invited, invitations):
    (kept,) = invitations.list()

    assert kept == invited.invitation
    assert (kept.invited, kept.uses_left, kept.expires_at) == ("clinic portal", 2, NOON + WEEK)


def test_its_token_is_shown_once(invited, invitations):
    assert invited.token
    assert invited.token not in repr(invitations.list()) + repr(invited)


def test_inviting_is_audited(database, invited):
    assert audit_of(database, invited.invitation.id) == [
        ("o-17", "invitation.made", {"invited": "clinic portal"})
    ]


def test_one_that_is_taken_back_is_gone(invited, invitations):
    invitations.take_back(invited.invitation.id, officer="o-18")

    assert invitations.list() == []


def test_taking_back_is_audited(database, invited, invitations):
    invitations.take_back(invited.invitation.id, officer="o-18")

    told = [(actor, action) for actor, action, _ in audit_of(database, invited.invitation.id)]
    assert ("o-18", "invitation.taken_back") in told


def test_an_unknown_one_cannot_be_taken_back(invitations):
    with pytest.raises(UnknownInvitation):
        invitations.take_back("nothing", officer="o-18")
