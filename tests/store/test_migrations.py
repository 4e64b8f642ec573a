import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from idp.store import migrate
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


def test_a_start_loads_no_alembic():
    loaded = "import sys, idp.app; raise SystemExit('alembic' in sys.modules)"
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
