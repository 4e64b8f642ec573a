"""The logos of portals, served from the hub's own origin."""

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from idp.deps import deps

bp = Blueprint("portals", __name__, url_prefix="/portals")
ALONE = "default-src 'none'; sandbox"


@bp.get("/<client_id>/logo-<version>.png")
def logo(client_id: str, version: str) -> ResponseReturnValue:
    """Return a portal's logo; it is cached for a year, for its address changes with the picture."""
    with deps().begin(read_only=True) as work:
        client, png = work.clients.find(client_id), work.clients.find_logo(client_id)
    if client is None or png is None or client.logo_version != version:
        abort(404)
    response = Response(png, mimetype="image/png")
    response.headers["Content-Security-Policy"] = ALONE
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.set_etag(version)
    return response.make_conditional(request)
