"""Which request a log line belongs to: its id, the caller's trace, the visitor's network."""

import re
from collections.abc import Callable, Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from idp.domain.protection.rate_limits import EverybodysKey
from idp.ports import Vault
from idp.telemetry import trace_context
from idp.telemetry.request_context import RequestContext, answering

REQUEST_ID = re.compile("[0-9a-f]{32}")
"""As nginx makes it (``$request_id``). Another text could be anybody's, so it gets no line."""
PURPOSE = "log_network"
DIGITS = 16


class RequestIds:
    """WSGI middleware that notes the request for the log lines of its thread."""

    def __init__(self, app: WSGIApplication, vault: Vault, *, has_proxy: bool) -> None:
        """``has_proxy``: a proxy of ours stands in front, whose ``X-Request-Id`` counts."""
        self._app = app
        self._vault = vault
        self._has_proxy = has_proxy

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as the app does."""
        given, parent = environ.get("HTTP_X_REQUEST_ID", ""), environ.get("HTTP_TRACEPARENT")
        is_given = self._has_proxy and REQUEST_ID.fullmatch(given)
        context = RequestContext(
            self._network(environ),
            given_id=given if is_given else "",
            trace=None if parent is None else trace_context.parse(parent),
        )
        with answering(context):
            return self._app(environ, start_response)

    def _network(self, environ: WSGIEnvironment) -> Callable[[], str]:
        """Return what makes the digest: keyed, for an address could be found by trying all.

        By then the app has put the visitor's address in place of the proxy's.
        """

        def digest() -> str:
            key = EverybodysKey.of_network(environ.get("REMOTE_ADDR", ""))
            return self._vault.digest(key.value, purpose=PURPOSE)[:DIGITS] if key else ""

        return digest
