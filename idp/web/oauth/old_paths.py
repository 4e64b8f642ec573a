"""The organisation's earlier addresses of three endpoints, for portals that still name them.

The same rules apply: exact redirect URIs, PKCE, ``response_type=code``. The metadata does not name
them. Source: the public contract of the server that this hub replaces.
"""

from urllib.parse import urlencode

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from idp.protocol.core import endpoints
from idp.web.http.machines import OLD_TOKEN
from idp.web.oauth import cors, views

AUTHORIZE = "/auth/server/authorize"
SIGN_OUT = "/auth/signout"
NEW_NAMES = {"redirect_uri": "post_logout_redirect_uri"}

bp = Blueprint("old_paths", __name__)
bp.post(OLD_TOKEN)(views.token)
bp.after_request(cors.allow_scripts)


@bp.get(AUTHORIZE)
def authorize() -> ResponseReturnValue:
    """Redirect to the authorization endpoint, with the query unchanged byte for byte."""
    return _lead_to(endpoints.AUTHORIZE, request.query_string.decode("latin-1"))


@bp.get(SIGN_OUT)
def sign_out() -> ResponseReturnValue:
    """Redirect to the end session endpoint; ``redirect_uri`` becomes ``post_logout_redirect_uri``.

    That endpoint returns to the address only with an ``id_token_hint`` (attack L02).
    """
    given = [(NEW_NAMES.get(name, name), one) for name, one in request.args.items(multi=True)]
    return _lead_to(endpoints.END_SESSION, urlencode(given))


def _lead_to(path: str, query: str) -> Response:
    # Not flask.redirect: it would re-encode a query that must stay byte for byte.
    return Response(status=303, headers={"Location": f"{path}?{query}" if query else path})
