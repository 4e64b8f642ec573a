"""How PostgreSQL is reached: by one thread at a time while it is away, and for a bounded time."""

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from idp.ports import DatabaseUnavailable
from idp.store.sql import postgresql
from idp.store.sql.engines import READING, build_engines
from idp.store.sql.postgresql import Gate, network
from idp.store.sql.transactions import Transactions


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


class Server:
    """What is connected to: ``tries`` grows; away while ``is_away``, which takes ``seconds``."""

    tries, is_away = 0, True

    def __init__(self, clock: Clock | None = None, seconds: float = 0) -> None:
        self.clock, self.seconds = clock or Clock(), seconds

    def connect(self) -> str:
        self.tries += 1
        self.clock.now += self.seconds
        if self.is_away:
            raise psycopg.OperationalError("refused")
        return "connected"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gate(clock: Clock) -> Gate:
    return Gate(clock)


def tried(gate: Gate, server: Server) -> bool:
    """Return whether the server was asked."""
    before = server.tries
    with pytest.raises(psycopg.OperationalError):
        gate.connect(server.connect)
    return server.tries > before


@pytest.mark.parametrize(("took", "rest"), [(0, 0.02), (0.001, 0.02), (0.25, 0.25), (2, 0.5)])
def test_after_a_failure_nobody_tries_for_as_long_as_it_took(gate, clock, took, rest):
    server = Server(clock, took)
    assert tried(gate, server)
    clock.now += rest * 0.75
    assert not tried(gate, server)
    clock.now += rest * 0.25
    assert [tried(gate, server) for _ in range(3)] == [True, False, False]


def test_while_one_thread_tries_the_others_are_refused_at_once(gate: Gate, clock: Clock):
    server, meanwhile = Server(), []
    tried(gate, server)
    clock.now += postgresql.REST.total_seconds()

    def slowly() -> str:
        meanwhile.append(tried(gate, Server()))
        raise psycopg.OperationalError("no answer")

    with pytest.raises(psycopg.OperationalError):
        gate.connect(slowly)
    assert meanwhile == [False]


def test_a_server_that_is_back_is_open_to_all(gate: Gate, clock: Clock):
    server = Server()
    tried(gate, server)
    server.is_away, clock.now = False, clock.now + postgresql.REST.total_seconds()
    assert [gate.connect(server.connect) for _ in range(3)] == ["connected"] * 3


def test_a_try_that_fails_after_another_has_succeeded_shuts_nobody_out(gate: Gate, clock: Clock):
    """It began while the server was away, and waited for its time-out since."""
    server = Server()

    def slowly() -> str:
        server.is_away, clock.now = False, clock.now + 1
        assert gate.connect(server.connect) == "connected"
        raise psycopg.OperationalError("no answer")

    with pytest.raises(psycopg.OperationalError):
        gate.connect(slowly)
    assert gate.connect(server.connect) == "connected"


@pytest.mark.parametrize(
    ("query", "only_reads", "wanted"),
    [
        ({}, False, "read-write"),
        ({}, True, "primary"),
        ({"target_session_attrs": "any"}, True, "any"),
    ],
)
def test_of_several_hosts_the_one_that_takes_writes_is_used(query, only_reads, wanted):
    assert network(query, only_reads=only_reads)["target_session_attrs"] == wanted


def test_what_the_address_says_of_the_network_counts_first():
    assert "connect_timeout" not in network({"connect_timeout": "10"}, only_reads=False)


@pytest.fixture
def transactions(emptied_postgres_url: str, monkeypatch) -> Iterator[Transactions]:
    """The database, of which an answer is expected within half a second."""
    monkeypatch.setattr(postgresql, "ANSWER_TIMEOUT", timedelta(seconds=0.5))
    engines = build_engines(emptied_postgres_url, pool_size=1, pool_wait=timedelta(seconds=1))
    opened = Transactions(engines[None], engines[READING])
    yield opened
    opened.close()


def ask(transactions: Transactions, statement: str) -> object:
    with transactions.begin(read_only=True) as connection:
        return connection.execute(text(statement)).scalar()


def test_an_answer_that_does_not_come_is_an_unavailable_database(transactions):
    with pytest.raises(DatabaseUnavailable):
        ask(transactions, "SELECT pg_sleep(2)")


def test_a_late_answer_is_nobody_elses(transactions):
    with pytest.raises(DatabaseUnavailable):
        ask(transactions, "SELECT 4 FROM pg_sleep(1)")
    assert ask(transactions, "SELECT 5") == 5


def test_a_refused_statement_keeps_its_connection(transactions):
    server_process = ask(transactions, "SELECT pg_backend_pid()")
    with pytest.raises(DBAPIError):
        ask(transactions, "SELECT nothing")
    assert ask(transactions, "SELECT pg_backend_pid()") == server_process
