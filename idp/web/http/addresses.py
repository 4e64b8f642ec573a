"""One spelling for every address: what routing or the server would tidy up is refused."""

import re

from flask import abort, request
from werkzeug.http import parse_list_header

from idp.deps import deps
from idp.domain.protection.addresses import parse_address

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


def of_visitor() -> str:
    """Return the visitor's address in its one spelling; nothing when it is none (attack D13).

    With ``server.trusted_proxies`` it is what the last of them wrote, port and brackets left out.
    A proxy that writes no address at all would make one network of all citizens, so then there is
    none, and an alarm.
    """
    address = parse_address(_claimed())
    if address is None:
        deps().strange_addresses.note()
        return ""
    return str(address)


def _claimed() -> str:
    hops = deps().settings.server.trusted_proxies
    written = parse_list_header(",".join(request.headers.getlist("X-Forwarded-For")))
    if hops and len(written) < hops:
        return ""
    return request.remote_addr or ""
