"""Health checks, answered in front of everything else that a request waits for.

They need no route, no free place among the running requests, and no trusted host: a load balancer
asks by address. So they answer while every other request waits for the database.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from idp.services.upkeep.readiness import Ready
from idp.web.development.loopback_only import is_of_this_machine

LIVE = "/health/live"
READY = "/health/ready"
RETRY_AFTER = "5"
"""Seconds until a look may have another result."""
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")
"""Whoever comes through a proxy is not on this machine, even when the proxy is."""
_ALLOWED = ("GET", "HEAD")


class HealthChecks:
    """WSGI middleware that answers ``/health/live`` and ``/health/ready``.

    Live: this process answers; restart it otherwise. Ready: database, migrations and keys are well;
    send requests elsewhere otherwise (503 with ``Retry-After``). Callers on this machine alone read
    the state of each part.
    """

    def __init__(self, app: WSGIApplication, ready: Callable[[], Ready | None]) -> None:
        """``ready`` returns in bounded time; None: the parts did not answer by then."""
        self._app = app
        self._ready = ready

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a health check; pass on every other request."""
        path = environ["PATH_INFO"]
        if path not in {LIVE, READY}:
            return self._app(environ, start_response)
        if environ["REQUEST_METHOD"] not in _ALLOWED:
            start_response("405 Method Not Allowed", [("Allow", "GET, HEAD"), *_headers(b"")])
            return [b""]
        status, body, more = ("200 OK", _LIVE, []) if path == LIVE else self._readiness(environ)
        text = (json.dumps(body) + "\n").encode("ascii")
        start_response(status, [*more, *_headers(text)])
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else text]

    def _readiness(
        self, environ: WSGIEnvironment
    ) -> tuple[str, Mapping[str, object], list[tuple[str, str]]]:
        found = self._ready() or Ready()
        details = found.details() if _may_read_details(environ) else {}
        if found.is_ready:
            return "200 OK", {"status": "ready", **details}, []
        headers = [("Retry-After", RETRY_AFTER)]
        return "503 Service Unavailable", {"status": "not_ready", **details}, headers


_LIVE: Mapping[str, object] = {"status": "live"}


def _may_read_details(environ: WSGIEnvironment) -> bool:
    return is_of_this_machine(environ.get("REMOTE_ADDR", "")) and not any(
        name in environ for name in FORWARDED
    )


def _headers(body: bytes) -> list[tuple[str, str]]:
    return [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
