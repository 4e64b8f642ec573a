"""One spelling for every address: what routing or the server would tidy up is refused."""

import re

from flask import abort, request

_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
_DETOUR = re.compile(r"//|\\|%2f|%5c|%00", re.IGNORECASE)


def refuse_detours() -> None:
    """Answer 404 to another spelling of a path, and 400 to HTTP/1.1 without a host.

    A WSGI server decodes ``%2f`` before routing sees it, and routing drops slashes in front: a
    proxy that limits or guards ``/account`` would not know ``//account`` for the same (attack H03).

    Source: RFC 9112, 3.2 (a request without Host).
    """
    environment = request.environ
    if environment.get("SERVER_PROTOCOL") == "HTTP/1.1" and not environment.get("HTTP_HOST"):
        abort(400)
    asked = _ORIGIN.sub("", environment.get("RAW_URI", ""), count=1).partition("?")[0]
    if environment["PATH_INFO"].startswith("//") or _DETOUR.search(asked):
        abort(404)
