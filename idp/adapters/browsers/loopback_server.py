"""A server on loopback for a WSGI app of this process; the hub's own servers fork."""

from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer
from wsgiref.types import WSGIApplication


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """Print nothing: portals close connections as they like."""


class _Handler(WSGIRequestHandler):
    def address_string(self) -> str:
        """Return the peer's address without a look-up of its name."""
        return str(self.client_address[0])

    def log_message(self, format: str, *_arguments: object) -> None:
        """Print nothing: addresses contain authorization codes."""


@contextmanager
def serving(app: WSGIApplication, port: int) -> Iterator[None]:
    """Serve the app on 127.0.0.1 from threads of this process. Raises OSError."""
    server = _Server(("127.0.0.1", port), _Handler)
    server.set_app(app)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
