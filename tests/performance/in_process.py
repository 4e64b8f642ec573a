"""Drives steps against a WSGI application in this process and thread, without a server."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes, urlsplit

from tests.performance.visitor import Answer, Request, Steps

T = TypeVar("T")
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass
class InProcess:
    """Calls the application; ``around`` wraps each call, to count or to measure it."""

    application: Application
    around: Callable[[Request, Callable[[], Answer]], Answer] = field(
        default=lambda _request, call: call()
    )

    def run(self, steps: Steps[T]) -> T:
        """Do all steps and return their result."""
        try:
            request = next(steps)
            while True:
                answer = self.around(request, _Call(self.application, request))
                request = steps.send(answer)
        except StopIteration as end:
            result: T = end.value
            return result


@dataclass
class _Call:
    application: Application
    request: Request

    def __call__(self) -> Answer:
        head: list[Any] = []
        content = self.application(
            environ_of(self.request),
            lambda status, headers, _error=None: head.extend((status, headers)),
        )
        try:
            body = b"".join(content)
        finally:
            if hasattr(content, "close"):
                content.close()
        status, headers = head
        return Answer(int(status[:3]), [(name.lower(), value) for name, value in headers], body)


def environ_of(request: Request) -> dict[str, Any]:
    """Return what a WSGI server makes of the request."""
    parts = urlsplit(request.target)
    host, _, port = request.headers["Host"].partition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(parts.path).decode("latin-1"),
        "QUERY_STRING": parts.query,
        "RAW_URI": request.target,
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_NAME": host,
        "SERVER_PORT": port or "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = value
    return environ
