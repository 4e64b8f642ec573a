"""A process that serves an app of its own by the hub's server, with the settings of IDP_CONFIG."""

import os
import sys
import time
from pathlib import Path

from flask import Flask, request

from idp.adapters.passed_socket import passed_socket
from idp.cli.context import telling_what_is_broken
from idp.settings import load
from idp.web import granian_server, server

SERVERS = {"gunicorn": server, "granian": granian_server}


def make_app(folder: Path) -> Flask:
    """Return an app whose ``/slow`` is answered once there is a file ``go``."""
    app = Flask(__name__)

    @app.get("/slow")
    def slow() -> str:
        (folder / "begun").touch()
        while not (folder / "go").exists():
            time.sleep(0.01)
        return "done"

    @app.get("/process")
    def process() -> str:
        return str(os.getpid())

    @app.get("/peer")
    def peer() -> str:
        return request.environ["REMOTE_ADDR"]

    return app


if __name__ == "__main__":
    place = Path(sys.argv[1])
    with telling_what_is_broken():
        settings = load()
        serve = SERVERS[settings.server.wsgi_server].serve
        serve(settings, lambda: make_app(place), passed_socket())
