"""The servers that other tests lean on are real, empty and stop by themselves."""

import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest
import redis
from pytest_socket import SocketConnectBlockedError

from tests import servers


def test_a_postgres_database_is_new_and_empty(postgres_url):
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        tables = connection.execute("SELECT 1 FROM pg_tables WHERE schemaname = 'public'")
        assert tables.fetchall() == []


def test_redis_answers_and_is_empty(redis_url):
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0


def test_the_network_ends_at_this_machine():
    with (
        socket.socket() as line,
        pytest.warns(UserWarning, match="192.0.2.1"),
        pytest.raises(SocketConnectBlockedError),
    ):
        line.connect(("192.0.2.1", 80))


@pytest.fixture
def place() -> Path:
    """An empty folder that another user may enter; its server removes it."""
    folder = Path(tempfile.mkdtemp(prefix="idp-tests-"))
    folder.chmod(0o711)
    return folder


@pytest.fixture
def run():
    """A process that stands for a run of the tests."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process


@pytest.mark.parametrize("start", [servers.start_postgres, servers.start_redis])
def test_a_server_stops_with_the_run_that_started_it(start, place, run):
    start(place, run.pid)

    run.communicate(b"\n")

    until = time.monotonic() + 20
    while place.exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not place.exists()


@pytest.mark.parametrize("start", [servers.start_postgres, servers.start_redis])
def test_a_machine_without_servers_uses_those_of_wheels(start, place, run, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(servers, "DEBIAN_POSTGRES", place / "none")
    assert "{}" in start(place, run.pid)


def test_a_server_that_does_not_start_says_why(place, run, monkeypatch):
    monkeypatch.setattr(servers, "redis_binary", lambda: "/bin/false")
    with pytest.raises(servers.NoServer):
        servers.start_redis(place, run.pid)
