"""Refuses the requests that granian accepts and gunicorn does not."""

from collections.abc import Iterable
from urllib.parse import quote
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from idp.domain.wire import LARGEST_HEADER_LINE, LARGEST_REQUEST_LINE

LARGEST_HEAD = 2 * LARGEST_HEADER_LINE
"""Bytes after which granian reads no more of a head without end, and answers 431."""
_PLAIN = "/\\:;,@!$&'()*+=~"


class UnambiguousRequests:
    """WSGI middleware that answers what can be read in two ways, and closes the connection.

    What follows such a request on the connection is not read as another one (attack H02).
    """

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass the request on, with what the hub reads beyond WSGI."""
        refused = _refusal(environ)
        if refused:
            start_response(refused, [("Connection", "close"), ("Content-Length", "0")])
            return [b""]
        # A body that ends before its Content-Length is an error only without this key.
        environ.pop("wsgi.input_terminated", None)
        # The hub refuses other spellings of a path by it; %2F is decoded before, and is lost.
        environ["RAW_URI"] = quote(environ["PATH_INFO"], safe=_PLAIN, encoding="latin-1")
        return self._app(environ, start_response)


def _refusal(environ: WSGIEnvironment) -> str:
    """Return the status of a request that is refused; else nothing.

    granian drops ``Content-Length`` beside ``Transfer-Encoding``, and takes a broken chunk for the
    end of the body. Several ``Host`` headers are joined by commas.

    Sources: RFC 9112, 3.2 (Host), 6.1 (a transfer coding that is not supported).
    """
    host = environ.get("HTTP_HOST", "")
    if "," in host or (not host and environ["SERVER_PROTOCOL"] == "HTTP/1.1"):
        return "400 Bad Request"
    if "HTTP_TRANSFER_ENCODING" in environ:
        return "501 Not Implemented"
    if len(environ["PATH_INFO"]) + len(environ["QUERY_STRING"]) > LARGEST_REQUEST_LINE:
        return "414 URI Too Long"
    return "431 Request Header Fields Too Large" if _has_long_header(environ) else ""


def _has_long_header(environ: WSGIEnvironment) -> bool:
    return any(
        len(value) > LARGEST_HEADER_LINE
        for name, value in environ.items()
        if name.startswith("HTTP_")
    )
