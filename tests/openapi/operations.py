"""What each route of the protocol is for, takes and answers."""

from dataclasses import dataclass
from typing import Any

from idp.protocol.authorize import authorization_request
from idp.protocol.core import endpoints
from idp.protocol.logout import end_session
from idp.protocol.token import token_endpoint, token_request
from idp.web.http.machines import OLD_TOKEN
from idp.web.oauth import old_paths
from tests.openapi import answers
from tests.openapi.answers import Answers

NOBODY: list[dict[str, list[str]]] = []
CLIENT: list[dict[str, list[str]]] = [{"client_secret_basic": []}, {}]
"""The methods without a header (secret in the body, assertion, public) need no scheme."""
BEARER: list[dict[str, list[str]]] = [{"access_token": []}]
TOKEN_OF_A_CLIENT: list[dict[str, list[str]]] = [{"registration_token": []}]
OWN_ADDRESS = f"{endpoints.REGISTER}/{{client_id}}"
AUTHORIZE_NEEDS = ("client_id", "redirect_uri", "response_type", "scope")


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method of one path."""

    summary: str
    answers: Answers
    parameters: frozenset[str] = frozenset()
    required: tuple[str, ...] = ()
    in_body: bool = False
    has_metadata: bool = False
    """The body is a client's metadata in JSON (RFC 7591 2)."""
    security: Any = ()
    deprecated: bool = False


AUTHORIZE = Operation(
    summary="Ask the hub to sign somebody in (OIDC Core 3.1.2.1).",
    answers=answers.AUTHORIZED,
    parameters=authorization_request.KNOWN,
    required=AUTHORIZE_NEEDS,
)
TOKEN = Operation(
    summary="Exchange a code or a refresh token; get a service's token (RFC 6749 4.1.3, 4.4, 6).",
    answers={"200": answers.json_of("The tokens.", answers.TOKENS), **answers.OF_A_CLIENT},
    parameters=token_endpoint.KNOWN,
    required=("grant_type",),
    in_body=True,
    security=CLIENT,
)
METADATA = Operation(
    summary="Read the metadata (OIDC Discovery 4, RFC 8414 3).",
    answers={"200": answers.json_of("The metadata.", answers.METADATA), **answers.CACHED},
)
USERINFO = Operation(
    summary="Learn who signed in (OIDC Core 5.3).", answers=answers.TOLD, security=BEARER
)
END_SESSION = Operation(
    summary="Ask the hub to sign the citizen out (RP-Initiated Logout 2).",
    answers=answers.ON_PAGES,
    parameters=end_session.KNOWN,
)

OPERATIONS: dict[tuple[str, str], Operation] = {
    (endpoints.CONFIGURATION, "GET"): METADATA,
    (endpoints.OAUTH_METADATA, "GET"): METADATA,
    (endpoints.JWKS, "GET"): Operation(
        summary="Read the public keys (RFC 7517 5).",
        answers={"200": answers.json_of("The key set.", answers.KEYS), **answers.CACHED},
    ),
    (endpoints.AUTHORIZE, "GET"): AUTHORIZE,
    (endpoints.AUTHORIZE, "POST"): Operation(
        summary="The same as a form (OIDC Core 3.1.2.1).",
        answers=answers.AUTHORIZED,
        parameters=authorization_request.KNOWN,
        required=AUTHORIZE_NEEDS,
        in_body=True,
    ),
    (endpoints.RESUME, "GET"): Operation(
        summary="Go on after a page of the hub; not for portals.",
        answers=answers.RESUMED,
        parameters=frozenset({"context", "posted", "pressed"}),
    ),
    (endpoints.DENIED, "GET"): Operation(
        summary="Leave for the portal after the citizen said no; not for portals.",
        answers=answers.RESUMED,
        parameters=frozenset({"context", "pressed"}),
    ),
    (endpoints.TOKEN, "POST"): TOKEN,
    (endpoints.USERINFO, "GET"): USERINFO,
    (endpoints.USERINFO, "POST"): USERINFO,
    (endpoints.INTROSPECT, "POST"): Operation(
        summary="Learn whether a token lives (RFC 7662 2).",
        answers={
            "200": answers.json_of("What is known of it.", answers.INTROSPECTION),
            **answers.OF_A_CLIENT,
        },
        parameters=token_request.KNOWN,
        required=("token",),
        in_body=True,
        security=CLIENT,
    ),
    (endpoints.REVOKE, "POST"): Operation(
        summary="Take a token back, with all that came of its grant (RFC 7009 2).",
        answers={"200": answers.EMPTY, **answers.OF_A_CLIENT},
        parameters=token_request.KNOWN,
        required=("token",),
        in_body=True,
        security=CLIENT,
    ),
    (endpoints.END_SESSION, "GET"): END_SESSION,
    (endpoints.END_SESSION, "POST"): Operation(
        summary="The same as a form (RP-Initiated Logout 2).",
        answers=answers.ON_PAGES,
        parameters=end_session.KNOWN,
        in_body=True,
    ),
    (endpoints.REGISTER, "POST"): Operation(
        summary="Register a client (RFC 7591 3, OIDC Registration 3).",
        answers={
            "201": answers.json_of("What is registered.", answers.CLIENT_INFORMATION),
            **answers.OF_A_REGISTRATION,
        },
        has_metadata=True,
        security=TOKEN_OF_A_CLIENT,
    ),
    (OWN_ADDRESS, "GET"): Operation(
        summary="Read what is registered (RFC 7592 2.1).",
        answers={
            "200": answers.json_of("What is registered.", answers.CLIENT_INFORMATION),
            **answers.OF_AN_OWN_ADDRESS,
        },
        security=TOKEN_OF_A_CLIENT,
    ),
    (OWN_ADDRESS, "PUT"): Operation(
        summary="Replace what is registered (RFC 7592 2.2).",
        answers={
            "200": answers.json_of("What is registered now.", answers.CLIENT_INFORMATION),
            **answers.OF_AN_OWN_ADDRESS,
            **answers.CHANGED_MEANWHILE,
        },
        has_metadata=True,
        security=TOKEN_OF_A_CLIENT,
    ),
    (OWN_ADDRESS, "DELETE"): Operation(
        summary="Remove the client (RFC 7592 2.3).",
        answers={
            "204": answers.REMOVED,
            **answers.OF_AN_OWN_ADDRESS,
            **answers.CHANGED_MEANWHILE,
        },
        security=TOKEN_OF_A_CLIENT,
    ),
    (endpoints.CHECK_SESSION, "GET"): Operation(
        summary="The frame that tells of sign-outs (Session Management 1.0 3).",
        answers={"200": answers.page("A script for frames."), **answers.FRAMED},
    ),
    (OLD_TOKEN, "POST"): Operation(
        summary="The token endpoint's earlier address.",
        answers=TOKEN.answers,
        parameters=TOKEN.parameters,
        required=TOKEN.required,
        in_body=True,
        security=CLIENT,
        deprecated=True,
    ),
    (old_paths.AUTHORIZE, "GET"): Operation(
        summary="The authorization endpoint's earlier address.",
        answers={"303": answers.redirect("To the endpoint of today.")},
        parameters=authorization_request.KNOWN,
        deprecated=True,
    ),
    (old_paths.SIGN_OUT, "GET"): Operation(
        summary="The sign-out's earlier address.",
        answers={"303": answers.redirect("To the endpoint of today.")},
        parameters=frozenset(
            old_paths.NEW_NAMES.keys() | end_session.KNOWN - set(old_paths.NEW_NAMES.values())
        ),
        deprecated=True,
    ),
}
