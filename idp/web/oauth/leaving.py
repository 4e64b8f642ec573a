"""The page that leads a browser from a form of the hub to a portal.

Chromium applies ``form-action`` to every redirect after a form's POST, and pages with a form of the
hub allow only the hub's own origin. It would block a portal whose callback redirects to another
origin or to an app's scheme. So the redirects after a form end on this page. Its ``Refresh`` header
leads on: it is not part of the form's POST and needs no script. The portal replaces this page in
the browser's history, so that Back skips it.

Programs know no ``form-action`` and do not follow ``Refresh``: they get the redirect.
"""

from urllib.parse import urlsplit

from flask import Response, make_response, render_template, request

from idp.domain.clients.addresses import host_of
from idp.domain.clients.client import Client

BROWSERS = ("Mozilla/", "Opera/")
"""What the ``User-Agent`` of every browser contains; Opera Mini's has the latter alone."""


def is_needed() -> bool:
    """Return whether a redirect to a portal must be this page: a browser asks, no program."""
    return any(name in request.user_agent.string for name in BROWSERS)


def page(uri: str, again: str, portal: Client | None) -> Response:
    """Return the page that leads to ``uri``, a checked address.

    ``again`` is the page's link, an address of the hub that redirects to the portal: some apps open
    on a click only. ``portal`` is the client to name, None for one that is not reviewed.
    """
    host = host_of(uri) or urlsplit(uri).scheme
    body = render_template("oauth/leaving.html", again=again, portal=portal, host=host)
    answer = make_response(body)
    answer.headers["Refresh"] = f"0;url={uri}"
    return answer
