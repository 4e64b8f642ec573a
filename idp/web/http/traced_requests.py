"""A span for each request: its route and status, without address, query or person."""

from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from idp.telemetry import request_context, spans
from idp.web.http.measured_requests import METHODS, OTHER, route_of


class TracedRequests:
    """WSGI middleware; wrapped around the app only where spans are recorded."""

    def __init__(self, app: WSGIApplication, plain: frozenset[str]) -> None:
        """``plain``: routes without variables, for what answers in front of the app."""
        self._app = app
        self._plain = plain

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as the app does; the request's log lines name the span."""
        context = request_context.current()
        parent = None if context is None else context.trace
        method = environ["REQUEST_METHOD"]
        method = method if method in METHODS else OTHER
        with spans.span(method, "server", {"http.request.method": method}, parent=parent) as span:
            if context is not None:
                context.trace = spans.here() or parent

            def noting(line: str, *rest: Any) -> Callable[[bytes], object]:  # noqa: ANN401 (WSGI's)
                span.note("http.response.status_code", int(line[:3]))
                return start_response(line, *rest)

            answer = self._app(environ, noting)
            route = route_of(environ, self._plain)
            span.rename(f"{method} {route}")
            span.note("http.route", route)
            if context is not None and context.client_id:
                span.note("oauth.client_id", context.client_id)
            return answer
