"""WSGI middleware that runs a request inside a block, such as a bound on requests at once."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


class BoundedRequests:
    """Runs the application while ``place`` is held."""

    def __init__(
        self, app: WSGIApplication, place: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._app = app
        self._place = place

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Return the application's answer; its body is sent after the place was given back."""
        with self._place():
            return self._app(environ, start_response)
