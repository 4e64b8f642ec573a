"""What is kept beside an address is opened by the address alone."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from idp.adapters.vault import AesVault
from idp.services.forms.kept_aside import KeptAside
from idp.store.database import Database
from tests.fakes import FixedClock, PlainVault

NAME, TEXT, MINUTE = "the-name-in-an-address", "a form with a password", timedelta(minutes=1)
VAULT = AesVault([("k1", b"k" * 32)], b"i" * 32)


@pytest.fixture
def clock():
    return FixedClock()


@pytest.fixture
def rows(migrated_sqlite_url):
    """What a copy of the store holds: each key with its text."""

    def read() -> dict[str, str]:
        with closing(sqlite3.connect(migrated_sqlite_url.removeprefix("sqlite:///"))) as connection:
            return dict(connection.execute("select key, value from ephemeral"))

    return read


@pytest.fixture
def aside(migrated_sqlite_url, clock):
    database = Database(migrated_sqlite_url, PlainVault())
    kept = KeptAside(VAULT, database.ephemeral(clock), "held")
    kept.put(NAME, TEXT, ttl=MINUTE)
    yield kept
    database.close()


def test_it_is_found_by_its_name(aside):
    assert aside.find(NAME) == TEXT


def test_another_name_finds_nothing(aside):
    assert aside.find("another") is None


def test_it_is_gone_after_its_time(aside, clock):
    clock.move(MINUTE)
    assert aside.find(NAME) is None


def test_what_is_put_later_is_what_is_found(aside):
    aside.put(NAME, "another text", ttl=MINUTE)
    assert aside.find(NAME) == "another text"


def test_a_copy_of_the_store_does_not_tell_the_name(aside, rows):
    assert NAME not in repr(rows())


def test_a_copy_of_the_store_opens_nothing_even_with_the_keys_of_the_hub(aside, rows):
    [(key, sealed)] = rows().items()
    tried = [key, key.partition(":")[2], sealed, ""]
    assert [aside.find(name) for name in tried] == [None] * len(tried)
