"""Features that may be turned on: they exist only for certification and old portals."""

from dataclasses import dataclass
from enum import StrEnum

from idp.domain.clients.client import Client
from idp.domain.clients.response_types import (
    CODE,
    HYBRID,
    IMPLICIT,
    IMPLICIT_GRANT,
)


class WhoRegisters(StrEnum):
    """Which clients may register themselves (RFC 7591 1.2): none, those with a token, any."""

    NOBODY = "off"
    INVITED = "invited"
    ANYBODY = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """Every feature is off by default; a client must also be allowed to use it."""

    implicit: bool = False
    hybrid: bool = False
    unsigned_request_objects: bool = False
    without_pkce: bool = False
    """Clients with a credential may omit PKCE."""
    registration: WhoRegisters = WhoRegisters.NOBODY
    suite: bool = False
    """Test mode for a conformance suite: every client may use every feature that is on, and errors
    are redirected without a page; clients that register themselves get the standard scopes."""
    loopback_http: bool = False
    """Clients on this machine may use http (development)."""
    session_management: bool = False

    @property
    def response_types(self) -> tuple[str, ...]:
        """The response types that are on; both the checks and the metadata read them here."""
        return (CODE, *(IMPLICIT if self.implicit else ()), *(HYBRID if self.hybrid else ()))

    def lets_watch(self, client: Client) -> bool:
        """Return whether the client learns of sign-outs by Session Management."""
        is_allowed = self.suite or client.session_management
        return self.session_management and is_allowed

    @property
    def front_channel_grants(self) -> tuple[str, ...]:
        """The grant type ``implicit``, when the implicit or hybrid flow is on."""
        return (IMPLICIT_GRANT,) if self.implicit or self.hybrid else ()
