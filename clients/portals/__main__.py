"""``python -m clients.portals <client_id>``: run one sample portal on loopback."""

import logging
import os
import sys
from threading import Thread
from time import sleep

from werkzeug.serving import make_server

from clients.portals.portal import PORTALS, Deployment, create_portal


def main() -> None:
    """Serve the portal named on the command line until the process is stopped."""
    # Werkzeug's request log would record the authorization codes in addresses.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    app = create_portal(
        PORTALS[sys.argv[1]],
        Deployment(
            issuer=os.environ["PORTAL_ISSUER"],
            client_secret=os.environ["PORTAL_CLIENT_SECRET"],
            leeway=int(os.environ.get("PORTAL_LEEWAY", "120")),
        ),
    )
    if os.environ.get("PORTAL_ENDS_WITH_PARENT"):
        Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    make_server("127.0.0.1", int(os.environ["PORTAL_PORT"]), app, threaded=True).serve_forever()


def _end_with_parent(parent: int) -> None:
    """End this process when its parent, the demo, has ended."""
    while os.getppid() == parent:
        sleep(0.5)
    os._exit(0)


if __name__ == "__main__":
    main()
