import os
from contextlib import suppress
from datetime import timedelta

import pytest
from flask import Flask, current_app
from sqlalchemy.exc import DBAPIError

from idp.ports import DatabaseUnavailable
from idp.store.database import Database
from idp.store.sql.extension import session_scope
from tests.factories import account, case, client, grant, job, session
from tests.fakes import NOON, PlainVault


class Broken(Exception):
    pass


def test_a_failed_transaction_leaves_nothing(database):
    with suppress(Broken), database.begin() as work:
        work.accounts.add(account())
        work.cases.add(case())
        work.sessions.add(session(), "token-1")
        work.grants.add(grant())
        work.outbox.put(job())
        work.counters.take("key", limit=1, per=timedelta(hours=1), now=NOON)
        raise Broken
    with database.begin() as work:
        assert work.accounts.find("account-1") is None
        assert work.cases.find("case-1") is None
        assert work.sessions.find("session-1") is None
        assert work.grants.find("grant-1") is None
        assert work.outbox.waiting() == 0
        assert work.counters.take("key", limit=1, per=timedelta(hours=1), now=NOON).allowed


def test_a_session_whose_closing_failed_is_not_used_again(database):
    """The thread keeps its session: what is left open in it would break every transaction after."""
    with suppress(Broken), session_scope() as kept:
        kept.begin()
        kept.close = fail
    with database.begin() as work:
        work.accounts.add(account())
    with database.begin(read_only=True) as work:
        assert work.accounts.find("account-1") is not None


def fail():
    raise Broken


def test_a_read_only_transaction_cannot_write(database):
    with pytest.raises(DBAPIError), database.begin(read_only=True) as work:
        work.clients.add(client())


def test_writing_goes_on_after_a_read_only_transaction(database):
    for read_only in (True, False, True, False):
        with database.begin(read_only=read_only) as work:
            if not read_only:
                work.clients.add(client())
            assert work.clients.find("another") is None


def test_a_database_that_has_no_free_connection_is_away(migrated_url):
    narrow = Database(migrated_url, PlainVault(), pool_size=1, pool_wait=timedelta(milliseconds=10))
    with narrow.begin(read_only=True) as work:
        work.clients.list()
        with pytest.raises(DatabaseUnavailable):
            narrow.check()
    narrow.check()
    narrow.close()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://postgres@/nothing?host=/nowhere",
        "postgresql://postgres@127.0.0.1:1/nothing",
        "sqlite:////nowhere/nothing.sqlite3",
    ],
)
def test_a_database_that_cannot_be_reached_is_away(url):
    absent = Database(url, PlainVault())
    with pytest.raises(DatabaseUnavailable):
        absent.check()
    absent.close()


def test_a_locked_account_waits_for_nobody_but_its_own_transaction(database):
    with database.begin() as work:
        work.accounts.add(account())
        assert work.accounts.lock("account-1") == account()
    with database.begin() as work:
        assert work.accounts.lock("account-1") == account()


def test_a_transaction_sees_nothing_of_another_in_its_thread(database):
    with database.begin() as work:
        work.clients.add(client())
        with database.begin(read_only=True) as other:
            assert other.clients.list() == []
        assert work.clients.list() == [client()]


def test_a_database_that_is_opened_in_a_transaction_leaves_it_alone(database, migrated_url):
    with database.begin() as work:
        work.clients.add(client())
        Database(migrated_url, PlainVault()).close()
        assert work.clients.list() == [client()]


def test_a_page_keeps_its_application_in_a_transaction(database):
    app = Flask("pages")
    with app.app_context(), database.begin(read_only=True) as work:
        assert work.clients.list() == []
        assert current_app == app


def test_an_application_context_that_ends_ends_no_transaction(database):
    with database.begin() as work:
        with Flask("pages").app_context():
            work.clients.add(client())
        assert work.clients.list() == [client()]


def test_a_relative_path_of_sqlite_is_one_below_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    opened = Database("sqlite:///hub.sqlite3", PlainVault())
    opened.check()
    opened.close()
    assert (tmp_path / "hub.sqlite3").is_file()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_sqlite_in_memory_is_refused(url):
    with pytest.raises(ValueError, match="in memory"):
        Database(url, PlainVault())


def test_a_forked_process_opens_connections_of_its_own(database):
    database.check()
    child = os.fork()
    if child == 0:
        with suppress(DatabaseUnavailable):
            database.forget_connections()
            database.check()
            os._exit(0)
        os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    database.check()
