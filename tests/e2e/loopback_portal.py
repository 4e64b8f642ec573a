"""A portal at https://127.0.0.1: one page at every address, and a note of each request."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs


@dataclass
class Portal:
    """What a portal was asked, in order: method and path, and the forms that were posted."""

    port: int = 0
    asked: list[str] = field(default_factory=list)
    forms: list[dict[str, list[str]]] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return f"https://127.0.0.1:{self.port}"


@contextmanager
def open_portal(certificate: Path, page: bytes) -> Iterator[Portal]:
    """Serve ``page``; the key lies beside the certificate."""
    portal = Portal()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            portal.asked.append(f"GET {self.path}")
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page)

        def do_POST(self) -> None:
            portal.asked.append(f"POST {self.path}")
            body = self.rfile.read(int(self.headers["Content-Length"]))
            portal.forms.append(parse_qs(body.decode()))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep the output of the tests clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    portal.port = server.server_port
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, certificate.with_name("key.pem"))
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    Thread(target=server.serve_forever, daemon=True).start()
    yield portal
    server.shutdown()
    server.server_close()
