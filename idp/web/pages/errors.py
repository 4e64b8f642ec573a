"""Error pages, and JSON errors for programs: no text of a library, no traceback."""

import traceback
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil
from pathlib import PurePath

import structlog
from flask import (
    Flask,
    Response,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from gunicorn.http.errors import NoMoreData, ParseException
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from idp.deps import deps
from idp.ports import DatabaseUnavailable, FetchBusy, HashingBusy
from idp.protocol.core import endpoints
from idp.services.protection.owners_counters import TooMany
from idp.web.forms import proof_of_work
from idp.web.http.machines import is_for_machines
from idp.web.http.security import CookiesNeeded
from idp.web.words import messages, waits

log = structlog.get_logger(__name__)

_OAUTH_CODES = {
    429: "temporarily_unavailable",
    503: "temporarily_unavailable",
    500: "server_error",
}
_FOR_PORTALS = frozenset(
    {endpoints.AUTHORIZE, endpoints.RESUME, endpoints.DENIED, endpoints.END_SESSION}
)


@dataclass(frozen=True, slots=True)
class Told:
    """What a page tells the portal's developers: an OAuth error, and what the request said."""

    error: str = ""
    detail: str = ""
    received: Mapping[str, str] = field(default_factory=dict, repr=False)


LONGEST_RECEIVED = 200
"""Of a value that the page repeats; it may be anybody's text."""


def show(
    code: str,
    status: int,
    *,
    retry_after: timedelta | None = None,
    told: Told | None = None,
) -> ResponseReturnValue:
    """Return the error page for ``code`` (of ``words.messages``); JSON on machine endpoints.

    At the addresses where portals send citizens, the page shows the OAuth ``error`` too, and what
    was ``received``, as text and cut. A host that is not trusted gets the sentence as plain text
    (attack H01).
    """
    headers = {} if retry_after is None else {"Retry-After": str(ceil(retry_after.total_seconds()))}
    if is_for_machines(request.path):
        return jsonify(error=_OAUTH_CODES.get(status, "invalid_request")), status, headers
    if request_ctx.url_adapter is None:  # a host that is not trusted: url_for cannot work
        return Response(_sentence(code, retry_after), status, headers, mimetype="text/plain")
    told = told or Told(_error_of_portal(status))
    return page(code, status, told, retry_after), status, headers


def page(
    code: str,
    status: int,
    told: Told | None = None,
    retry_after: timedelta | None = None,
) -> str:
    """Return the page for ``code``."""
    told = told or Told()
    return render_template(
        "error.html",
        code=code,
        sentence=_sentence(code, retry_after),
        status=status,
        is_fault_of_portal=messages.is_fault_of_portal(code),
        technical=": ".join(filter(None, (told.error, told.detail))),
        received={name: value[:LONGEST_RECEIVED] for name, value in told.received.items()},
        reference=reference(),
    )


def _sentence(code: str, retry_after: timedelta | None) -> str:
    wait = "" if retry_after is None else waits.in_words(retry_after, deps().clock())
    return messages.text(code, wait=wait)


def _error_of_portal(status: int) -> str:
    """Return the OAuth error of the status where portals send citizens; else nothing."""
    return _OAUTH_CODES.get(status, "invalid_request") if request.path in _FOR_PORTALS else ""


def reference() -> str:
    """Return the request's reference number, which the page shows and the log records."""
    if "reference" not in g:
        g.reference = deps().randomness.tracking_number()
    return str(g.reference)


def register_handlers(app: Flask) -> None:
    """Register the error handlers of the app."""
    app.register_error_handler(CookiesNeeded, _no_cookies)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(MethodNotAllowed, _not_allowed)
    app.register_error_handler(TooMany, _too_many)
    app.register_error_handler(HashingBusy, _no_hash)
    app.register_error_handler(DatabaseUnavailable, _busy)
    app.register_error_handler(FetchBusy, _busy)
    for kind in (ParseException, NoMoreData):
        app.register_error_handler(kind, _broken_body)
    app.register_error_handler(Exception, _unexpected)


def _not_allowed(error: MethodNotAllowed) -> ResponseReturnValue:
    """Redirect a GET of an address for POST alone to the page above it; else answer 405."""
    if request.method not in {"GET", "HEAD"} or is_for_machines(request.path):
        return _http(error)
    query = request.query_string.decode("latin-1")
    page = _page_above(request.path)
    return redirect(f"{page}?{query}" if query else page, 303)


def _page_above(path: str) -> str:
    """Return the nearest parent of ``path`` that answers GET; else the login page."""
    adapter = request_ctx.url_adapter
    while path and adapter is not None:
        path = path.rpartition("/")[0]
        with suppress(NotFound, MethodNotAllowed, RequestRedirect):
            adapter.match(path, method="GET")
            return path
    return url_for("login.show")


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if 300 <= status < 400:
        return error.get_response()
    answer = make_response(show(f"http_{status}", status))
    # Headers of the status, RFC 9110: Allow (15.5.6), WWW-Authenticate (15.5.2), Retry-After.
    answer.headers.extend(
        (name, value) for name, value in error.get_headers() if name != "Content-Type"
    )
    return answer


def _no_cookies(_error: CookiesNeeded) -> ResponseReturnValue:
    return show("no_cookies", 403)


def _too_many(error: TooMany) -> ResponseReturnValue:
    return show("too_many", 429, retry_after=error.retry_after)


def _no_hash(error: HashingBusy) -> ResponseReturnValue:
    proof_of_work.give_back()
    return _busy(error)


def _broken_body(_error: Exception) -> ResponseReturnValue:
    """Answer 400: the body has a malformed chunk, or the connection closed before its end."""
    return show("http_400", 400)


def _busy(error: HashingBusy | DatabaseUnavailable | FetchBusy) -> ResponseReturnValue:
    log.warning("busy", reason=type(error).__name__)
    return show("busy", 503, retry_after=error.retry_after)


def _unexpected(error: Exception) -> ResponseReturnValue:
    log.error("unexpected", reference=reference(), error=type(error).__name__, at=_places(error))
    return show("unexpected", 500)


def _places(error: Exception) -> list[str]:
    """Return the last 12 frames. Never the error's message: libraries quote what was typed."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in frames[-12:]]
