"""PostgreSQL and Redis that a fault may stop, kill and start again."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg
import redis
from psycopg import Connection, sql

from tests import servers
from tests.free_ports import free_port
from tests.performance.processes import Command

START_LIMIT = 60.0
"""Seconds, on a busy machine; a crash recovery is among them."""
MOST_CONNECTIONS = 100


class NotBack(Exception):
    """A store does not answer again; the message has the end of its log."""


def wait_until(is_so: Callable[[], bool], what: str, seconds: float = START_LIMIT) -> float:
    """Wait until ``is_so``; return after how many seconds. Raises NotBack."""
    begun = time.monotonic()
    while not is_so():
        if time.monotonic() - begun > seconds:
            raise NotBack(what)
        time.sleep(0.02)
    return time.monotonic() - begun


class Postgres:
    """A cluster of our own, durable, at a Unix socket."""

    def __init__(
        self, folder: Path, data: Path | None = None, address: str = "", within: Command = ()
    ) -> None:
        """Make the cluster; ``data`` is another place for its files, which may be small.

        ``address``: where it listens beside the socket, in the namespace that the command
        ``within`` enters; whoever reaches it there is trusted.
        """
        self.folder = folder
        self._address, self._within = address, within
        self._most = 3 * MOST_CONNECTIONS if address else MOST_CONNECTIONS  # of several nodes
        self._owner = servers.unprivileged_owner(folder)
        self._binaries = servers.postgres_binaries(folder, self._owner)
        self.cluster = (data or folder) / "cluster"
        if data is not None:
            servers.unprivileged_owner(data)
        initdb = [self._binaries / "initdb", "-D", self.cluster, "-U", "postgres", "-A", "trust"]
        words = [*initdb, "-E", "UTF8", "--no-locale", "--wal-segsize=4"]
        subprocess.run(words, user=self._owner, check=True, capture_output=True, cwd=folder)
        if address:
            with (self.cluster / "pg_hba.conf").open("a") as access:
                access.write("host all all samenet trust\n")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """As the hub's settings name it."""
        return f"postgresql+psycopg://postgres@/postgres?host={self.folder}"

    @property
    def socket(self) -> str:
        """The path of the Unix socket."""
        return str(self.folder / ".s.PGSQL.5432")

    def start(self) -> None:
        """Start it, and wait until it takes connections. Raises NotBack."""
        self.launch()
        wait_until(self._answers, "PostgreSQL")

    def launch(self) -> None:
        """Start it without waiting."""
        options = [f"listen_addresses={self._address}", f"unix_socket_directories={self.folder}"]
        options += [f"max_connections={self._most}", "shared_buffers=32MB"]
        options += ["max_wal_size=64MB", "min_wal_size=8MB", "log_min_messages=fatal"]
        words = [word for option in options for word in ("-c", option)]
        with (self.folder / "postgres.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*self._as_owner(), self._binaries / "postgres", "-D", self.cluster, *words],
                user=None if self._within else self._owner,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def revive(self) -> bool:
        """Start it again where it ended by itself; False, for it does not answer yet."""
        if self._process is not None and self._process.poll() is not None:
            self.launch()
        return False

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT is fast, SIGQUIT immediate, SIGKILL a crash of the postmaster."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
        if self._process is not None:
            self._process.wait(timeout=START_LIMIT)

    def kill_a_backend(self) -> None:
        """Kill one process that serves a connection: PostgreSQL then restarts all of them."""
        found = self.rows(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
            " AND pid <> pg_backend_pid() ORDER BY backend_start DESC LIMIT 1"
        )
        if found:
            os.kill(int(str(found[0][0])), signal.SIGKILL)

    def rows(self, statement: str, **values: object) -> list[tuple[object, ...]]:
        """Return what a statement finds, past every proxy."""
        with self.connection() as connection:
            return list(connection.execute(sql.SQL(statement), values))  # type: ignore[arg-type]

    def run(self, statement: str) -> None:
        """Run a statement in a transaction of its own, past every proxy."""
        with self.connection() as connection:
            connection.execute(sql.SQL(statement))  # type: ignore[arg-type]

    def connection(self) -> Connection[tuple[object, ...]]:
        """Return a connection whose statements commit by themselves."""
        return psycopg.connect(
            host=str(self.folder), user="postgres", dbname="postgres", autocommit=True
        )

    def _as_owner(self) -> Command:
        """Return the command that enters the namespace, which needs root, and leaves root then."""
        if not self._within or self._owner is None:
            return self._within
        user = ["--reuid", self._owner, "--regid", self._owner, "--clear-groups"]
        return [*self._within, "setpriv", *user]

    def _answers(self) -> bool:
        # After a kill the old processes may hold the shared memory a moment longer.
        self.revive()
        return servers.postgres_answers(self.folder)


class Redis:
    """A Redis of our own on a port that stays the same."""

    def __init__(self, folder: Path, address: str = "127.0.0.1", within: Command = ()) -> None:
        """``address`` is in the namespace that the command ``within`` enters."""
        self._folder = folder
        self._address, self._within = address, within
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """As the hub's settings name it."""
        return f"redis://{self._address}:{self.port}/0"

    def start(self, *options: str) -> None:
        """Start it, and wait until it answers. Raises NotBack."""
        words = ["--port", str(self.port), "--bind", self._address]
        words += ["--dir", str(self._folder), "--protected-mode", "no"]
        with (self._folder / "redis.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*self._within, servers.redis_binary(), *words, *options],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(lambda: servers.redis_answers(self.port, self._address), "Redis")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Stop it, or kill it."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=START_LIMIT)

    def say(self, *words: str) -> None:
        """Send it a command, past every proxy."""
        with redis.Redis(self._address, self.port) as client, suppress(redis.RedisError):
            client.execute_command(*words)
