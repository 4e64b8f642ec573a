"""A PostgreSQL that a test stops, kills, copies and promotes."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests import servers
from tests.free_ports import free_port

PATIENCE = 30.0
QUICK = {"shared_buffers": "16MB", "max_connections": "100", "wal_level": "replica"}


def eventually(found: Callable[[], bool], what: str, seconds: float = PATIENCE) -> float:
    """Wait until ``found`` returns True; return after how many seconds that was."""
    begun = time.monotonic()
    while not found():
        assert time.monotonic() - begun < seconds, what
        time.sleep(0.02)
    return time.monotonic() - begun


@dataclass
class Cluster:
    """One PostgreSQL server in ``folder``, on a port of loopback; commits wait for the disk."""

    folder: Path
    owner: str | None
    """The user who may run PostgreSQL; None: we may."""
    binaries: Path
    name: str = "primary"
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def data(self) -> Path:
        return self.folder / self.name

    def url(self, database: str = "postgres", port: int | None = None) -> str:
        """Return the SQLAlchemy URL, at another port if a proxy stands before it."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{port or self.port}/{database}"

    def create(self) -> "Cluster":
        """Make an empty cluster."""
        initdb = ["initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        self._run(*initdb, "--no-sync", "--no-locale")
        with (self.data / "pg_hba.conf").open("a") as access:
            access.write("host replication all 127.0.0.1/32 trust\n")
        return self

    def standby(self, name: str = "standby") -> "Cluster":
        """Return a running copy that follows this server."""
        copy = Cluster(self.folder, self.owner, self.binaries, name)
        follow = f"host=127.0.0.1 port={self.port} user=postgres application_name={name}"
        self._run(
            "pg_basebackup", "-D", copy.data, "-d", follow, "-R", "-X", "stream", "-c", "fast"
        )
        return copy.start()

    def start(self) -> "Cluster":
        """Start it, and wait until it answers."""
        self.launch()
        eventually(self.answers, "PostgreSQL did not start")
        return self

    def launch(self) -> None:
        """Start it without waiting."""
        options = QUICK | {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.folder),
            "cluster_name": self.name,
        }
        words = [word for item in options.items() for word in ("-c", "=".join(item))]
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.binaries / "postgres", "-D", self.data, *words],
                user=self.owner,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def stop(self, how: int = signal.SIGINT) -> None:
        """Stop it: SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one, or SIGKILL."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(PATIENCE)
            self.process = None

    def answers(self) -> bool:
        """Return whether it takes connections."""
        with suppress(psycopg.OperationalError):
            self.connect().close()
            return True
        return False

    def connect(self, database: str = "postgres") -> "psycopg.Connection[tuple[object, ...]]":
        """Return a connection of the administrator."""
        url = self.url(database).replace("+psycopg", "")
        return psycopg.connect(url, autocommit=True, connect_timeout=2)

    def run(self, *statements: str) -> list[tuple[object, ...]]:
        """Run statements as the administrator; return the last one's rows."""
        with self.connect() as connection:
            for statement in statements:
                cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def backends(self) -> list[int]:
        """Return the processes that serve others than this question."""
        rows = self.run(
            "SELECT pid FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        return [int(str(row[0])) for row in rows]

    def _run(self, program: str, *words: object) -> None:
        done = subprocess.run(
            [self.binaries / program, *map(str, words)],
            user=self.owner,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Yield a running server; whatever runs of its folder is killed at the end."""
    with short_folder() as folder:
        owner = servers.unprivileged_owner(folder)
        server = Cluster(folder, owner, servers.postgres_binaries(folder, owner)).create().start()
        try:
            yield server
        finally:
            server.stop(signal.SIGQUIT)


@contextmanager
def short_folder() -> Iterator[Path]:
    """Yield a folder whose path is short enough for a socket; PostgreSQL's user may enter it."""
    folder = Path(f"/tmp/idp-cluster-{os.getpid()}-{free_port()}")
    folder.mkdir(mode=0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
