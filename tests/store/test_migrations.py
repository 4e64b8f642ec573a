import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from idp.store import migrate
from idp.store.online import add_index
from idp.store.sql.tables import metadata


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest) -> str:
    """The SQLAlchemy URL of a database without tables: on SQLite, then on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="module")
def scripts() -> ScriptDirectory:
    """The migrations as Alembic reads them."""
    return ScriptDirectory(str(migrate.MIGRATIONS))


def test_there_is_one_head(scripts):
    assert tuple(scripts.get_heads()) == migrate.heads()
    assert len(migrate.heads()) == 1


def test_the_scripts_are_named_by_their_revisions_in_their_order(scripts):
    walked = [script.revision for script in scripts.walk_revisions()]
    assert tuple(reversed(walked)) == migrate.revisions()


@pytest.mark.parametrize("module", ["alembic", "sqlite3"])
def test_a_start_loads_neither_alembic_nor_a_driver_that_it_may_not_need(module):
    loaded = f"import sys, idp.app; raise SystemExit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loaded], check=False).returncode == 0


def test_an_empty_database_has_no_revision(empty_url):
    assert migrate.current(empty_url) is None


def test_an_empty_database_is_brought_to_the_head(empty_url):
    assert migrate.upgrade(empty_url) == migrate.heads()[0]
    assert migrate.current(empty_url) == migrate.heads()[0]


def test_an_upgrade_twice_changes_nothing(empty_url):
    migrate.upgrade(empty_url)
    assert migrate.upgrade(empty_url) == migrate.heads()[0]


@pytest.mark.parametrize("revision", migrate.revisions())
def test_every_released_revision_reaches_the_head(empty_url, revision):
    assert migrate.upgrade(empty_url, revision) == revision
    assert migrate.upgrade(empty_url) == migrate.heads()[0]


def test_the_migrations_build_what_the_code_expects(migrated_url):
    engine = create_engine(migrated_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, metadata)
    engine.dispose()
    assert differences == []


def test_partial_indexes_are_as_the_code_expects(migrated_url):
    """``compare_metadata`` does not look at the conditions of indexes."""
    engine = create_engine(migrated_url)
    key = f"{engine.name}_where"
    wanted = {
        index.name
        for table in metadata.sorted_tables
        for index in table.indexes
        if index.dialect_options[engine.name]["where"] is not None
    }
    inspector = inspect(engine)
    built = {
        index["name"]
        for table in metadata.sorted_tables
        for index in inspector.get_indexes(table.name)
        if index.get("dialect_options", {}).get(key) is not None
    }
    engine.dispose()
    assert built == wanted


def test_a_broken_migration_leaves_the_database_as_it_was(empty_url):
    engine = create_engine(empty_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE sessions (in_the_way INTEGER)"))
    with pytest.raises(Exception, match="sessions"):
        migrate.upgrade(empty_url)
    tables = inspect(engine).get_table_names()
    engine.dispose()
    assert tables == ["sessions"]


@pytest.fixture
def first_revision(postgres_url: str) -> str:
    """The URL of a PostgreSQL database with the first revision's tables."""
    migrate.upgrade(postgres_url, "0001")
    return postgres_url


@pytest.fixture
def table_in_use(first_revision: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A transaction that reads a table which the next revision changes."""
    with psycopg.connect(first_revision.replace("+psycopg", "")) as connection:
        connection.execute("SELECT 1 FROM cases")
        yield connection


def test_each_revision_is_told_with_what_it_is_for(empty_url):
    told: list[str] = []
    migrate.upgrade(empty_url, tell=told.append)
    assert told[0] == "0001: The first tables."
    assert len(told) == len(migrate.revisions())


def test_a_table_in_use_is_waited_for_without_blocking_it(first_revision, table_in_use):  # F27
    told: list[str] = []
    at = migrate.upgrade(first_revision, tell=told.append, pause=lambda _: table_in_use.rollback())
    assert at == migrate.heads()[0]
    assert told[0] == "a table is in use; try 2 of 60"


def test_a_table_that_stays_in_use_leaves_the_database_as_it_was(
    first_revision, table_in_use, monkeypatch
):
    monkeypatch.setattr(migrate, "LOCK_TRIES", 2)
    with pytest.raises(migrate.TableLocked, match="idp upgrade check"):
        migrate.upgrade(first_revision, pause=lambda _: None)
    assert migrate.current(first_revision) == "0001"


def test_an_upgrade_waits_for_another_one(postgres_url):
    other = psycopg.connect(postgres_url.replace("+psycopg", ""))
    other.execute(f"SELECT pg_advisory_lock({migrate.LOCK})")
    told: list[str] = []
    migrate.upgrade(postgres_url, tell=told.append, pause=lambda _: other.close())
    assert told[0] == "another upgrade is under way"


def test_an_index_is_built_on_a_table_in_use_and_again_after_a_failure(empty_url):
    migrate.upgrade(empty_url)
    engine = create_engine(empty_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"transaction_per_migration": engine.name == "postgresql"}
        )
        with context.begin_transaction(_per_migration=True), Operations.context(context):
            add_index("ix_new", "cases", ["state", "source"])
            if engine.name == "postgresql":
                add_index("ix_new", "cases", ["state", "source"])
    assert "ix_new" in {index["name"] for index in inspect(engine).get_indexes("cases")}
    engine.dispose()
