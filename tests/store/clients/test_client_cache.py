"""Clients in memory: an own change counts at once, another process's within a second."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from idp.domain.clients.client import ClientState
from idp.store.clients.client_cache import LOOK_EVERY, ClientCache
from idp.store.database import Database
from idp.store.sql.engines import READING, build_engines
from idp.store.sql.transactions import Transactions
from tests.factories import client

SUSPENDED = replace(client(), state=ClientState.SUSPENDED, version=client().version + 1)


class Broken(Exception):
    pass


class Seconds:
    """A clock that never goes back."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def elsewhere(migrated_url: str, seconds: Seconds) -> Iterator[ClientCache]:
    """The cache of another process."""
    engines = build_engines(migrated_url, pool_wait=timedelta(seconds=1))
    transactions = Transactions(engines[None], engines[READING])
    yield ClientCache(transactions, seconds)
    transactions.close()


def register(database: Database) -> None:
    with database.begin() as work:
        work.clients.add(client())


def suspend(database: Database) -> None:
    with database.begin() as work:
        work.clients.save(SUSPENDED)


def test_a_client_is_found(database):
    register(database)

    assert database.clients.find("portal") == client()


def test_a_change_by_this_process_counts_at_once(database):
    register(database)
    database.clients.find("portal")
    suspend(database)

    assert database.clients.find("portal") == SUSPENDED


def test_a_removal_by_this_process_counts_at_once(database):
    register(database)
    database.clients.find("portal")
    with database.begin() as work:
        work.clients.remove("portal")

    assert database.clients.find("portal") is None


def test_a_change_that_is_rolled_back_counts_never(database):
    register(database)
    with suppress(Broken), database.begin() as work:
        work.clients.save(SUSPENDED)
        raise Broken

    assert database.clients.find("portal") == client()


def test_a_suspension_by_another_process_is_seen_within_five_seconds(database, elsewhere, seconds):
    register(database)
    elsewhere.find("portal")
    suspend(database)
    seconds.now += 5

    assert elsewhere.find("portal") == SUSPENDED


def test_between_two_looks_a_client_costs_no_statement(database, elsewhere, seconds):
    register(database)
    elsewhere.find("portal")
    suspend(database)
    seconds.now += LOOK_EVERY.total_seconds() / 2

    assert elsewhere.find("portal") == client()


def test_a_client_that_was_unknown_is_found_once_it_is_registered(database, elsewhere):
    assert elsewhere.find("portal") is None
    register(database)

    assert elsewhere.find("portal") == client()


def test_the_list_of_clients_is_seen_anew_after_a_change(database):
    assert database.clients.all() == []
    register(database)

    assert database.clients.all() == [client()]


def test_a_process_without_clients_lists_none(elsewhere):
    assert elsewhere.all() == []
