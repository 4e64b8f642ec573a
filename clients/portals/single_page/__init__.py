"""A sample portal without a server: a page of scripts, served as files."""

import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Response, send_from_directory
from flask.typing import ResponseReturnValue

HERE = Path(__file__).parent
CLIENT_ID = "pension-estimate"


@dataclass(frozen=True)
class SinglePage:
    """The addresses that the page's scripts call, and how patient they are."""

    issuer: str
    api: str
    leeway: int = 120
    """Seconds by which the hub's clock may differ from the browser's."""
    timeout: float = 10
    """Seconds to wait for an answer of the hub."""


def create_single_page(page: SinglePage) -> Flask:
    """Return an app that serves the page; any server of files could do it."""
    app = Flask(__name__, static_folder=None)
    settings = {
        "authority": page.issuer,
        "client_id": CLIENT_ID,
        "api": page.api,
        "leeway": page.leeway,
        "timeout": page.timeout,
    }

    @app.get("/")
    @app.get("/callback")
    @app.get("/goodbye")
    def index() -> ResponseReturnValue:
        return send_from_directory(HERE, "index.html")

    @app.get("/<any('app.js', 'id_token.js', 'oidc-client-ts.min.js'):name>")
    def script(name: str) -> ResponseReturnValue:
        return send_from_directory(HERE, name)

    @app.get("/portal.css")
    def style() -> ResponseReturnValue:
        return send_from_directory(HERE.parent / "static", "portal.css")

    @app.get("/settings.js")
    def own_settings() -> ResponseReturnValue:
        return Response(f"const settings = {json.dumps(settings)}\n", mimetype="text/javascript")

    @app.get("/alive")
    def alive() -> ResponseReturnValue:
        return {"portal": CLIENT_ID}

    @app.after_request
    def close_the_page(response: Response) -> Response:
        # Tokens are in this page's memory: no other script may come in, and none may go out.
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:;"
            f" connect-src {page.issuer} {_origin(page.api)};"
            " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-cache"
        return response

    return app


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
