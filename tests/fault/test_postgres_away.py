"""PostgreSQL away, frozen, read-only, full or replaced: what answers meanwhile, and what is lost.

One server of PostgreSQL's own for this file, behind a line that can be cut, and one node of the hub
(faults F09 to F12, F29).
"""

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import psycopg
import pytest

from idp.ports import DatabaseUnavailable
from idp.store.database import Database
from idp.store.sql.engines import Engines, build_engines
from idp.store.sql.postgresql import REST
from idp.web.words import messages
from tests.fakes import PlainVault
from tests.fault.nodes import ALIVE, DISCOVERY, JWKS, Answer, Node, node
from tests.migrated import migrated
from tests.performance import load
from tests.performance.hub import House, Place, furnished
from tests.performance.scenarios import (
    Person,
    Provider,
    begin_offline,
    discover,
    introspection,
    sign_in,
    single_sign_on,
)
from tests.performance.visitor import Unexpected
from tests.simulators.line import Line
from tests.simulators.postgres import Cluster, cluster, eventually

pytestmark = pytest.mark.slow

PAGE = "/register"
STRANGER = "grant_type=client_credentials&client_id=nobody&client_secret=none"
FROM_MEMORY = (ALIVE, DISCOVERY, JWKS)
BACK_WITHIN = 2.0
STOPS = {"kill -9": signal.SIGKILL, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
ALL_FAULTS = "IDP_TEST_FAULTS" in os.environ
"""``make faults`` stops PostgreSQL in every way; else it is killed, the hardest to mend."""


@dataclass
class Town:
    """The server, the line to it, the node, and who lives there."""

    server: Cluster
    line: Line
    node: Node
    house: House

    @property
    def provider(self) -> Provider:
        provider = self.house.provider(self.node.origin)
        return provider.at(load.run(self.node.origin, discover(provider.portal)))

    def token(self) -> Answer:
        """Ask the token endpoint as somebody whom nobody knows."""
        return self.node.ask("/oauth2/token", STRANGER)

    def are_well(self) -> bool:
        return self.node.status(PAGE) == 200 and self.token().status == 401

    def warm(self) -> None:
        """Let the node open connections of each kind.

        A try to connect that failed at the end of the fault before keeps others from trying for a
        moment, while the connections that are there serve.
        """
        eventually(self.are_well, "the node is not well")
        time.sleep(REST.total_seconds())
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: self.are_well(), range(8)))

    def statuses(self, count: int = 10) -> list[tuple[int, int]]:
        return [(self.node.status(PAGE), self.token().status) for _ in range(count)]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with cluster() as server:
        server.run("CREATE DATABASE hub")
        line = Line(server.port)
        place = Place(tmp_path_factory.mktemp("node"), migrated(server.url("hub", line.port)), "")
        with furnished(place, people=4) as house, node(place) as running:
            yield Town(server, line, running, house)
        line.close()


@pytest.fixture(autouse=True)
def warm(town: Town) -> None:
    """Let no test meet what the fault of the one before has left."""
    town.warm()


@dataclass
class Outage:
    """What was seen while PostgreSQL was away, and after it had come back."""

    documents: list[Answer]
    page: Answer
    token: Answer
    back_after: float
    after: list[tuple[int, int]] = field(default_factory=list)


@pytest.fixture(scope="module", params=STOPS if ALL_FAULTS else ["kill -9"])
def outage(request: pytest.FixtureRequest, town: Town) -> Outage:
    town.warm()
    town.server.stop(STOPS[request.param])
    documents = [town.node.ask(path) for path in FROM_MEMORY]
    page, token = town.node.ask(PAGE), town.token()
    town.server.start()
    back_after = eventually(town.are_well, "the node does not recover")
    return Outage(documents, page, token, back_after, town.statuses())


def test_health_and_documents_answer_while_it_is_away(outage: Outage):
    assert [answer.status for answer in outage.documents] == [200] * len(FROM_MEMORY)


def test_a_page_asks_in_persian_to_come_back(outage: Outage):
    assert (outage.page.status, outage.page.headers["Retry-After"]) == (503, "5")
    assert messages.text("busy") in outage.page.text


def test_a_program_is_told_in_the_terms_of_oauth(outage: Outage):
    assert (outage.token.status, outage.token.headers["Retry-After"]) == (503, "5")
    assert outage.token.json == {"error": "temporarily_unavailable"}


def test_the_node_recovers_within_two_seconds_of_the_return(outage: Outage):
    assert outage.back_after < BACK_WITHIN


def test_once_it_has_answered_no_request_meets_a_connection_of_before(outage: Outage):
    assert set(outage.after) == {(200, 401)}


