"""A portal as brokers are: what it is answered it hands on, to another origin or to an app."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

from tests.e2e.suite import Suite

APP = "ir.example.app"


@dataclass
class Broker:
    """Where its callbacks lie and lead, and where browsers arrived."""

    port: int = 0
    plain_port: int = 0
    asked: list[str] = field(default_factory=list)
    """Method and path of each request, in order."""

    def at(self, path: str) -> str:
        """Return an address of its host."""
        return f"https://localhost:{self.port}{path}"

    @property
    def onward(self) -> dict[str, str]:
        """Where each callback redirects: another origin, another scheme, an app."""
        return {
            "/to-host": f"https://127.0.0.1:{self.port}/inside",
            "/to-http": f"http://127.0.0.1:{self.plain_port}/inside",
            "/to-app": f"{APP}:/inside",
        }

    @property
    def callbacks(self) -> list[str]:
        """The addresses to register."""
        return [self.at(path) for path in self.onward]


@contextmanager
def broker(suite: Suite) -> Iterator[Broker]:
    """Serve the portal over TLS, with the hub's certificate, and its other scheme beside it."""
    portal = Broker()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._answer()

        def _answer(self) -> None:
            path = urlsplit(self.path).path
            portal.asked.append(f"{self.command} {path}")
            onward = portal.onward.get(path)
            self.send_response(302 if onward else 200)
            if onward:
                self.send_header("Location", onward)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!DOCTYPE html><title>Inside</title><h1>Inside</h1>")

        def log_message(self, *_about: object) -> None:
            """Say nothing."""

    secure, plain = (ThreadingHTTPServer(("127.0.0.1", 0), Handler) for _ in range(2))
    portal.port, portal.plain_port = secure.server_port, plain.server_port
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(suite.certificate, suite.key)
    secure.socket = context.wrap_socket(secure.socket, server_side=True)
    for server in (secure, plain):
        Thread(target=server.serve_forever, daemon=True).start()
    yield portal
    for server in (secure, plain):
        server.shutdown()
        server.server_close()
