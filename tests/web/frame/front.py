"""A server in front of hubs, for pages whose forms and scripts a real browser sends."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread

from werkzeug.serving import WSGIRequestHandler, make_server

from tests.web.hub import Hub


class Quiet(WSGIRequestHandler):
    """A server that writes no line for each request."""

    def log(self, type: str, message: str, *args: object) -> None:
        pass


@dataclass
class Front:
    """One server and address for all hubs, so that Chromium fetches styles and scripts once."""

    hub: Hub | None = None
    port: int = 0

    def __call__(self, environ, start_response):
        assert self.hub is not None
        return self.hub.app.wsgi_app(environ, start_response)

    def at(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@contextmanager
def served() -> Iterator[Front]:
    """Serve the front's hub until the end."""
    app = Front()
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    app.port = server.server_port
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield app
    server.shutdown()
    thread.join()
    server.server_close()
