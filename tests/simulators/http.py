"""A scriptable HTTP server on a free loopback port: what real services do wrong, on demand."""

import ssl
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LONG = 30.0


@dataclass(frozen=True)
class Received:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """``wait`` seconds before the status line; ``drip`` seconds before each byte of the body.

    ``promised`` bytes are announced where that is not true; ``silent``: the line is cut unanswered.
    """

    status: int = 200
    body: bytes = b""
    media_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    wait: float = 0.0
    drip: float = 0.0
    drip_headers: bool = False
    promised: int | None = None
    silent: bool = False


Fault = Callable[[Answer], Answer]
Handler = Callable[[Received], Answer]

FAULTS: dict[str, Fault] = {
    "ok": lambda answer: answer,
    "slow": lambda answer: replace(answer, wait=LONG),
    "drip": lambda answer: replace(answer, drip=0.02),
    "drip_headers": lambda answer: replace(answer, drip_headers=True, drip=0.02),
    "cut": lambda answer: replace(answer, silent=True),
    "500": lambda _: Answer(500, b"<h1>Internal Server Error</h1>", "text/html"),
    "503": lambda _: Answer(503, b"{}"),
    "html": lambda _: Answer(200, b"<html><body>login</body></html>", "text/html"),
    "empty": lambda _: Answer(200, b""),
    "truncated": lambda answer: replace(answer, body=answer.body[: len(answer.body) // 2]),
    "short": lambda answer: replace(answer, body=answer.body[:-5], promised=len(answer.body)),
    "gzip": lambda answer: replace(answer, headers=(("Content-Encoding", "gzip"),)),
    "redirect": lambda _: Answer(302, b"", headers=(("Location", "http://127.0.0.1:1/"),)),
}


IN_NO_TIME = frozenset(FAULTS[name] for name in ("slow", "drip", "drip_headers"))


class Simulator:
    """Answers by ``handler``, with the next scripted fault if there is one. ``received`` grows."""

    def __init__(self, handler: Handler, host: str = "127.0.0.1") -> None:
        self.handler = handler
        self.received: list[Received] = []
        self._faults: deque[Fault] = deque()
        self._ended = threading.Event()
        self._server = ThreadingHTTPServer((host, 0), type("Line", (_Line,), {"simulator": self}))
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self.url = f"http://{host}:{self.port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self._thread.start()

    def script(self, *faults: str | Fault) -> None:
        """Put faults on the next requests, one each; names are those of FAULTS."""
        self._faults.extend(FAULTS[one] if isinstance(one, str) else one for one in faults)

    @property
    def patience(self) -> timedelta:
        """How long its client waits: little only where an answer is not to come in time.

        A busy machine answers late; that is no fault under test.
        """
        return timedelta(seconds=1 if IN_NO_TIME.intersection(self._faults) else 15)

    def wrap(self, tls: ssl.SSLContext) -> None:
        """Speak TLS on the connections that come from now on."""
        self._server.socket = tls.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )

    def go_down(self) -> None:
        """Refuse connections from now on."""
        if not self._ended.is_set():
            self._ended.set()
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()

    def answer(self, received: Received) -> Answer:
        self.received.append(received)
        answer = self.handler(received)
        return self._faults.popleft()(answer) if self._faults else answer

    def wait(self, seconds: float) -> None:
        if seconds:
            self._ended.wait(seconds)


@contextmanager
def simulated(handler: Handler, host: str = "127.0.0.1") -> Iterator[Simulator]:
    simulator = Simulator(handler, host)
    try:
        yield simulator
    finally:
        simulator.go_down()


class _Line(BaseHTTPRequestHandler):
    simulator: Simulator

    def handle(self) -> None:
        with suppress(OSError):
            super().handle()

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        received = Received(
            self.command, self.path, dict(self.headers.items()), self.rfile.read(length)
        )
        answer = self.simulator.answer(received)
        self.simulator.wait(answer.wait)
        with suppress(OSError):
            if not answer.silent:
                self._write(answer)
        self.close_connection = True

    do_GET = do_POST = _serve  # noqa: N815

    def _write(self, answer: Answer) -> None:
        promised = len(answer.body) if answer.promised is None else answer.promised
        head = [f"HTTP/1.1 {answer.status} Simulated", f"Content-Type: {answer.media_type}"]
        head += [f"Content-Length: {promised}", *(f"{n}: {v}" for n, v in answer.headers)]
        start = "\r\n".join([*head, "", ""]).encode()
        self._send(start, answer.drip if answer.drip_headers else 0)
        self._send(answer.body, answer.drip)

    def _send(self, data: bytes, drip: float) -> None:
        for byte in data if drip else ():
            self.simulator.wait(drip)
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
        if not drip:
            self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Tests say what they need to say."""
