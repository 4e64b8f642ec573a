"""The granian server: HTTP is parsed outside Python, so a request costs less than with gunicorn.

It tells the application less about a request than gunicorn does; docs/operate/running.md says what
the proxy in front must therefore hold.
"""

import logging
import multiprocessing
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

from flask import Flask

from idp.settings import Settings, SettingsError, waiting_for_a_hash
from idp.web.granian_requests import LARGEST_HEAD, UnambiguousRequests
from idp.web.server_limits import GRACE_SECONDS, REQUEST_SECONDS

NOT_INSTALLED = "server.wsgi_server: granian is not installed: pip install 'tamin-account[fast]'"
CONNECTIONS = 1024
"""Connections that a web process keeps; idle ones of the proxy are among them."""
EVERYONE = 0o777
"""The mode of a Unix socket, as gunicorn's: its folder says who may connect."""


def serve(
    settings: Settings, make_app: Callable[[], Flask], passed: socket.SocketType | None = None
) -> None:
    """Serve until the process is told to stop; at the ``passed`` socket, or at ``server.bind``.

    Raises SettingsError when granian is not installed, or the address is in use.
    """
    try:
        from granian.server import Server  # noqa: PLC0415 (an extra)
    except ImportError as error:
        raise SettingsError(NOT_INSTALLED) from error
    if passed is None:
        _refuse_taken(settings.server.bind)
    # A closure reaches a forked process, and the code that was loaded is shared.
    multiprocessing.set_start_method("fork", force=True)
    signal.signal(signal.SIGQUIT, _stop_in_order)
    server = Server("idp", **options(settings))
    if passed is not None:
        _listen_at(server, passed)
    server.serve(target_loader=lambda: _load(make_app), wrap_loader=False)


def options(settings: Settings) -> dict[str, Any]:
    """Return granian's options."""
    from granian.http import HTTP1Settings  # noqa: PLC0415 (an extra)

    section = settings.server
    return {
        **_address(section.bind),
        "interface": "wsgi",
        "http": "1",
        "websockets": False,
        "workers": section.processes,
        "blocking_threads": section.threads + waiting_for_a_hash(settings),
        "backpressure": CONNECTIONS,
        "http1_settings": HTTP1Settings(
            header_read_timeout=REQUEST_SECONDS * 1000, max_buffer_size=LARGEST_HEAD
        ),
        "respawn_failed_workers": True,
        "workers_kill_timeout": GRACE_SECONDS,
        "ssl_cert": Path(section.tls_certificate) if section.tls_certificate else None,
        "ssl_key": Path(section.tls_key) if section.tls_key else None,
        "ssl_protocol_min": "tls1.2",
        "log_level": "warning",
        "log_dictconfig": {
            "handlers": {},
            "filters": {"meant": {"()": lambda: _is_unforeseen}},
            "loggers": {"_granian": {"propagate": True, "filters": ["meant"]}},
        },
    }


def _is_unforeseen(record: logging.LogRecord) -> bool:
    """Return False for granian's warning of many threads at each start.

    They are meant, and few run at once: who waits for a hash gives its place to others
    (`RequestPlaces`), of which granian knows nothing.
    """
    return not record.getMessage().startswith("Configuration allows spawning up to")


def _listen_at(server: Any, passed: socket.SocketType) -> None:  # noqa: ANN401 (an extra's)
    """Let all web processes accept at ``passed``; granian itself only knows sockets that it opens.

    In granian 2.8, each web process gets a ``SocketHolder``, as for a Unix socket.
    """
    from granian._granian import SocketHolder  # noqa: PLC0415 (an extra)

    def share() -> None:
        os.set_inheritable(passed.fileno(), True)  # noqa: FBT003 (it takes no name)
        passed.settimeout(0)
        is_local = passed.family == socket.AF_UNIX
        server._shd = SocketHolder(  # type: ignore[call-arg]  # noqa: SLF001
            passed.fileno(), is_local, CONNECTIONS
        )
        server._sso = passed  # noqa: SLF001

    server._init_shared_socket = share  # noqa: SLF001


def _address(bind: str) -> dict[str, Any]:
    if bind.startswith("unix:"):
        return {"uds": Path(bind.removeprefix("unix:")), "uds_permissions": EVERYONE}
    host, _, port = bind.rpartition(":")
    return {"address": host.strip("[]"), "port": int(port)}


def _refuse_taken(bind: str) -> None:
    """Raise SettingsError when another process listens: granian would share its port with it."""
    if bind.startswith("unix:"):
        Path(bind.removeprefix("unix:")).unlink(missing_ok=True)
        return
    place = _address(bind)
    family = socket.AF_INET6 if ":" in place["address"] else socket.AF_INET
    try:
        socket.create_server((place["address"], place["port"]), family=family).close()
    except OSError as error:
        raise SettingsError(f"server.bind cannot be listened at: {error.strerror}") from error


def _load(make_app: Callable[[], Flask]) -> UnambiguousRequests:
    """Return the app of this web process, which ends with its parent."""
    Thread(target=_end_with_parent, daemon=True).start()
    return UnambiguousRequests(make_app())


def _end_with_parent() -> None:
    """Stop this web process when its parent is gone: else it would go on listening."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def _stop_in_order(_sig: int, _frame: object) -> None:
    """Stop on SIGQUIT as on SIGTERM: granian's processes would leave their requests."""
    os.kill(os.getpid(), signal.SIGTERM)
