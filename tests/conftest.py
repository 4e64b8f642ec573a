"""Fixtures for all tests: databases, a browser; Hypothesis with the same examples everywhere."""

import gc
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import hypothesis
import psycopg
import pytest
import redis
from playwright.sync_api import Browser, expect, sync_playwright

from tests import clear_text, compiled_statements, measured, servers
from tests.e2e import browsers
from tests.groups import Groups
from tests.migrated import DRIVER, emptied, migrated

COLLECT_AFTER = (20_000, 10, 10)
"""Objects, and collections of younger ones: each test builds an application and throws it away."""
RUN = "IDP_TEST_RUN"  # of the process that the servers live for, known to its workers

hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, database=None)
hypothesis.settings.register_profile("search", deadline=None, max_examples=2000)
hypothesis.settings.register_profile("fuzz", deadline=None, database=None)
# Some thousand runs: few examples, and one that fails is read by nobody, so it is not made smaller.
hypothesis.settings.register_profile(
    "mutation",
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=20,
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        os.environ[RUN] = str(os.getpid())
    compiled_statements.share()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--measured", choices=measured.CHOICES, help="only these tests, or the others")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    choice = config.getoption("measured")
    if choice is None:
        return
    added_nothing = measured.unmeasured()
    items[:] = [one for one in items if measured.chosen(one.nodeid, choice, added_nothing)]


def pytest_collection_finish() -> None:
    # What was collected stays until the end: it is not looked through for garbage again and again.
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Groups:
    """Give each process a group of tests at a time (tests/groups.py)."""
    return Groups(config, log)


@pytest.fixture(scope="session")
def run_of_the_tests() -> int:
    return int(os.environ[RUN])


@pytest.fixture(scope="session")
def server_folder(run_of_the_tests: int) -> Path:
    # Not below tmp_path: PostgreSQL's user may not enter there, and a socket's path is short.
    return Path(tempfile.gettempdir()) / f"idp-tests-{run_of_the_tests}"


@pytest.fixture(scope="session")
def postgres_server(server_folder: Path, run_of_the_tests: int) -> str:
    return servers.shared_postgres(server_folder, run_of_the_tests)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The SQLAlchemy URL of a PostgreSQL database without tables, dropped afterwards."""
    with _new_postgres(postgres_server) as url:
        yield url
        _assert_nothing_in_clear(url)


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> Iterator[str]:
    """The URL of the one database that this process's tests on PostgreSQL share."""
    with _new_postgres(postgres_server) as url:
        yield migrated(url)


@pytest.fixture
def emptied_postgres_url(migrated_postgres: str) -> str:
    """The SQLAlchemy URL of a PostgreSQL database with the newest tables, all empty."""
    return emptied(migrated_postgres)


@pytest.fixture
def migrated_postgres_url(emptied_postgres_url: str) -> Iterator[str]:
    """The same, where nothing may be left in clear."""
    yield emptied_postgres_url
    _assert_nothing_in_clear(emptied_postgres_url)


@contextmanager
def _new_postgres(server: str) -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    maintenance = server.format("postgres").replace(DRIVER, "")
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield server.format(name)
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _assert_nothing_in_clear(url: str) -> None:
    with psycopg.connect(url.replace(DRIVER, "")) as connection:
        row = connection.execute("SELECT database_to_xml(true, false, '')::text").fetchone()
    assert row is not None
    kinds = clear_text.kinds_in(str(row[0]).encode())
    assert kinds == set(), "stand in the database in clear"


@pytest.fixture
def redis_url(server_folder: Path, run_of_the_tests: int) -> str:
    """The URL of an empty Redis database of this process's own: use FLUSHDB, never FLUSHALL."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    url = servers.shared_redis(server_folder, run_of_the_tests).format(worker)
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return url


@pytest.fixture(scope="module", autouse=True)
def no_worker_goes_on() -> Iterator[None]:
    """Fail where a worker outlives the tests of its file.

    It would write into the output and the counts of others, and hang a child that they fork.
    """
    yield
    end = time.monotonic() + 10
    while any(thread.name == "schedule" for thread in threading.enumerate()):
        assert time.monotonic() < end, "the threads of a worker go on"
        time.sleep(0.02)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The SQLAlchemy URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'test.sqlite3'}"


@pytest.fixture
def migrated_sqlite_url(sqlite_url: str) -> str:
    """The SQLAlchemy URL of a SQLite file with the newest tables, all empty."""
    return migrated(sqlite_url)


@pytest.fixture(params=["sqlite", "postgres"])
def migrated_url(request: pytest.FixtureRequest) -> str:
    """The URL of a database with the newest tables, all empty: on SQLite, then on PostgreSQL."""
    url: str = request.getfixturevalue(f"migrated_{request.param}_url")
    return url


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium under Playwright, which has one life in a process."""
    # What is expected of a page is waited for as long as a press of a button, and not its five
    # seconds: a busy machine needs them for one page.
    expect.set_options(timeout=15_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browsers.chromium(), args=browsers.QUIET
        )
        yield browser
        browser.close()
