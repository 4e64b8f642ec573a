"""What is on: the switches for what exists for certification and old portals alone."""

from dataclasses import dataclass

from idp.domain.client import Client
from idp.domain.response_types import (
    CODE,
    HYBRID,
    IMPLICIT,
    IMPLICIT_GRANT,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """All off by default; a client must be allowed each thing, too."""

    implicit: bool = False
    hybrid: bool = False
    unsigned_request_objects: bool = False
    without_pkce: bool = False
    """Clients with a credential may leave PKCE out."""
    session_management: bool = False
    for_a_suite: bool = False
    """A conformance suite's clients know no word of ours: every one may watch sign-outs, and gets
    its errors without a page between."""

    @property
    def response_types(self) -> tuple[str, ...]:
        """The response types that are on; the checks and the metadata use these alone."""
        return (CODE, *(IMPLICIT if self.implicit else ()), *(HYBRID if self.hybrid else ()))

    def lets_watch(self, client: Client) -> bool:
        """Tell whether the client learns of sign-outs by Session Management."""
        is_allowed = self.for_a_suite or client.session_management
        return self.session_management and is_allowed

    @property
    def front_channel_grants(self) -> tuple[str, ...]:
        """The grant type of the front channel, when anything comes by it."""
        return (IMPLICIT_GRANT,) if self.implicit or self.hybrid else ()
