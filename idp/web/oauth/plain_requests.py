"""Plain requests of programs, answered in front of the app: half of what such a request costs.

Programs send the same few requests again and again: a form or a bearer token to the token endpoint,
userinfo, introspection or revocation. The protocol needs nothing of Flask for them, and the answer
of a success has the same headers each time. Everything else is the app's: what is not plain, and
every answer but a plain success.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import NoReturn, cast
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import EnvironHeaders

from idp.deps import Deps
from idp.protocol.core import endpoints
from idp.protocol.core.replies import NO_STORE, Json, Reply
from idp.protocol.core.requests import ProtocolRequest
from idp.web.oauth import views

OK = "200 OK"
JSON = ("Content-Type", "application/json")
LENGTH = re.compile("[0-9]{1,5}")
Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Endpoint:
    """How the app answers at one address."""

    answer: Callable[[ProtocolRequest], Reply]
    send: Callable[..., ResponseReturnValue]
    """The view's own last step."""
    methods: Sequence[str]
    headers: Headers
    """What the app adds to a success, whatever it says."""


class PlainRequests:
    """WSGI middleware for plain requests to the endpoints of programs.

    A request is plain when its path is spelled as documented, without a query, the host is the
    issuer's, and its body, if any, has a length. Maintenance is the app's to announce.
    """

    def __init__(self, app: Flask, deps: Deps, largest_body: int) -> None:
        """Take the app with its views and hooks registered."""
        self._app = app
        self._inner: WSGIApplication = app.wsgi_app
        self._host = urlsplit(deps.settings.server.issuer).netloc
        self._maintenance = deps.maintenance
        self._largest_body = largest_body
        issuer, provider = deps.settings.server.issuer, deps.provider
        self._endpoints = {
            path: _Endpoint(answer, send, methods, _added(app, issuer + path, methods[0]))
            for path, answer, send, methods in (
                (endpoints.TOKEN, provider.token, views.send_counted, ("POST",)),
                (endpoints.USERINFO, provider.userinfo, views.send, ("GET", "POST")),
                (endpoints.INTROSPECT, provider.introspect, views.send_counted, ("POST",)),
                (endpoints.REVOKE, provider.revoke, views.send_counted, ("POST",)),
            )
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a plain request; pass on every other one."""
        endpoint = self._endpoints.get(environ["PATH_INFO"])
        if endpoint is None or not self._is_plain(environ, endpoint):
            return self._inner(environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        # The app may have to read it again.
        environ["wsgi.input"] = BytesIO(body)
        if len(body) != int(environ.get("CONTENT_LENGTH") or 0):
            return self._inner(environ, start_response)
        return self._answer(environ, start_response, endpoint, body)

    def _is_plain(self, environ: WSGIEnvironment, endpoint: _Endpoint) -> bool:
        length = environ.get("CONTENT_LENGTH") or "0"
        path = environ["PATH_INFO"]
        return (
            environ["REQUEST_METHOD"] in endpoint.methods
            and environ.get("HTTP_HOST") == self._host
            and environ.get("RAW_URI", path) == path
            and not environ.get("QUERY_STRING")
            and "HTTP_TRANSFER_ENCODING" not in environ
            and LENGTH.fullmatch(length) is not None
            and int(length) <= self._largest_body
            and self._maintenance.now() is None
        )

    def _answer(
        self,
        environ: WSGIEnvironment,
        start_response: StartResponse,
        endpoint: _Endpoint,
        body: bytes,
    ) -> Iterable[bytes]:
        try:
            reply = endpoint.answer(_request(environ, body))
        except Exception as error:  # noqa: BLE001 (the app has a handler for every one)
            return self._by_the_app(environ, start_response, partial(_fail, error))
        if isinstance(reply, Json) and reply.status == 200:
            text = views.json_text(reply)
            length = ("Content-Length", str(len(text)))
            start_response(OK, [JSON, length, *reply.headers.items(), *endpoint.headers])
            return [text]
        return self._by_the_app(environ, start_response, partial(endpoint.send, reply))

    def _by_the_app(
        self,
        environ: WSGIEnvironment,
        start_response: StartResponse,
        make: Callable[[], ResponseReturnValue],
    ) -> Iterable[bytes]:
        """Send what ``make`` returns or raises as the app sends the answer of a view."""
        with self._app.request_context(environ):
            try:
                made = make()
            except Exception as error:  # noqa: BLE001 (the app has a handler for every one)
                made = self._app.handle_user_exception(error)
            return self._app.finalize_request(made)(environ, start_response)


def _fail(error: Exception) -> NoReturn:
    raise error


def _request(environ: WSGIEnvironment, body: bytes) -> ProtocolRequest:
    return ProtocolRequest(
        method=environ["REQUEST_METHOD"],
        path=environ["PATH_INFO"],
        body=body,
        headers=cast(Mapping[str, str], EnvironHeaders(environ)),
        content_type=environ.get("CONTENT_TYPE", ""),
    )


def _added(app: Flask, url: str, method: str) -> Headers:
    """Return the headers that the app's hooks add to a success at ``url``."""
    own = dict(NO_STORE)
    with app.test_request_context(url, method=method):
        answer = app.process_response(Response(headers=own))
    return [
        (name, value)
        for name, value in answer.headers
        if name not in {*own, "Content-Type", "Content-Length"}
    ]
