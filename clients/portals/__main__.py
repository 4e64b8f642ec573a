"""``python -m clients.portals CLIENT_ID…``: run sample portals on loopback.

The hub's address, the client secret and the port of the first come from the environment
(PORTAL_ISSUER, PORTAL_CLIENT_SECRET, PORTAL_PORT); the next one has the next port. Without them it
is the demo, the secret is asked for, and the port is 3000. PORTAL_TIMEOUT is how many seconds they
wait for an answer of the hub (10).
"""

import logging
import os
import sys
from getpass import getpass
from threading import Thread
from time import sleep

from flask import Flask
from werkzeug.serving import make_server

from clients.portals import single_page
from clients.portals.api import Api, create_api
from clients.portals.portal import PORTALS, Deployment, create_portal

ISSUER, PORT, LEEWAY, TIMEOUT = "http://127.0.0.1:8000", 3000, 120, 10
API = "contributions-api"


def main() -> None:
    """Serve the portals named on the command line until the process is stopped."""
    # Werkzeug's request log would record the authorization codes in addresses.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    first = int(os.environ.get("PORTAL_PORT", PORT))
    servers = [
        make_server("127.0.0.1", port, _app(client_id, port), threaded=True)
        for port, client_id in enumerate(sys.argv[1:], first)
    ]
    if os.environ.get("PORTAL_ENDS_WITH_PARENT"):
        Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    for server in servers[1:]:
        Thread(target=server.serve_forever, daemon=True).start()
    servers[0].serve_forever()


def _app(client_id: str, port: int) -> Flask:
    issuer = os.environ.get("PORTAL_ISSUER", ISSUER)
    leeway = int(os.environ.get("PORTAL_LEEWAY", LEEWAY))
    timeout = float(os.environ.get("PORTAL_TIMEOUT", TIMEOUT))
    if client_id == single_page.CLIENT_ID:
        api = f"http://127.0.0.1:{port + 1}/"
        return single_page.create_single_page(single_page.SinglePage(issuer, api, leeway, timeout))
    if client_id == API:
        own, page = f"http://127.0.0.1:{port}/", f"http://127.0.0.1:{port - 1}"
        return create_api(Api(issuer, own, API, _secret(), page, leeway))
    return create_portal(PORTALS[client_id], Deployment(issuer, _secret(), leeway, timeout))


def _secret() -> str:
    """Return the client secret: of the environment, or what somebody types."""
    given = os.environ.get("PORTAL_CLIENT_SECRET")
    if given:
        return given
    return getpass("Client secret: ") if sys.stdin.isatty() else sys.stdin.readline().strip()


def _end_with_parent(parent: int) -> None:
    """End this process when its parent, the demo, has ended."""
    while os.getppid() == parent:
        sleep(0.5)
    os._exit(0)


if __name__ == "__main__":
    main()
