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


@pytest.mark.parametrize("start", ["start_postgres", "start_redis"])
def test_a_server_stops_with_the_run_that_started_it(
    start,
):
    run = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    folder = Path(tempfile.mkdtemp(prefix=f"idp-tests-{start}-"))
    folder.chmod(0o711)
    getattr(servers, start)(folder, run.pid)

    run.communicate(b"\n")

    until = time.monotonic() + 20
    while folder.exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not folder.exists()
