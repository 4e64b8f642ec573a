"""Serves nothing but a constant, by the hub's own server and settings: what the server costs."""

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

from idp.settings import load

SERVERS = {"gunicorn": "idp.web.server", "granian": "idp.web.granian_server"}


def bare(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer as the least application does."""
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "1")])
    return [b"."]


if __name__ == "__main__":
    settings = load()
    chosen = getattr(settings.server, "wsgi_server", "gunicorn")
    import_module(SERVERS[chosen]).serve(settings, lambda: bare)
