"""The metadata and the key set, answered in front of the app as long as they stay the same."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.http import http_date
from werkzeug.wrappers import Response

from idp.deps import Deps
from idp.ports import DatabaseUnavailable
from idp.protocol.core import endpoints
from idp.protocol.core.replies import Document, Json
from idp.telemetry.catalogue import CACHE_LOOKUPS

UNPLAIN = ("QUERY_STRING", "HTTP_IF_NONE_MATCH", "HTTP_RANGE", "CONTENT_TYPE")
"""What a plain request does not have."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """The app's answer to a plain request for ``document``."""

    document: Document
    status: str
    headers: list[tuple[str, str]]
    body: bytes


class PreparedDocuments:
    """WSGI middleware that repeats the app's answer to a plain GET of a document.

    Portals request these documents again and again, and all get the same bytes. The app answers
    when the document has changed, and every request that is not plain: another method, a query,
    another spelling of the path, a condition, a host that is not the issuer's.
    """

    def __init__(
        self, app: WSGIApplication, deps: Deps, *, date: Callable[[], str] = http_date
    ) -> None:
        """``date`` returns the value of the header ``Date``, the only one that is not repeated."""
        self._app = app
        self._date = date
        self._host = urlsplit(deps.settings.server.issuer).netloc
        discovery, jwks = deps.provider.discovery, deps.provider.jwks
        self._documents: Mapping[str, Callable[[], Document | Json]] = {
            endpoints.CONFIGURATION: discovery,
            endpoints.OAUTH_METADATA: discovery,
            endpoints.JWKS: jwks,
        }
        self._answers: dict[str, _Answer] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a plain GET of a document; pass on every other request."""
        make = self._documents.get(environ["PATH_INFO"])
        if make is None or not self._is_plain(environ):
            return self._app(environ, start_response)
        answer = self._find(environ, make)
        if answer is None:
            return self._app(environ, start_response)
        date = self._date()
        headers = [(name, date if name == "Date" else value) for name, value in answer.headers]
        start_response(answer.status, headers)
        return [answer.body]

    def _is_plain(self, environ: WSGIEnvironment) -> bool:
        return (
            environ["REQUEST_METHOD"] == "GET"
            and environ.get("HTTP_HOST") == self._host
            and environ.get("RAW_URI", environ["PATH_INFO"]) == environ["PATH_INFO"]
            and not any(map(environ.get, UNPLAIN))
        )

    def _find(
        self, environ: WSGIEnvironment, make: Callable[[], Document | Json]
    ) -> _Answer | None:
        """Return the answer, which the app gives when the document is new; None for a failure."""
        try:
            document = make()
        except DatabaseUnavailable:  # a clock that can be moved asks the database
            return None
        if not isinstance(document, Document):
            return None
        path = environ["PATH_INFO"]
        kept = self._answers.get(path)
        if kept is not None and kept.document is document:
            CACHE_LOOKUPS.add("documents", "hit")
            return kept
        CACHE_LOOKUPS.add("documents", "miss")
        response = Response.from_app(self._app, environ, buffered=True)
        answer = _Answer(
            document, response.status, response.headers.to_wsgi_list(), response.get_data()
        )
        if response.status_code == 200:
            self._answers[path] = answer
        return answer
