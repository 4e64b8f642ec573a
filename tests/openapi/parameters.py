"""What each parameter of the protocol may hold, from the constants that the checks use."""

from typing import Any

from idp.domain.clients.response_types import RESPONSE_TYPES
from idp.domain.sign_in.session import ACR_VALUES
from idp.protocol.authorize import authorization_request, authorization_response
from idp.protocol.clients.private_key_jwt import ASSERTION_TYPE
from idp.protocol.token import token_endpoint

Schema = dict[str, Any]


def text(about: str, **more: Any) -> Schema:
    """Return the schema of a text."""
    return {"type": "string", "description": about, **more}


PARAMETERS: dict[str, Schema] = {
    "acr_values": text("Ways to sign in, the preferred first.", examples=list(ACR_VALUES)),
    "claims": text("JSON: what the ID token and userinfo shall hold (OIDC Core 5.5)."),
    "client_assertion": text("A JWT of the client's, for private_key_jwt (RFC 7523 2.2)."),
    "client_assertion_type": text("The kind of assertion.", enum=[ASSERTION_TYPE]),
    "client_id": text("The client's name.", examples=["my-portal"]),
    "client_secret": text("The client's secret, for client_secret_post."),
    "code": text("The code that authorization gave; works once, within a minute."),
    "code_challenge": text("PKCE (RFC 7636 4.2).", pattern="^[A-Za-z0-9_-]{43}$"),
    "code_challenge_method": text(
        "PKCE (RFC 7636 4.3).", enum=list(authorization_request.CODE_CHALLENGE_METHODS)
    ),
    "code_verifier": text("PKCE (RFC 7636 4.1).", pattern="^[A-Za-z0-9._~-]{43,128}$"),
    "grant_type": text("What is exchanged.", enum=list(token_endpoint.GRANT_TYPES)),
    "id_token_hint": text("An ID token that this hub gave; it may have expired."),
    "login_hint": text("What the citizen would type as user name."),
    "max_age": text("The oldest sign-in that serves, in seconds.", pattern="^[0-9]{1,9}$"),
    "nonce": text("Comes back in the ID token.", maxLength=authorization_request.MAX_NONCE),
    "post_logout_redirect_uri": text("Where to go after the sign-out; registered."),
    "pressed": text("The citizen pressed the link of the page that leaves for the portal."),
    "prompt": text(
        "What to ask the citizen, several with spaces between.",
        examples=list(authorization_request.PROMPTS),
    ),
    "redirect_uri": text("Where the answer goes; registered, byte for byte."),
    "refresh_token": text("A refresh token; it is replaced at every use."),
    "registration": text("Self-issued providers only: refused."),
    "request": text("A request object: the parameters as a signed JWT (RFC 9101)."),
    "request_uri": text("The registered address of a request object."),
    "resource": text("Whom the access token is for (RFC 8707); may be repeated."),
    "response_mode": text(
        "How the answer travels.", enum=list(authorization_response.RESPONSE_MODES)
    ),
    "response_type": text(
        "What comes back; all but `code` where hub and client allow it.", enum=list(RESPONSE_TYPES)
    ),
    "scope": text("What the portal wants to know.", examples=["openid profile"]),
    "state": text("Comes back unchanged."),
    "token": text("An access token or a refresh token."),
    "ui_locales": text("Languages of the pages, the preferred first.", examples=["fa", "en fa"]),
    # Of the steps between our pages, and of earlier addresses.
    "context": text("The request that waits, sealed by the hub."),
    "posted": text("A request that came by POST, sealed by the hub."),
}
