"""One process of a machine serves the metrics of all; when it ends, another does."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from threading import Event, Thread

import pytest
from structlog.testing import capture_logs

from idp.adapters import metrics_server
from idp.adapters.metric_files import MetricFiles
from idp.adapters.metrics_server import MetricsServer
from tests.e2e.demo import eventually
from tests.free_ports import free_port
from tests.telemetry.test_metrics import DOORS


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics_server, "AGAIN_AFTER", 0.05)


@contextmanager
def serving(folder: Path, bind: str) -> Iterator[Callable[[], None]]:
    """Run a server; yield what stops it."""
    stop = Event()
    thread = Thread(target=MetricsServer(folder, bind, list).run, args=(stop,), daemon=True)
    thread.start()

    def end() -> None:
        stop.set()
        thread.join(10)

    yield end
    end()


def ask(port: int, path: str = "/metrics") -> tuple[HTTPResponse, str] | None:
    line = HTTPConnection("127.0.0.1", port, timeout=5)
    with suppress(OSError):
        line.request("GET", path, headers={"Accept": "text/plain"})
        answer = line.getresponse()
        text = answer.read().decode()
        line.close()
        return answer, text
    return None


def answered(port: int, path: str = "/metrics") -> tuple[HTTPResponse, str]:
    return eventually(lambda: ask(port, path), what="the metrics")


def test_the_metrics_are_served(tmp_path):
    files, port = MetricFiles(tmp_path), free_port()
    files.add(DOORS, ("red",), 2)
    with serving(tmp_path, f"127.0.0.1:{port}"):
        answer, text = answered(port)
    files.close()
    assert answer.status == 200
    assert 'doors_total{colour="red"} 2.0' in text


def test_there_is_one_path(tmp_path):
    port = free_port()
    with serving(tmp_path, f"127.0.0.1:{port}"):
        answer, _ = answered(port, "/")
    assert answer.status == 404


def test_another_takes_over_when_the_one_that_serves_has_ended(tmp_path):
    port = free_port()
    with serving(tmp_path, f"127.0.0.1:{port}") as end_first:
        answered(port)
        with serving(tmp_path, f"127.0.0.1:{port}"):
            end_first()
            answered(port)


def test_a_port_that_another_program_has_is_told_once(tmp_path):
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        capture_logs() as lines,
        serving(tmp_path, f"127.0.0.1:{taken.getsockname()[1]}"),
    ):
        eventually(lambda: lines or None, what="a line")
        Event().wait(0.3)
    assert [line["event"] for line in lines] == ["metrics_not_served"]
