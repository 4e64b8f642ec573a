"""Statements are compiled once for all engines of a test process."""

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, select

from tests.compiled_statements import SharedCache

NUMBERS = Table("numbers", MetaData(), Column("number", Integer))


@pytest.fixture
def cache() -> SharedCache:
    return SharedCache()


def run(cache: SharedCache) -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        NUMBERS.create(connection)
        connection.execution_options(compiled_cache=cache)
        connection.execute(select(NUMBERS).where(NUMBERS.c.number == 1)).all()
    engine.dispose()


def test_another_engine_finds_what_one_has_compiled(cache):
    run(cache)
    known = dict(cache)
    run(cache)
    assert dict(cache) == known
    assert len(known) == 1


def test_another_dialect_has_statements_of_its_own(cache):
    sqlite = create_engine("sqlite://").dialect
    cache[sqlite, "statement"] = "compiled"

    class Other:
        name = "postgresql"

    assert (sqlite, "statement") in cache
    assert (Other(), "statement") not in cache


def test_what_was_taken_out_is_gone(cache):
    dialect = create_engine("sqlite://").dialect
    cache[dialect, "statement"] = "compiled"
    del cache[dialect, "statement"]
    assert list(cache) == []
