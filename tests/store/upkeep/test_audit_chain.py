"""Entries of the audit chain each other, so that tampering is found (ASVS 16.4.2)."""

import threading
import time
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text

from idp.ports import AuditEntry, AuditHead, DatabaseUnavailable
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


def test_a_writer_who_vanishes_holds_the_turn_for_seconds(migrated_postgres_url):  # F29
    """Else nobody signs in until PostgreSQL notices that the machine behind the line is gone."""
    vanished, other = (Database(migrated_postgres_url, PlainVault()) for _ in range(2))
    with suppress(DatabaseUnavailable), vanished.begin() as work:
        work.audit.add(entry(1))
        work.audit.finish()
        began = time.monotonic()
        while time.monotonic() - began < 10:
            with suppress(DatabaseUnavailable):
                write(other, 2)
                break
        waited = time.monotonic() - began
    vanished.close()
    other.close()

    assert waited < 6


def test_entries_follow_each_other(written):
    with written.begin(read_only=True) as work:
        links = list(work.audit.links())

    assert [link.entry for link in links] == [entry(number) for number in range(1, 6)]
    assert all(link.fits for link in links)


def test_an_empty_audit_has_no_head(database):
    with database.begin(read_only=True) as work:
        assert work.audit.head() == AuditHead(0, "")


def test_the_head_is_the_newest_entrys(written):
    with written.begin(read_only=True) as work:
        newest = list(work.audit.links())[-1]
        assert work.audit.head() == AuditHead(newest.id, newest.chain)


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
    copied = f"INSERT INTO audit (id, {columns}) SELECT 6, {columns} FROM audit WHERE id = 2"
    tamper(migrated_url, copied)

    assert broken(written) == [6]


def missing(database):
    with database.begin(read_only=True) as work:
        return {link.id: link.missing for link in work.audit.links() if link.missing}


def test_what_was_removed_is_counted_by_its_numbers(written, migrated_url):
    tamper(migrated_url, "DELETE FROM audit WHERE id IN (2, 3)")

    assert missing(written) == {4: 2}


def test_what_was_cut_off_is_found_by_the_note_of_the_head(written, migrated_url):
    tamper(migrated_url, "DELETE FROM audit WHERE id > 3")

    with written.begin(read_only=True) as work:
        assert (work.audit.head().number, list(work.audit.links())[-1].id) == (5, 3)


def test_what_was_cut_off_is_found_when_the_hub_has_written_on(written, migrated_url):
    tamper(migrated_url, "DELETE FROM audit WHERE id > 3")
    write(written, 6)

    assert (broken(written), missing(written)) == ([6], {6: 2})


@pytest.mark.parametrize(
    "harm",
    [
        "DELETE FROM audit_heads",
        "UPDATE audit_heads SET number = 3",
        "UPDATE audit_heads SET number = 3, chain = (SELECT chain FROM audit WHERE id = 3)",
    ],
)
@pytest.mark.parametrize("cut", ["DELETE FROM audit WHERE id > 3", "SELECT 1"])
def test_a_note_that_was_changed_is_lost_and_found_for_ever(written, migrated_url, harm, cut):
    tamper(migrated_url, harm)
    tamper(migrated_url, cut)
    with written.begin(read_only=True) as work:
        assert work.audit.head() is None
    write(written, 6, 7)

    assert len(broken(written)) == 1


def test_an_end_that_was_put_back_with_its_note_is_followed_by_nothing(written, migrated_url):
    engine = create_engine(migrated_url)
    with engine.begin() as connection:
        kept = connection.execute(text("SELECT number, chain, seal FROM audit_heads")).one()
    write(written, 6)
    with engine.begin() as connection:
        put_back = "UPDATE audit_heads SET number = :number, chain = :chain, seal = :seal"
        connection.execute(text(put_back), kept._asdict())
    engine.dispose()
    write(written, 7)

    assert broken(written) == [7]


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


def write_at_the_same_time(database):
    threads = [
        threading.Thread(target=lambda at: [write(database, at, at) for _ in range(5)], args=(n,))
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_acts_at_the_same_time_make_one_chain(database):
    write_at_the_same_time(database)

    assert broken(database) == []
    with database.begin(read_only=True) as work:
        assert len(list(work.audit.links())) == 40


def test_acts_at_the_same_time_break_a_chain_without_a_note_once(written, migrated_url):
    tamper(migrated_url, "DELETE FROM audit_heads")

    write_at_the_same_time(written)

    assert broken(written) == [6]
    with written.begin(read_only=True) as work:
        assert len(list(work.audit.links())) == 45


def test_an_act_that_lasts_holds_nobody_up(migrated_postgres_url):
    """PostgreSQL only: on SQLite whoever writes holds the whole database."""
    database = Database(migrated_postgres_url, PlainVault())
    with database.begin() as slow:
        slow.audit.add(entry(1))
        write(database, 2)
    assert broken(database) == []
    database.close()
