"""Where browsers land that a portal without pages of its own sent away."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@contextmanager
def landing() -> Iterator[str]:
    """Yield the address of a server where browsers land: the portal's own pages, all empty."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Landing)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class Landing(BaseHTTPRequestHandler):
    """Answers every page with nothing."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_about: object) -> None:
        """Say nothing."""
