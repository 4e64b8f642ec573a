"""What a sign-in by password writes, by one statement on PostgreSQL and in steps on SQLite."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from idp.domain.people.account import AccountState
from idp.ports import Entrance, Settlement
from idp.store.database import Database
from tests.factories import account, known_device, session
from tests.fakes import NOON, PlainVault

MINUTE = timedelta(minutes=1)
UNCOUNTED = Settlement(given_back="mark")


@pytest.fixture
def database(database):
    with database.begin() as work:
        work.accounts.add(account())
        for key in ("mark", "tries"):
            work.counters.take(key, limit=9, per=MINUTE, now=NOON)
    return database


def entrance(*, is_new_device=True, settlement=UNCOUNTED):
    return Entrance(
        session=session(),
        token="token-1",
        device=known_device(turn=1),
        is_new_device=is_new_device,
        settlement=settlement,
    )


def enter(database, **changes):
    with database.begin() as work:
        return work.entrances.enter(entrance(**changes))


def written(database):
    with database.begin(read_only=True) as work:
        counts = work.counters.counts(["mark", "tries"], NOON)
        return work.sessions.find("session-1"), work.devices.of_account("account-1"), counts


def change(database, **changes):
    with database.begin() as work:
        work.accounts.save(replace(account(), **changes))


def test_session_and_device_are_written_and_the_try_is_given_back(database):
    assert enter(database)
    assert written(database) == (
        session(),
        [known_device(turn=1)],
        {"mark": 0, "tries": 1},
    )


def test_the_session_is_found_by_its_token(database):
    enter(database)
    with database.begin(read_only=True) as work:
        found, _ = work.sessions.find_with_account("token-1")
    assert found == session()


def test_an_owners_tries_are_cleared(database):
    enter(database, settlement=Settlement(cleared="tries"))
    assert written(database)[2] == {"mark": 1}


def test_a_known_device_is_replaced(database):
    with database.begin() as work:
        work.devices.save(known_device())
    enter(database, is_new_device=False)
    assert written(database)[1] == [known_device(turn=1)]


def test_a_device_that_was_forgotten_meanwhile_stays_forgotten(database):
    assert enter(database, is_new_device=False)
    assert written(database)[1] == []


@pytest.mark.parametrize("changes", [{"epoch": 1}, {"state": AccountState.SUSPENDED}])
def test_nothing_is_written_for_an_account_that_has_changed(database, changes):
    change(database, **changes)
    assert not enter(database)
    assert written(database) == (None, [], {"mark": 1, "tries": 1})


def test_an_entrance_waits_for_a_change_under_way(migrated_postgres_url):
    """PostgreSQL only: on SQLite whoever writes holds the whole database."""
    database = Database(migrated_postgres_url, PlainVault())
    with database.begin() as work:
        work.accounts.add(account())
    entered = []
    late = threading.Thread(target=lambda: entered.append(enter(database)))
    with database.begin() as work:
        work.accounts.save(replace(work.accounts.lock("account-1"), epoch=1))
        late.start()
        late.join(0.3)
        assert late.is_alive()
    late.join()

    assert entered == [False]
    database.close()
