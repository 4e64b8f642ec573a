"""What the endpoints answer, by status: words, media type and form."""

from typing import Any

Answer = dict[str, Any]
Answers = dict[str, Answer]

ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {"type": "string", "pattern": "^[a-z_]+$"},
        "error_description": {"type": "string"},
    },
}
TOKENS = {
    "type": "object",
    "required": ["access_token", "token_type", "expires_in"],
    "properties": {
        "access_token": {"type": "string"},
        "token_type": {"const": "Bearer"},
        "expires_in": {"type": "integer", "minimum": 1},
        "id_token": {"type": "string"},
        "refresh_token": {"type": "string"},
        "scope": {"type": "string"},
    },
}
INTROSPECTION = {
    "type": "object",
    "required": ["active"],
    "properties": {"active": {"type": "boolean"}},
}
WHO = {"type": "object", "required": ["sub"], "properties": {"sub": {"type": "string"}}}
KEYS = {
    "type": "object",
    "required": ["keys"],
    "properties": {
        "keys": {"type": "array", "items": {"type": "object", "required": ["kty", "kid", "use"]}}
    },
}
METADATA = {
    "type": "object",
    "required": ["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"],
    "properties": {"issuer": {"type": "string"}},
}


CLIENT_INFORMATION = {
    "type": "object",
    "required": ["client_id", "registration_access_token", "registration_client_uri"],
    "properties": {
        "client_id": {"type": "string"},
        "client_secret": {"type": "string"},
        "client_secret_expires_at": {"type": "integer"},
        "client_id_issued_at": {"type": "integer"},
        "registration_access_token": {"type": "string"},
        "registration_client_uri": {"type": "string"},
        "redirect_uris": {"type": "array", "items": {"type": "string"}},
        "scope": {"type": "string"},
    },
}


def json_of(about: str, schema: dict[str, Any]) -> Answer:
    """Return an answer in JSON."""
    return {"description": about, "content": {"application/json": {"schema": schema}}}


def page(about: str) -> Answer:
    """Return an answer that people read."""
    return {"description": about, "content": {"text/html": {"schema": {"type": "string"}}}}


def redirect(about: str) -> Answer:
    """Return an answer that leads elsewhere."""
    location = {"description": "Where to.", "schema": {"type": "string"}}
    return {"description": about, "headers": {"Location": location}}


LATER = {
    "429": json_of("Too many failures from this network: see Retry-After.", ERROR),
    "503": json_of("Busy, or closed for a while: see Retry-After.", ERROR),
}
OF_A_CLIENT = {
    "400": json_of("The request cannot be served (RFC 6749 5.2).", ERROR),
    "401": json_of("The client did not prove who it is.", ERROR),
    "413": json_of("The body is longer than 64 KiB.", ERROR),
    **LATER,
}
ON_PAGES = {
    "303": redirect("To the portal with the answer, or to a page that asks the citizen."),
    "400": page("Nobody to send an error to: a page of ours says what is wrong."),
    "413": page("The body is longer than 64 KiB."),
    "429": page("Too many requests from this network."),
    "503": page("Busy, or closed for a while."),
}
CACHED = {"304": {"description": "As you know it (ETag)."}, **LATER}
LEAVING = {
    "description": "Where the page leads at once, so that no form of the hub redirects elsewhere.",
    "schema": {"type": "string", "pattern": "^0;url="},
}
RESUMED = {
    "200": {
        **page("A page that leaves for the portal with the answer, or a form that posts it there."),
        "headers": {"Refresh": LEAVING},
    },
    **ON_PAGES,
}
AUTHORIZED = {
    "200": page("A form that posts the answer to the portal, or asks before an error goes there."),
    **ON_PAGES,
}
TOLD = {
    "200": {
        **json_of("Who signed in.", WHO),
        "content": {
            "application/json": {"schema": WHO},
            "application/jwt": {"schema": {"type": "string"}},
        },
    },
    "400": json_of("There is no key to encrypt to.", ERROR),
    "401": json_of("No token, or one that does not live.", {"type": "object"}),
    "403": json_of("The token has not the scope openid.", ERROR),
    "413": json_of("The body is longer than 64 KiB.", ERROR),
    **LATER,
}
EMPTY = {"description": "Whatever it was, it does not live now (RFC 7009 2.2)."}
OF_A_REGISTRATION = {
    "400": json_of("The metadata cannot be registered, with every reason (RFC 7591 3.2.2).", ERROR),
    "401": json_of("No token, or one that is unknown, used up or expired.", {"type": "object"}),
    "403": json_of("Administrators register or change this client.", ERROR),
    "413": json_of("The body is longer than 64 KiB.", ERROR),
    **LATER,
}
OF_AN_OWN_ADDRESS = {
    **OF_A_REGISTRATION,
    "404": json_of("No client has this address: backslashes, encoded slashes.", ERROR),
}
REMOVED = {"description": "It is removed, and what it held is dead (RFC 7592 2.3)."}
FRAMED = {name: ON_PAGES[name] for name in ("413", "429", "503")}

CHANGED_MEANWHILE = {
    "409": json_of("Somebody else changed the registration meanwhile; read it again.", ERROR),
}
