"""Sizes of tables come from the database's own books."""

from idp.store.sql.tables import metadata
from tests.factories import session
from tests.fakes import NOON


def sizes(database):
    return {one.table: one for one in database.table_sizes()}


def test_every_table_is_there_with_its_bytes(database):
    with database.begin() as work:
        work.sessions.add(session(), "token")
    found = sizes(database)
    assert set(found) == set(metadata.tables)
    assert found["sessions"].bytes > 0
    assert found["sessions"].index_bytes > 0


def test_the_oldest_row_is_known_by_its_time(database):
    with database.begin() as work:
        work.sessions.add(session(created_at=NOON), "token")
    assert sizes(database)["sessions"].oldest == NOON


def test_the_largest_comes_first(database):
    found = [(one.bytes or 0) + (one.index_bytes or 0) for one in database.table_sizes()]
    assert found == sorted(found, reverse=True)


def test_sqlite_without_its_statistics_says_no_bytes(migrated_sqlite_url, monkeypatch):
    from sqlalchemy import text  # noqa: PLC0415

    from idp.store.database import Database  # noqa: PLC0415
    from idp.store.upkeep import sizes as module  # noqa: PLC0415
    from tests.fakes import PlainVault  # noqa: PLC0415

    monkeypatch.setattr(module, "_SQLITE", text("SELECT * FROM no_such_table"))
    database = Database(migrated_sqlite_url, PlainVault())
    found = sizes(database)["sessions"]
    database.close()
    assert (found.rows, found.bytes, found.index_bytes) == (0, None, None)
