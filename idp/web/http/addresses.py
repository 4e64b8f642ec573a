"""Request paths in one spelling only, and the visitor's IP address."""

import re

from flask import abort, request
from werkzeug.http import parse_list_header

from idp.deps import deps
from idp.domain.protection.addresses import parse_address

_ORIGIN = re.compile(r"\A[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
_DETOUR = re.compile(r"//|\\|%2f|%5c|%00", re.IGNORECASE)


def refuse_detours() -> None:
    """Answer 404 to another spelling of a path, and 400 to HTTP/1.1 without ``Host``.

    A WSGI server decodes ``%2f`` before routing, and routing drops leading slashes: a proxy's rule
    for ``/account`` would not match ``//account`` (attack H03).

    Source: RFC 9112, 3.2 (a request without Host).
    """
    environment = request.environ
    if environment.get("SERVER_PROTOCOL") == "HTTP/1.1" and not environment.get("HTTP_HOST"):
        abort(400)
    asked = _ORIGIN.sub("", environment.get("RAW_URI", "").partition("?")[0], count=1)
    if environment["PATH_INFO"].startswith("//") or _DETOUR.search(asked):
        abort(404)


def of_visitor() -> str:
    """Return the visitor's IP address in canonical form; empty when it is none (attack D13).

    With ``server.trusted_proxies`` it is what the outermost of them wrote into X-Forwarded-For,
    without port and brackets. When an entry is missing, the result is empty and an alarm is raised:
    the proxy's own address would put all citizens into one network.
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
