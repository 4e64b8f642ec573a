"""CORS: which endpoints scripts of other origins may read."""

from flask import Response, request

from idp.protocol.core import endpoints
from idp.web.http.machines import OLD_TOKEN

OPEN_TO_SCRIPTS = frozenset(
    {
        endpoints.TOKEN,
        OLD_TOKEN,
        endpoints.REVOKE,
        endpoints.USERINFO,
        endpoints.JWKS,
        endpoints.CONFIGURATION,
        endpoints.OAUTH_METADATA,
    }
)
"""Scripts of any origin may read these, without cookies (OAuth 2.1; attack X09)."""


def allow_scripts(response: Response) -> Response:
    """Add CORS headers to the endpoints of ``OPEN_TO_SCRIPTS``, never for credentials."""
    if request.path in OPEN_TO_SCRIPTS:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
        response.headers["Access-Control-Allow-Methods"] = "GET, POST"
    return response
