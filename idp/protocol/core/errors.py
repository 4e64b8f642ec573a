"""Protocol failures. Which of them may be redirected is decided by their type."""

from dataclasses import dataclass

from idp.domain.clients.client import Client, RegisteredRedirect


@dataclass(frozen=True, slots=True)
class ResponseTarget:
    """Where an authorization response goes; only ``Client.match_redirect`` makes ``redirect``.

    ``silent``: with ``prompt=none`` no page may come between (OIDC Core 3.1.2.1).
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
"""What each code of our pages is called in RFC 6749 4.1.2.1 and 5.2."""


class Shown(ProtocolFailure):
    """A failure for our error page: nothing is redirected before client and address are known.

    ``error`` is the code of OAuth and ``detail`` a parameter's name, both for whoever builds the
    portal; neither is what was sent.
    """

    def __init__(
        self, code: str, *, status: int = 400, detail: str = "", error: str | None = None
    ) -> None:
        super().__init__(code)
        self.code, self.status, self.detail = code, status, detail
        self.error = error or ERRORS[code]


class ContextLost(Shown):
    """A request under way that goes on no more; ``client_id`` is whose it was, where that is known.

    ``is_elsewhere``: it was begun in another browser, and is not too old for that one.
    """

    def __init__(self, client_id: str = "", *, is_elsewhere: bool = False) -> None:
        super().__init__("context_lost")
        self.client_id, self.is_elsewhere = client_id, is_elsewhere


class Redirected(ProtocolFailure):
    """A failure that the portal is told of; ``error``: RFC 6749 4.1.2.1, OIDC Core 3.1.2.6.

    ``description`` is fixed ASCII text without quotes and backslashes (RFC 6749 4.1.2.1).
    """

    def __init__(self, target: ResponseTarget, error: str, description: str = "") -> None:
        super().__init__(error)
        self.target, self.error, self.description = target, error, description