def test_a_restart_between_two_requests_fails_none(town: Town):
    town.server.stop()
    town.server.start()
    # A thread of the node may have tried meanwhile, and keeps others from it for as long at most.
    time.sleep(REST.total_seconds())
    assert set(town.statuses()) == {(200, 401)}


def test_a_connection_that_was_ended_between_two_requests_fails_none(town: Town):
    before = town.line.connections
    town.server.run(*(f"SELECT pg_terminate_backend({pid})" for pid in town.server.backends()))
    eventually(lambda: before.isdisjoint(town.line.connections), "a connection has not ended")
    assert set(town.statuses()) == {(200, 401)}


def test_after_the_kill_of_one_backend_the_node_recovers_within_two_seconds(town: Town):
    before = town.server.backends()
    os.kill(before[0], signal.SIGKILL)  # PostgreSQL restarts all of them, once it has seen that
    eventually(lambda: has_replaced(town.server, before), "PostgreSQL did not recover")
    assert eventually(town.are_well, "the node does not recover") < BACK_WITHIN


def has_replaced(server: Cluster, backends: list[int]) -> bool:
    """Return whether the server answers, and none of these processes serves any more."""
    with suppress(psycopg.OperationalError):
        return set(backends).isdisjoint(server.backends())
    return False


@contextmanager
def busy(town: Town, threads: int = 12) -> Iterator[list[Answer]]:
    """Let more visitors than the node has places ask for a page; yield their answers."""
    answers: list[Answer] = []
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            answers.append(town.node.ask(PAGE))
            time.sleep(0.05)

    with ThreadPoolExecutor(threads) as pool:
        for _ in range(threads):
            pool.submit(ask)
        try:
            yield answers
        finally:
            over.set()


@contextmanager
def closing_all(engines: Engines) -> Iterator[None]:
    try:
        yield
    finally:
        for engine in engines.values():
            engine.dispose()


def test_postgresql_ends_what_a_vanished_node_has_left_within_half_a_minute(town: Town):
    """Else its connections would count for two hours (Linux), beside those of its next start."""
    engines = build_engines(town.server.url("hub"), pool_wait=timedelta(seconds=1))
    with closing_all(engines), engines[None].connect() as connection:
        idle, interval, count, unanswered = (
            connection.exec_driver_sql(f"SHOW tcp_{name}").scalar_one()
            for name in (
                "keepalives_idle",
                "keepalives_interval",
                "keepalives_count",
                "user_timeout",
            )
        )
    assert int(idle) + int(interval) * int(count) < 30
    assert int(unanswered) < 30_000


def test_a_server_that_is_silent_keeps_nobody_from_what_needs_none(town: Town):  # F29
    town.line.frozen.set()
    try:
        with busy(town) as answers:
            documents = [town.node.ask(path) for path in FROM_MEMORY]
            eventually(lambda: len(answers) > 20, "nobody was told to come back")
            town.line.frozen.clear()
    finally:
        town.line.frozen.clear()
    assert max(answer.seconds for answer in documents) < 1
    assert {answer.status for answer in answers[:20]} == {503}
    assert eventually(town.are_well, "the node does not recover") < BACK_WITHIN


def test_a_full_pool_is_503_and_health_still_answers(town: Town):  # F12
    with town.server.connect("hub") as lock:
        lock.execute("BEGIN; LOCK TABLE step_ones, ephemeral IN ACCESS EXCLUSIVE MODE")
        with busy(town, 20) as answers:
            eventually(lambda: len(answers) > 20, "nobody was told to come back")
            documents = [town.node.ask(path) for path in FROM_MEMORY]
            lock.execute("ROLLBACK")
    assert max(answer.seconds for answer in documents) < 1
    assert 503 in {answer.status for answer in answers[:20]}
    assert max(answer.seconds for answer in answers) < 10
    assert eventually(town.are_well, "the node does not recover") < BACK_WITHIN


def test_a_locked_row_of_one_citizen_keeps_no_other_waiting(town: Town):  # F12
    provider, one, other = town.provider, town.house.citizen(0), town.house.citizen(1)
    with town.server.connect("hub") as lock, ThreadPoolExecutor(1) as pool:
        lock.execute("BEGIN")
        lock.execute("SELECT 1 FROM accounts WHERE id = 'account-0' FOR UPDATE")
        waiting = pool.submit(load.run, town.node.origin, sign_in(provider, one))
        load.run(town.node.origin, sign_in(provider, other))
        lock.execute("ROLLBACK")
        with suppress(Unexpected):  # it may have been told to come back
            waiting.result()


