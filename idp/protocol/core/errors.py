"""Protocol failures. The type of a failure decides whether it may be redirected."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from idp.domain.clients.client import Client, RegisteredRedirect


@dataclass(frozen=True, slots=True)
class ResponseTarget:
    """Where an authorization response goes; only ``Client.match_redirect`` makes ``redirect``.

    ``silent``: the request has ``prompt=none``, so no page may be shown (OIDC Core 3.1.2.1).
    """

    client: Client
    redirect: RegisteredRedirect
    mode: str
    state: str | None
    silent: bool = False


class ProtocolFailure(Exception):
    """A request that cannot be served."""


ERRORS = {
    "invalid_request": "invalid_request",
    "unknown_client": "invalid_client",
    "client_suspended": "unauthorized_client",
    "redirect_uri_missing": "invalid_request",
    "redirect_uri_not_registered": "invalid_request",
    "context_lost": "invalid_request",
}
"""The OAuth error of each error page's code (RFC 6749 4.1.2.1, 5.2)."""


class Shown(ProtocolFailure):
    """A failure for the hub's error page: no redirect before client and redirect URI are checked.

    ``error`` is the OAuth error code and ``detail`` a parameter's name or a fixed reason, both for
    the portal's developers; neither repeats what was sent. ``received`` does: client and address,
    for the page alone, which prints them as text.
    """

    def __init__(
        self,
        code: str,
        *,
        status: int = 400,
        detail: str = "",
        error: str | None = None,
        received: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(code)
        self.code, self.status, self.detail = code, status, detail
        self.received = received
        self.error = error or ERRORS[code]


class ContextLost(Shown):
    """A pending request that cannot be resumed; ``client_id`` is its client, where known.

    ``is_elsewhere``: the request belongs to another browser, and has not expired there.
    """

    def __init__(self, client_id: str = "", *, is_elsewhere: bool = False) -> None:
        super().__init__("context_lost")
        self.client_id, self.is_elsewhere = client_id, is_elsewhere


class Redirected(ProtocolFailure):
    """A failure redirected to the portal; ``error``: RFC 6749 4.1.2.1, OIDC Core 3.1.2.6.

    ``description`` is fixed ASCII text without quotes and backslashes (RFC 6749 4.1.2.1).
    """

    def __init__(self, target: ResponseTarget, error: str, description: str = "") -> None:
        super().__init__(error)
        self.target, self.error, self.description = target, error, description
