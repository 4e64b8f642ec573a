"""The page by which a browser leaves the hub after a form of ours.

Chromium applies ``form-action`` to every redirect after a form's POST, and pages with our forms
allow none but our own. A portal whose callback redirects to another origin, or to an app's scheme,
could not be entered by a redirect: so the chain of a form ends on this page, and the browser goes
on by ``Refresh``, which is no form's and needs no script. It replaces the page in the history, so
that Back does not come by here again.
"""

from urllib.parse import urlsplit

from flask import Response, make_response, render_template

from idp.domain.clients.addresses import host_of


def page(uri: str, again: str, portal: str) -> Response:
    """Return the page that goes on to ``uri``, a checked address.

    ``again`` is an address of ours that redirects there: browsers open some apps for a press only.
    ``portal`` is the name to show, empty where nobody has reviewed it.
    """
    host = host_of(uri) or urlsplit(uri).scheme
    body = render_template("oauth/leaving.html", again=again, portal=portal, host=host)
    answer = make_response(body)
    answer.headers["Refresh"] = f"0;url={uri}"
    return answer
