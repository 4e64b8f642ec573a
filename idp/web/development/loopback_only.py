"""A developer's hub answers this machine alone (attack OP11): its pages show every SMS."""

from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.exceptions import Forbidden

REFUSED = "This hub is in development: it answers its own machine alone."


class LoopbackOnly:
    """WSGI middleware that refuses peers on other machines with 403.

    It wraps all middleware that reads headers, so it sees the peer address of the socket.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass on requests from this machine; answer 403 to others."""
        if is_of_this_machine(environ.get("REMOTE_ADDR", "")):
            return self._app(environ, start_response)
        return Forbidden(REFUSED)(environ, start_response)


def is_of_this_machine(peer: str) -> bool:
    """Return whether a peer is on loopback or, without an address, on a Unix socket."""
    if not peer:
        return True
    try:
        found = ip_address(peer)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return found.is_loopback
