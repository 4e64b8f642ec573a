"""Statements that the driver runs: the same rows, values and errors as through SQLAlchemy."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Connection, Engine, bindparam, event, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from idp.store.sql.engines import READING, build_engines
from idp.store.sql.prepared import Prepared
from idp.store.sql.tables import grants, once
from idp.store.sql.transactions import Transactions
from tests.fakes import NOON

ADD = Prepared(
    lambda _: insert(once).values(
        kind="code", digest=bindparam("digest"), expires_at=bindparam("expires_at")
    )
)
FIND = Prepared(
    lambda _: select(once.c.digest, once.c.expires_at).where(
        once.c.kind == "code", once.c.digest == bindparam("digest")
    )
)


class Broken(Exception):
    pass


@pytest.fixture
def transactions(migrated_url: str) -> Iterator[Transactions]:
    engines = build_engines(migrated_url, pool_wait=timedelta(seconds=1))
    opened = Transactions(engines[None], engines[READING])
    yield opened
    opened.close()


@pytest.fixture
def connection(transactions: Transactions) -> Iterator[Connection]:
    with transactions.begin() as opened:
        yield opened


def test_a_row_comes_back_by_the_names_of_its_columns(connection):
    ADD.run(connection, digest="a", expires_at=NOON)

    assert FIND.first(connection, digest="a") == {"digest": "a", "expires_at": NOON}


def test_without_a_row_there_is_none(connection):
    assert FIND.first(connection, digest="a") is None


def test_a_time_of_another_zone_is_stored_in_utc(connection):
    tehran = timezone(timedelta(hours=3, minutes=30))
    ADD.run(connection, digest="a", expires_at=NOON.astimezone(tehran))

    assert FIND.first(connection, digest="a")["expires_at"].tzinfo is UTC


def test_a_naive_time_is_refused(connection):
    with pytest.raises(ValueError, match="naive"):
        ADD.run(connection, digest="a", expires_at=datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_missing_value_is_an_error(connection):
    with pytest.raises(KeyError, match="expires_at"):
        ADD.run(connection, digest="a")


def test_a_json_column_holds_what_was_put_in(connection):
    columns = {column.name: bindparam(column.name) for column in grants.columns}
    row = dict.fromkeys(columns) | {
        **{name: name for name in ("id", "client_id", "account_id", "session_id", "acr")},
        "account_epoch": 0,
        "offline": False,
        "scopes": ["openid"],
        "amr": [],
        "resources": [],
        "requested_claims": {"userinfo": {"name": None}},
        **dict.fromkeys(("auth_time", "created_at", "expires_at"), NOON),
    }
    Prepared(lambda _: insert(grants).values(columns)).run(connection, **row)

    found = Prepared(lambda _: select(grants)).first(connection)

    assert found == row


def test_the_number_of_changed_rows_comes_back(connection):
    for digest in "ab":
        ADD.run(connection, digest=digest, expires_at=NOON)

    later = Prepared(lambda _: update(once).values(expires_at=bindparam("now")))

    assert later.run(connection, now=NOON) == 2


def test_a_statement_whose_text_depends_on_its_values_is_refused(connection):
    listed = Prepared(
        lambda _: select(once.c.digest).where(once.c.digest.in_(bindparam("every", expanding=True)))
    )

    with pytest.raises(ValueError, match="may not depend"):
        listed.all(connection, every=["a"])


def test_statements_of_both_ways_share_a_transaction(connection):
    ADD.run(connection, digest="a", expires_at=NOON)

    assert connection.scalar(select(func.count()).select_from(once)) == 1


def test_a_rolled_back_row_is_gone(transactions):
    with suppress(Broken), transactions.begin() as connection:
        ADD.run(connection, digest="a", expires_at=NOON)
        raise Broken
    with transactions.begin(read_only=True) as connection:
        assert FIND.first(connection, digest="a") is None


def test_a_broken_constraint_is_sqlalchemys_error(connection):
    ADD.run(connection, digest="a", expires_at=NOON)

    with pytest.raises(IntegrityError):
        ADD.run(connection, digest="a", expires_at=NOON)


def test_an_error_names_the_statement_without_its_values(connection):
    ADD.run(connection, digest="personal", expires_at=NOON)

    with pytest.raises(IntegrityError) as failed:
        ADD.run(connection, digest="personal", expires_at=NOON)

    assert "INSERT INTO once" in str(failed.value)
    assert failed.value.params is None


def test_a_reading_connection_cannot_write(transactions):
    with pytest.raises(DBAPIError), transactions.begin(read_only=True) as connection:
        ADD.run(connection, digest="a", expires_at=NOON)


def test_a_reader_sees_what_is_committed_between_two_looks(transactions):
    with transactions.begin(read_only=True) as reader:
        assert FIND.first(reader, digest="a") is None
        with transactions.begin() as writer:
            ADD.run(writer, digest="a", expires_at=NOON)
        assert FIND.first(reader, digest="a") is not None


def test_a_reading_block_may_mix_both_ways(transactions):
    with transactions.begin(read_only=True) as reader:
        assert reader.scalar(text("SELECT 1")) == 1
        assert FIND.first(reader, digest="a") is None
        assert reader.scalar(text("SELECT 1")) == 1


@pytest.mark.parametrize("name", ["before_cursor_execute", "after_cursor_execute"])
def test_who_listens_to_sqlalchemys_statements_hears_of_these_too(connection, name):
    heard = []

    def note(_connection, _cursor, statement, *_rest):
        heard.append(statement)

    event.listen(Engine, name, note)
    FIND.first(connection, digest="a")
    event.remove(Engine, name, note)

    assert [" ".join(one.split())[:23] for one in heard] == ["SELECT once.digest, onc"]
