"""``python -m clients.portals <client_id>``: run one sample portal on loopback."""

import os
import sys

from werkzeug.serving import make_server

from clients.portals.portal import PORTALS, create_portal


def main() -> None:
    """Serve the portal named on the command line until told to stop."""
    portal = PORTALS[sys.argv[1]]
    app = create_portal(
        portal,
        issuer=os.environ["PORTAL_ISSUER"],
        client_secret=os.environ["PORTAL_CLIENT_SECRET"],
    )
    make_server("127.0.0.1", int(os.environ["PORTAL_PORT"]), app, threaded=True).serve_forever()


if __name__ == "__main__":
    main()
