"""What administrators read of a client's refused requests."""

from datetime import timedelta

import pytest

from idp.domain.clients.refusal import KEEP_REFUSALS
from idp.services.clients.manage_clients import UnknownClient
from idp.services.clients.read_refusals import ReadRefusals
from idp.store.database import Database
from tests import fakes
from tests.factories import client, put_client, refusal
from tests.fakes import FixedClock, PlainVault


@pytest.fixture
def clock():
    return FixedClock()


@pytest.fixture
def database(migrated_sqlite_url):
    opened = Database(migrated_sqlite_url, PlainVault())
    yield opened
    opened.close()


@pytest.fixture
def read(database, clock):
    return ReadRefusals(fakes.kernel(database.begin, clock))


def test_the_lines_of_a_client_are_read(database, read):
    database.write_refusals([refusal()])
    assert read.of("portal") == [refusal()]


def test_a_client_without_refusals_has_an_empty_log(database, read):
    with database.begin() as work:
        put_client(work, client("portal"))
    assert read.of("portal") == []


def test_an_unknown_client_has_none(read):
    with pytest.raises(UnknownClient):
        read.of("nobody")


def test_lines_of_more_than_a_week_are_not_shown_even_before_they_are_deleted(
    database, clock, read
):
    with database.begin() as work:
        put_client(work, client("portal"))
    database.write_refusals([refusal()])
    clock.move(KEEP_REFUSALS)
    assert read.of("portal")
    clock.move(timedelta(seconds=1))
    assert read.of("portal") == []