def test_a_database_that_turned_read_only_gives_no_grant_and_still_shows_its_pages(town: Town):
    provider, person = town.provider, town.house.citizen(2)
    load.run(town.node.origin, sign_in(provider, person))
    set_read_only(town.server, "on")
    try:
        with pytest.raises(Unexpected):
            load.run(town.node.origin, single_sign_on(provider, person))
        load.run(town.node.origin, introspection(provider, person))
        assert [town.node.status(path) for path in (*FROM_MEMORY, PAGE)] == [200] * 4
    finally:
        set_read_only(town.server, "off")
    eventually(lambda: can(town, partial(single_sign_on, provider, person)), "no grant any more")


def set_read_only(server: Cluster, to: str) -> None:
    with server.connect() as administrator:
        administrator.execute("SET default_transaction_read_only = off")
        administrator.execute(f"ALTER SYSTEM SET default_transaction_read_only = {to}")
        administrator.execute("SELECT pg_reload_conf()")
    time.sleep(0.3)  # each server process reads it by itself


def can(town: Town, steps) -> bool:
    with suppress(Unexpected, OSError):
        load.run(town.node.origin, steps())
        return True
    return False


def sign_on(town: Town, person: Person, acknowledged: list[str], over: threading.Event) -> None:
    """Sign on again and again, and write down every token that the hub has given."""
    provider = town.provider
    while not over.is_set():
        if can(town, partial(single_sign_on, provider, person)):
            acknowledged.append(person.tokens["access_token"])


def test_a_failover_with_a_synchronous_standby_loses_nothing_acknowledged(town: Town):  # F10
    people = [town.house.citizen(number) for number in range(4)]
    provider = town.provider
    for person in people:
        load.run(town.node.origin, begin_offline(provider, person))
    *busy_ones, later = people
    acknowledged: list[str] = []
    over = threading.Event()
    standby = town.server.standby()
    try:
        town.server.run(
            "ALTER SYSTEM SET synchronous_standby_names = 'standby'", "SELECT pg_reload_conf()"
        )
        eventually(lambda: commits_wait(town.server), "commits do not wait for the standby")
        with ThreadPoolExecutor(3) as pool:
            for person in busy_ones:
                pool.submit(sign_on, town, person, acknowledged, over)
            try:
                eventually(lambda: len(acknowledged) > 15, "nobody signs on")
                with pytest.raises(DatabaseUnavailable):
                    look_at(f"postgresql://postgres@127.0.0.1:{standby.port}/hub")
                town.server.stop(signal.SIGKILL)
                standby.run("SELECT pg_promote()")
                town.line.to = standby.port
                town.line.cut()
                # Another person: what the others get now may be an answer of before the kill.
                again = partial(single_sign_on, provider, later)
                back_after = eventually(lambda: can(town, again), "nobody signs on")
            finally:
                over.set()
        addresses = f"host=127.0.0.1:{town.server.port}&host=127.0.0.1:{standby.port}"
        look_at(f"postgresql://postgres@/hub?{addresses}")
        assert back_after < BACK_WITHIN
        assert inactive(town, acknowledged) == []
    finally:
        standby.stop(signal.SIGQUIT)
        lead_back(town)


def lead_back(town: Town) -> None:
    """Let the first server be alone again, for the tests that come after."""
    town.server.stop(signal.SIGQUIT)
    town.server.start()
    town.server.run("ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")
    town.line.to = town.server.port
    town.line.cut()
    eventually(town.are_well, "the node does not recover")


def look_at(url: str) -> None:
    """Look at the database. Raises DatabaseUnavailable, as where the server is a standby."""
    database = Database(url, PlainVault())
    try:
        database.check()
    finally:
        database.close()


def commits_wait(server: Cluster) -> bool:
    """Return whether a commit waits while the standby is not told of it.

    ``pg_stat_replication`` shows the standby as synchronous earlier: until the checkpointer has
    told the other processes, their commits are acknowledged without it.
    """
    senders = server.run("SELECT pid, sync_state FROM pg_stat_replication")
    if [state for _, state in senders] != ["sync"]:
        return False
    sender = int(str(senders[0][0]))
    os.kill(sender, signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(1) as pool:
            commit = pool.submit(
                server.run,
                "CREATE TABLE IF NOT EXISTS waited (at timestamptz)",
                "INSERT INTO waited VALUES (now())",
            )
            time.sleep(0.3)
            waits = not commit.done()
            os.kill(sender, signal.SIGCONT)
            commit.result()
            return waits
    finally:
        os.kill(sender, signal.SIGCONT)


def inactive(town: Town, tokens: list[str]) -> list[str]:
    """Return those of the tokens that the hub does not know any more."""
    provider, lost = town.provider, []
    for token in tokens:
        reader = Person("", "", tokens={"access_token": token})
        if not can(town, partial(introspection, provider, reader)):
            lost.append(token)
    return lost
