"""WSGI middleware that runs a request inside a block, such as a bound on requests at once."""

from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


class BoundedRequests:
    """Runs the application while ``place`` is held."""

    def __init__(
        self,
        app: WSGIApplication,
        place: Callable[[], AbstractContextManager[None]],
        unbounded: Collection[str] = (),
    ) -> None:
        """``unbounded`` paths are answered from memory: they wait for no request that waits."""
        self._app = app
        self._place = place
        self._unbounded = frozenset(unbounded)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Return the application's answer; its body is sent after the place was given back."""
        if environ.get("PATH_INFO") in self._unbounded:
            return self._app(environ, start_response)
        with self._place():
            return self._app(environ, start_response)
