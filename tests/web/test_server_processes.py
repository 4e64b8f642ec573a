"""What both servers hold: their processes, their signals and where they listen."""

import http.client
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from idp.adapters.clock import system_clock
from idp.adapters.self_signed import write_certificate
from tests.cli.conftest import CommandLine
from tests.free_ports import free_port

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0


class UnixConnection(http.client.HTTPConnection):
    """A connection to a server that listens at a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=PATIENCE)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(self._path)


@dataclass
class Running:
    """A server process, and how it is asked."""

    process: subprocess.Popen[bytes]
    folder: Path
    connect: Callable[[], http.client.HTTPConnection]

    def get(self, path: str) -> str:
        line = self.connect()
        try:
            line.request("GET", path)
            return line.getresponse().read().decode()
        finally:
            line.close()

    def refuses(self) -> bool:
        """Return whether nobody listens."""
        line = self.connect()
        try:
            line.connect()
        except OSError:
            return True
        finally:
            line.close()
        return False

    def answers(self) -> str:
        """Return the answer of ``/process``; empty when nobody listens."""
        with suppress(OSError, http.client.HTTPException):
            return self.get("/process")
        return ""


def eventually(found: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not found():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


@pytest.fixture(params=["gunicorn", "granian"])
def start(request: pytest.FixtureRequest, tmp_path: Path):
    line = CommandLine(tmp_path)
    line.write_settings()

    @contextmanager
    def started(
        bind: str, passed: socket.socket | None = None, **variables: str
    ) -> Iterator[subprocess.Popen[bytes]]:
        own = {
            "IDP_CONFIG": line.config,
            "IDP__SERVER__WSGI_SERVER": request.param,
            "IDP__SERVER__BIND": bind,
            "IDP__SERVER__PROCESSES": "1",
            "IDP__SERVER__THREADS": "2",
        }
        command = ["-m", "tests.web.served_app", str(tmp_path)]
        given = [] if passed is None else [passed.fileno()]
        begin = ["-c", PASS, str(given[0])] if given else []
        with (
            (tmp_path / "log").open("wb") as log,
            subprocess.Popen(
                [sys.executable, *begin, *command],
                cwd=ROOT,
                env=own | variables,
                stdout=log,
                stderr=log,
                pass_fds=given,
            ) as process,
        ):
            try:
                yield process
            finally:
                process.terminate()

    return started


@pytest.fixture
def running(start, tmp_path: Path) -> Iterator[Running]:
    port = free_port()
    with start(f"127.0.0.1:{port}") as process:
        made = Running(
            process,
            tmp_path,
            lambda: http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE),
        )
        eventually(made.answers)
        yield made


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_a_server_told_to_stop_finishes_what_runs(running: Running, stop):
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(running.get, "/slow")
        eventually((running.folder / "begun").exists)
        running.process.send_signal(stop)
        time.sleep(0.5)  # the servers tell nobody when they have the signal
        (running.folder / "go").touch()
        assert answer.result() == "done"


def test_a_server_that_stopped_ends_with_exit_code_0(running: Running):
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(PATIENCE) == 0


def test_a_web_process_that_dies_is_replaced(running: Running):
    dead = running.get("/process")
    os.kill(int(dead), signal.SIGKILL)
    eventually(lambda: running.answers() not in {"", dead})


def test_no_web_process_outlives_its_server(running: Running):
    running.get("/process")
    running.process.kill()
    eventually(running.refuses)


def test_the_address_of_the_peer_is_that_of_the_socket(running: Running):
    assert running.get("/peer") == "127.0.0.1"


def test_an_address_in_use_is_not_shared(start):
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        start(f"127.0.0.1:{taken.getsockname()[1]}") as process,
    ):
        assert process.wait(PATIENCE) != 0


def test_a_unix_socket_has_no_peer_and_may_be_left_over(start, tmp_path: Path):
    path = str(tmp_path / "hub.sock")
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(path)
    with start(f"unix:{path}") as process:
        made = Running(process, tmp_path, lambda: UnixConnection(path))
        eventually(made.answers)
        assert made.get("/peer") == ""


def test_tls_1_2_is_spoken_with_the_certificate_of_the_settings(start, tmp_path: Path):
    certificate, key, port = tmp_path / "certificate.pem", tmp_path / "key.pem", free_port()
    write_certificate(certificate, key, system_clock)
    trusting = ssl.create_default_context(cafile=str(certificate))
    trusting.maximum_version = ssl.TLSVersion.TLSv1_2
    files = {
        "IDP__SERVER__TLS_CERTIFICATE": str(certificate),
        "IDP__SERVER__TLS_KEY": str(key),
        "IDP__SERVER__ISSUER": f"https://127.0.0.1:{port}",
    }
    with start(f"127.0.0.1:{port}", **files) as process:
        made = Running(
            process,
            tmp_path,
            lambda: http.client.HTTPSConnection("127.0.0.1", port, context=trusting),
        )
        eventually(made.answers)
        assert made.get("/peer") == "127.0.0.1"


PASS = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""
"""What systemd does: it gives a process an open socket as its file descriptor 3."""


KINDS = [socket.AF_INET, *([socket.AF_UNIX] if "IDP_TEST_FAULTS" in os.environ else [])]
"""``make nodes`` passes a Unix socket, too."""


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def passed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[socket.socket]:
    """A listening socket that outlives every server."""
    with socket.socket(request.param) as listening:
        is_local = request.param == socket.AF_UNIX
        listening.bind(str(tmp_path / "hub.sock") if is_local else ("127.0.0.1", 0))
        listening.listen(100)
        yield listening


def asked_at(passed: socket.socket) -> http.client.HTTPConnection:
    if passed.family == socket.AF_UNIX:
        return UnixConnection(passed.getsockname())
    return http.client.HTTPConnection(*passed.getsockname(), timeout=PATIENCE)


def test_a_restart_at_a_passed_socket_refuses_no_request(start, passed, request):  # F02
    """granian may close what it accepted in the moment of its stop (docs/operate/running.md)."""
    may_be_closed = request.node.callspec.params["start"] == "granian"
    over, failures, answered = threading.Event(), [], []

    def ask() -> None:
        while not over.is_set():
            line = asked_at(passed)
            try:
                line.request("GET", "/process")
                answered.append(line.getresponse().read())
            except http.client.RemoteDisconnected as closed:
                failures.extend([] if may_be_closed else [repr(closed)])
            except (OSError, http.client.HTTPException) as error:
                failures.append(repr(error))
            finally:
                line.close()
            time.sleep(0.02)

    with ThreadPoolExecutor(2) as pool:
        for _ in range(2):
            pool.submit(ask)
        try:
            with start("127.0.0.1:1", passed=passed) as first:
                eventually(lambda: answered)
                first.terminate()
                assert first.wait(PATIENCE) == 0
            before = set(answered)
            with start("127.0.0.1:1", passed=passed):
                eventually(lambda: set(answered) - before)
                over.set()
                pool.shutdown()
        finally:
            over.set()
    assert failures == []


def test_a_server_that_starts_says_nothing(running: Running):
    assert (running.folder / "log").read_bytes() == b""
