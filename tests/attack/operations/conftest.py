"""The hub in one process, the hub behind its real server, and the command line."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.attack.people.conftest import portal, town
from tests.cli.conftest import CommandLine, bare, furnished, run
from tests.free_ports import free_port
from tests.services.conftest import lab, person
from tests.web.conftest import guide_hub, hub, make_hub

__all__ = [
    "bare",
    "furnished",
    "guide_hub",
    "hub",
    "lab",
    "make_hub",
    "person",
    "portal",
    "run",
    "town",
]


@dataclass
class Served:
    """The hub behind a server of production, with the settings that production has."""

    port: int
    folder: Path
    log: Path
    threads: int = 4
    """Those that serve requests without a hash."""
    waiting: int = 2
    """Further ones, for requests that wait for a hash."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def say(self, raw: bytes, *, seconds: float = 5.0) -> bytes:
        """Send bytes as they are; return all that comes back until the server hangs up."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as line:
            answer = b""
            with suppress(OSError):  # it may read no more, and have answered
                line.sendall(raw)
            try:
                while got := line.recv(65536):
                    answer += got
            except OSError:  # it was silent, or hung up at once
                pass
            return answer

    def statuses(self, raw: bytes, *, seconds: float = 5.0) -> list[int]:
        """Return the status of each answer to ``raw``."""
        lines = self.say(raw, seconds=seconds).split(b"\r\n")
        return [int(one[9:12]) for one in lines if one.startswith(b"HTTP/1.")]


@pytest.fixture(scope="module", params=["gunicorn", "granian"])
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    with serving(request.param, tmp_path_factory) as made:
        yield made


@pytest.fixture(scope="module")
def served_by_gunicorn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving("gunicorn", tmp_path_factory) as made:
        yield made


@contextmanager
def serving(wsgi_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    line = CommandLine(folder)
    line.write_settings()
    line.done("db", "upgrade")
    line.done("keys", "promote", line.done("keys", "new").split()[0])
    port = free_port()
    environment = {
        "IDP_CONFIG": line.config,
        "IDP__SERVER__BIND": f"127.0.0.1:{port}",
        "IDP__SERVER__WSGI_SERVER": wsgi_server,
        "IDP__SERVER__PROCESSES": "1",
        "IDP__SERVER__THREADS": str(Served.threads),
        "IDP__HASHING__SLOTS": "1",
        "IDP__HASHING__QUEUE": str(Served.waiting),
        "IDP__WORKER__EMBEDDED": "false",
    }
    log = folder / "log"
    with log.open("wb") as written:
        process = subprocess.Popen(
            [Path(sys.executable).with_name("idp"), "serve"], env=environment, stderr=written
        )
    made = Served(port, folder, log)
    try:
        _wait_for(made, process)
        yield made
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(served: Served, process: subprocess.Popen[bytes]) -> None:
    for _ in range(150):
        assert process.poll() is None, served.log.read_text("utf-8")
        try:
            if served.say(b"GET /alive HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n"):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(served.log.read_text("utf-8"))
