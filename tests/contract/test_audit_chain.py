"""Entries of the audit chain each other, so that tampering is found (ASVS 16.4.2)."""

import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text

from idp.ports import AuditEntry
from idp.store.database import Database
from tests.fakes import NOON, PlainVault


def entry(number: int) -> AuditEntry:
    at = NOON + timedelta(microseconds=number)
    details = {"reason": f"دلیل {number}"}
    return AuditEntry(at=at, actor="o-17", action="act", subject=f"s-{number}", details=details)


def write(database, *numbers):
    with database.begin() as work:
        for number in numbers:
            work.audit.add(entry(number))


def broken(database):
    with database.begin(read_only=True) as work:
        return [link.id for link in work.audit.links() if not link.fits]


def tamper(url, statement):
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def database(migrated_url):
    opened = Database(migrated_url, PlainVault())
    yield opened
    opened.close()


@pytest.fixture
def written(database):
    """Five entries, of two transactions."""
    write(database, 1, 2, 3)
    write(database, 4, 5)
    return database


def test_entries_follow_each_other(written):
    with written.begin(read_only=True) as work:
        links = list(work.audit.links())

    assert [link.entry for link in links] == [entry(number) for number in range(1, 6)]
    assert all(link.fits for link in links)


def test_an_empty_audit_has_no_head(database):
    with database.begin(read_only=True) as work:
        assert work.audit.head() == ""


def test_the_head_is_the_newest_entrys(written):
    with written.begin(read_only=True) as work:
        assert work.audit.head() == list(work.audit.links())[-1].chain


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'o-18'",
        "action = 'another'",
        "subject = 's-9'",
        """details = '{"reason": "another"}'""",
        "at = '2020-01-01 00:00:00+00:00'",
    ],
)
def test_a_changed_entry_is_found(written, migrated_url, change):
    tamper(migrated_url, f"UPDATE audit SET {change} WHERE id = 3")

    assert broken(written) == [3]


def test_a_removed_entry_is_found_at_the_next(written, migrated_url):
    tamper(migrated_url, "DELETE FROM audit WHERE id = 3")

    assert broken(written) == [4]


def test_a_removed_beginning_is_found(written, migrated_url):
    tamper(migrated_url, "DELETE FROM audit WHERE id < 3")

    assert broken(written) == [3]


def test_an_entry_that_was_put_in_is_found(written, migrated_url):
    columns = "at, actor, action, subject, details, chain"
    copied = f"INSERT INTO audit ({columns}) SELECT {columns} FROM audit WHERE id = 2"
    tamper(migrated_url, copied)

    assert broken(written) == [6]


def test_another_key_makes_another_chain(written, migrated_url):
    class OtherVault(PlainVault):
        def digest(self, value: str, *, purpose: str) -> str:
            return super().digest(f"other{value}", purpose=purpose)

    opened = Database(migrated_url, OtherVault())
    assert broken(opened) == [1, 2, 3, 4, 5]
    opened.close()


def test_an_act_that_is_rolled_back_leaves_no_entry(written):
    with suppress(InterruptedError), written.begin() as work:
        work.audit.add(entry(6))
        raise InterruptedError
    write(written, 7)

    assert broken(written) == []
    with written.begin(read_only=True) as work:
        assert work.audit.tail(1) == [entry(7)]


def test_acts_at_the_same_time_make_one_chain(database):
    threads = [
        threading.Thread(target=lambda at: [write(database, at, at) for _ in range(5)], args=(n,))
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert broken(database) == []
    with database.begin(read_only=True) as work:
        assert len(list(work.audit.links())) == 40


def test_an_act_that_lasts_holds_nobody_up(migrated_postgres_url):
    """PostgreSQL only: on SQLite whoever writes holds the whole database."""
    database = Database(migrated_postgres_url, PlainVault())
    with database.begin() as slow:
        slow.audit.add(entry(1))
        write(database, 2)
    assert broken(database) == []
    database.close()
