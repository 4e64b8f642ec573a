"""Counts requests by route, method and status, and how long each took."""

from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask

from idp.telemetry.catalogue import HTTP_REQUESTS, HTTP_SECONDS

ROUTE = "idp.route"
"""The key of the environment where the app leaves the template of the route."""
NO_ROUTE = "none"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"})
OTHER = "other"
NO_STATUS = "500"
"""An application that fails before it answers: the server then says so."""


class MeasuredRequests:
    """WSGI middleware that measures requests; a path that is no route counts as ``none``."""

    def __init__(self, app: WSGIApplication, plain: frozenset[str]) -> None:
        """``plain``: routes without variables, for what answers in front of the app."""
        self._app = app
        self._plain = plain

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as the app does, and count the answer."""
        began, status = perf_counter(), NO_STATUS

        def noting(line: str, *rest: Any) -> Callable[[bytes], object]:  # noqa: ANN401 (WSGI's)
            nonlocal status
            status = line[:3]
            return start_response(line, *rest)

        try:
            return self._app(environ, noting)
        finally:
            route = route_of(environ, self._plain)
            method = environ["REQUEST_METHOD"]
            HTTP_REQUESTS.add(route, method if method in METHODS else OTHER, status)
            HTTP_SECONDS.observe(perf_counter() - began, route)


def route_of(environ: WSGIEnvironment, plain: frozenset[str]) -> str:
    """Return the template of an answered request's route; ``none`` for any other path."""
    route: str | None = environ.get(ROUTE)
    if route is not None:
        return route
    path: str = environ["PATH_INFO"]
    return path if path in plain else NO_ROUTE


def plain_routes(app: Flask) -> frozenset[str]:
    """Return the app's routes without variables."""
    return frozenset(rule.rule for rule in app.url_map.iter_rules() if not rule.arguments)
