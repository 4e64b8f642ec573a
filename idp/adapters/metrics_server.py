"""Serves the metrics of all processes of this machine to Prometheus, on a port of their own."""

import fcntl
import os
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import AF_INET, AF_INET6
from socketserver import TCPServer
from threading import Event, Lock
from typing import Any

import structlog
from prometheus_client.exposition import choose_encoder

from idp.adapters.metric_folder import MetricFolder

AGAIN_AFTER = 5.0
"""Seconds until a process looks again whether the one that serves the metrics has ended."""
SLOWEST_CALLER = 10.0
"""Seconds that a caller may take to say what it wants."""
PATH = "/metrics"

Families = Callable[[], Iterable[object]]

log = structlog.get_logger(__name__)


class MetricsServer:
    """Serves ``/metrics`` from one process of the machine; when it ends, another takes over.

    The processes of web and worker share ``folder``. A lock there, which ends with its process,
    says which of them serves.
    """

    def __init__(self, folder: Path, bind: str, more: Families) -> None:
        """``more`` returns the families that are computed for each scrape, once a machine."""
        self._folder = folder
        self._bind = bind
        self._more = more
        self._metrics = MetricFolder(folder)
        self._one_at_a_time = Lock()

    def run(self, stop: Event) -> None:
        """Serve until ``stop`` is set, or wait until the process that serves has ended."""
        told = False
        while not stop.is_set():
            descriptor = self._lock()
            if descriptor is not None:
                try:
                    self._serve(stop)
                except OSError as error:
                    if not told:
                        log.error("metrics_not_served", reason=error.strerror)  # noqa: TRY400
                    told = True
                finally:
                    os.close(descriptor)
            stop.wait(AGAIN_AFTER)

    def _lock(self) -> int | None:
        path = self._folder / "serving.lock"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor

    def _serve(self, stop: Event) -> None:
        with _Listener(self._bind, self.exposition) as listener:
            listener.timeout = 0.5
            while not stop.is_set():
                listener.handle_request()

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """Return the metrics in the format that Prometheus accepts, and its media type."""
        encode, media_type = choose_encoder(accept)
        with self._one_at_a_time:
            return encode(_Scrape([*self._metrics.families(), *self._more()])), media_type


class _Scrape:
    """The collector that the encoder wants."""

    def __init__(self, families: Iterable[Any]) -> None:
        self._families = families

    def collect(self) -> Iterable[Any]:
        return self._families


class _Listener(ThreadingHTTPServer):
    """A thread for each caller; there is one Prometheus, or two."""

    daemon_threads = True

    def __init__(self, bind: str, exposition: Callable[[str], tuple[bytes, str]]) -> None:
        host, _, port = bind.rpartition(":")
        self.exposition = exposition
        self.address_family = AF_INET6 if ":" in host else AF_INET
        super().__init__((host.strip("[]"), int(port)), _Handler)

    def server_bind(self) -> None:
        """Listen; the library would first ask the name service for the address's name."""
        TCPServer.server_bind(self)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of callers that hang up."""


class _Handler(BaseHTTPRequestHandler):
    server: _Listener
    timeout = SLOWEST_CALLER
    server_version = "idp"
    sys_version = ""

    def do_GET(self) -> None:
        if self.path.partition("?")[0] != PATH:
            self.send_error(404)
            return
        text, media_type = self.server.exposition(self.headers.get("Accept", ""))
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:
        """Write no access log."""
