"""The replies of the endpoints; ``idp.web`` turns each into an HTTP response."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil
from typing import Any

from idp.domain.authorization.interaction import AuthorizationContext, Step
from idp.domain.clients.client import Client

NO_STORE: Mapping[str, str] = {"Cache-Control": "no-store", "Pragma": "no-cache"}


@dataclass(frozen=True, slots=True)
class Redirect:
    """An authorization or logout response: 303 to a checked address (RFC 9700 4.12)."""

    uri: str = field(repr=False)
    error: str = ""
    description: str = ""
    """The OAuth error in ``uri``, if there is one, and its description."""


@dataclass(frozen=True, slots=True)
class FormPost:
    """An authorization response as a form that posts itself (Form Post Response Mode 1.0)."""

    uri: str
    fields: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class AskReturn:
    """The citizen is asked before ``response`` takes them to a portal that is not trusted."""

    response: Redirect | FormPost
    client: Client


@dataclass(frozen=True, slots=True)
class Json:
    """A JSON answer."""

    status: int
    body: Mapping[str, Any] = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=lambda: NO_STORE)


@dataclass(frozen=True, slots=True)
class Jwt:
    """A JWT as the answer (OIDC Core 5.3.2: ``application/jwt``)."""

    text: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=lambda: NO_STORE)


@dataclass(frozen=True, slots=True)
class Document:
    """Prepared JSON bytes that may be cached; ``etag`` names this version."""

    content: bytes = field(repr=False)
    etag: str
    max_age: int


@dataclass(frozen=True, slots=True)
class Empty:
    """An answer without content."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: NO_STORE)


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """An error shown by the hub only; the pages have a text for ``code``, and show ``error``.

    ``received``: what the request said of client and address, for the portal's developers.
    """

    code: str
    status: int = 400
    detail: str = ""
    error: str = "invalid_request"
    received: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class GoTo:
    """The citizen must do ``step`` next; ``sealed`` is the request, for the resume endpoint."""

    step: Step
    sealed: str = field(repr=False)
    context: AuthorizationContext


@dataclass(frozen=True, slots=True)
class Resume:
    """A POSTed authorization request was checked and sealed: 303 to the resume endpoint (D4)."""

    sealed: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AskSignOut:
    """A checked logout request; ``sealed`` tells ``Provider.signed_out`` where the citizen goes.

    ``ui_locales`` is the portal's wish for the language of the page, unchecked.
    """

    sealed: str = field(repr=False)
    ui_locales: str = ""


def unavailable(retry_after: timedelta) -> Json:
    """Return 503 with ``Retry-After``, for a temporary failure (RFC 9110 15.6.4)."""
    later = {"Retry-After": str(ceil(retry_after.total_seconds()))}
    return Json(503, {"error": "temporarily_unavailable"}, {**NO_STORE, **later})


Reply = (
    Redirect
    | FormPost
    | AskReturn
    | Json
    | Jwt
    | Document
    | Empty
    | ErrorPage
    | GoTo
    | Resume
    | AskSignOut
)
