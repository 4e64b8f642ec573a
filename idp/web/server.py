"""The gunicorn server (gthread workers), started from code without a configuration file."""

import socket
from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import ThreadWorker

from idp.domain.wire import LARGEST_HEADER_LINE, LARGEST_REQUEST_LINE
from idp.settings import Settings, waiting_for_a_hash
from idp.web.server_limits import GRACE_SECONDS, REQUEST_SECONDS


class Threads(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """A gthread worker: on every stop signal it lets running requests finish."""

    def handle_quit(self, sig: int, frame: object) -> None:
        """Stop on SIGINT and SIGQUIT as on SIGTERM.

        gunicorn 27.0's own handler shuts the thread pool down inside the signal handler: it waits
        for a lock that the interrupted code may hold, and the process hangs until it is killed.
        """
        self.handle_exit(sig, frame)


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """Serves the app that ``make_app`` builds in each worker process, after the fork."""

    def __init__(self, settings: Settings, make_app: Callable[[], Flask]) -> None:
        self._settings = settings
        self._make_app = make_app
        super().__init__()

    def load_config(self) -> None:
        """Set gunicorn's options from the hub's settings."""
        for name, value in options(self._settings).items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Return the app of this worker process."""
        return self._make_app()


def options(settings: Settings) -> dict[str, Any]:
    """Return gunicorn's options; ``config/gunicorn.conf.py`` uses the same."""
    return {
        "bind": settings.server.bind,
        "workers": settings.server.processes,
        "worker_class": Threads,
        # Started as they are needed: who waits for a hash keeps no thread from other requests.
        "threads": settings.server.threads + waiting_for_a_hash(settings),
        "timeout": REQUEST_SECONDS,
        "graceful_timeout": GRACE_SECONDS,
        "keepalive": 5,
        "limit_request_line": LARGEST_REQUEST_LINE,
        "limit_request_field_size": LARGEST_HEADER_LINE,
        # gunicorn trusts no forwarding header: `create_web` reads X-Forwarded-For, by
        # `server.trusted_proxies`.
        "forwarded_allow_ips": "",
        "accesslog": None,
        "errorlog": "-",
        "loglevel": "warning",
        "proc_name": "idp",
        "certfile": settings.server.tls_certificate or None,
        "keyfile": settings.server.tls_key or None,
    }


def serve(
    settings: Settings, make_app: Callable[[], Flask], passed: socket.SocketType | None = None
) -> None:
    """Serve until the process is told to stop; at the ``passed`` socket, or at ``server.bind``."""
    if passed is not None:
        passed.detach()  # gunicorn knows it by its number, and does not close it for others
    Server(settings, make_app).run()
