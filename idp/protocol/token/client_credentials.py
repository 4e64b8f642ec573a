"""The grant of services: a client gets an access token of its own (RFC 6749 4.4).

Issuing one reads and writes no row. A revoked token is a row, until it would have expired.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from authlib.oauth2.rfc6749.errors import InvalidScopeError
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant

from idp.domain.clients.client import Client
from idp.domain.wire import words
from idp.protocol.clients.authentication import METHODS
from idp.protocol.core import granted_scopes
from idp.protocol.core.provider_context import ProviderContext
from idp.protocol.jose.jws import find_time
from idp.protocol.token.bearer import AccessToken
from idp.protocol.token.resources import service_audience
from idp.store.unit_of_work import UnitOfWork

REVOKED = "revoked_service_token"
REMEMBER_LONGER = timedelta(hours=1)
"""A sweep by a worker whose clock is ahead must not make a token active again."""


class ServiceGrant(ClientCredentialsGrant):
    """Gives a client a token of its own: its scopes at an API, no citizen, no refresh token."""

    TOKEN_ENDPOINT_AUTH_METHODS = list(METHODS)

    def validate_requested_scope(self) -> None:
        """Do nothing: ``granted`` leaves out what the client may not have."""

    def generate_token(self, *, scope: str | None, include_refresh_token: bool) -> dict[str, Any]:
        """Return the token response (RFC 6749 4.4.3). Raises InvalidTarget, InvalidScopeError."""
        client: Client = self.request.client.record
        issuer = self.server.provider.issuer
        scopes = granted(client, scope)
        audience = service_audience(issuer, client, self.request.resources)
        return self.server.respond_to_service(client, scopes, audience)


def granted(client: Client, asked: str | None) -> tuple[str, ...]:
    """Return the scopes of a service's token: the asked ones that its file has, else all of those.

    Raises:
        InvalidScopeError: some are asked for, and its file has none of them.

    Source: RFC 6749 3.3.
    """
    own = tuple(sorted(client.service_scopes))
    if asked is None:
        return own
    kept = granted_scopes.of_service(client, words(asked))
    if not kept:
        raise InvalidScopeError("none of these scopes is in service_scope of the client's file")
    return kept


def revoke(work: UnitOfWork, token: AccessToken) -> None:
    """Make a service's token inactive, until it would have expired (RFC 7009 2)."""
    ends = datetime.fromtimestamp(find_time(token.claims, "exp") or 0, UTC)
    work.single_use.take(REVOKED, str(token.claims["jti"]), expires_at=ends + REMEMBER_LONGER)


def is_active(work: UnitOfWork, provider: ProviderContext, token: AccessToken) -> bool:
    """Return whether a service's token is good: not revoked, and its client still a service.

    A suspended client's tokens are dead, also after it was resumed; so are those of a client that
    was removed, when its id is registered again.
    """
    owner = provider.clients.find(token.client_id)
    if owner is None or not owner.is_active or not owner.is_service:
        return False
    if not _is_of_now(owner, find_time(token.claims, "iat") or 0):
        return False
    return not work.single_use.is_taken(REVOKED, str(token.claims["jti"]))


def _is_of_now(owner: Client, issued_at: int) -> bool:
    """Return whether the token was issued to this registration, after its last suspension."""
    created, suspended = owner.created_at, owner.service_tokens_since
    is_of_another = created is not None and issued_at < int(created.timestamp())
    is_before = suspended is not None and issued_at <= suspended.timestamp()
    return not is_of_another and not is_before
