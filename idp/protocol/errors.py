"""Protocol failures. Which of them may be redirected is decided by their type."""

from dataclasses import dataclass

from idp.domain.client import Client, RegisteredRedirect


@dataclass(frozen=True, slots=True)
class ResponseTarget:
    """Where an authorization response goes; only ``Client.match_redirect`` makes ``redirect``."""

    client: Client
    redirect: RegisteredRedirect
    mode: str
    state: str | None


class ProtocolFailure(Exception):
    """A request that cannot be served."""


class Shown(ProtocolFailure):
    """A failure for our error page: nothing is redirected before client and address are known.

    ``detail`` is a parameter's name for whoever builds the portal, never what was sent.
    """

    def __init__(self, code: str, *, status: int = 400, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.status, self.detail = code, status, detail


class Redirected(ProtocolFailure):
    """A failure that the portal is told of; ``error``: RFC 6749 4.1.2.1, OIDC Core 3.1.2.6.

    ``description`` is fixed ASCII text without quotes and backslashes (RFC 6749 4.1.2.1).
    """

    def __init__(self, target: ResponseTarget, error: str, description: str = "") -> None:
        super().__init__(error)
        self.target, self.error, self.description = target, error, description
