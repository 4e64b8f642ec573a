"""Token introspection (RFC 7662)."""

from typing import Any

from idp.domain.clients.client import Client
from idp.protocol.clients.authentication import ClientAuthentication
from idp.protocol.core.provider_context import ProviderContext
from idp.protocol.core.replies import Empty, Json
from idp.protocol.core.requests import ProtocolRequest
from idp.protocol.core.subjects import subject
from idp.protocol.jose.jws import BadToken
from idp.protocol.token import client_credentials
from idp.protocol.token.bearer import AccessToken, read_access_token
from idp.protocol.token.grants import digest
from idp.protocol.token.token_request import TokenEndpoint
from idp.store.clients.standing import Standing
from idp.store.unit_of_work import UnitOfWork

INACTIVE: dict[str, Any] = {"active": False}


class Introspect:
    """Tells a resource server whether a token is active, if the token is for that server."""

    def __init__(self, provider: ProviderContext, clients: ClientAuthentication) -> None:
        self._provider = provider
        self._endpoint = TokenEndpoint(provider, clients, confidential_only=True, writes=False)

    def answer(self, request: ProtocolRequest) -> Json | Empty:
        """Answer a confidential client about its own tokens and tokens for it; else inactive.

        Source: RFC 7662 2.2, 4; attacks C22, J17, J23.
        """
        return self._endpoint.answer(request, self._inspect)

    def _inspect(self, work: UnitOfWork, client: Client, text: str) -> Json:
        try:
            token = read_access_token(self._provider, text)
        except BadToken:
            return Json(200, self._refresh(work, client, text))
        return Json(200, self._access(work, client, token))

    def _access(self, work: UnitOfWork, client: Client, token: AccessToken) -> dict[str, Any]:
        named = set(token.audience) - {self._provider.issuer}  # the hub is no resource server
        is_meant = bool(named & set(client.introspection_audience))
        if not is_meant and token.client_id != client.client_id:
            return INACTIVE
        if not self._is_good(work, token):
            return INACTIVE
        told = {name: value for name, value in token.claims.items() if name in _TOLD}
        return {"active": True, "token_type": "Bearer", **told}

    def _is_good(self, work: UnitOfWork, token: AccessToken) -> bool:
        if token.grant_id is None:
            return client_credentials.is_active(work, self._provider, token)
        standing = work.standings.of_grant(token.grant_id)
        return standing is not None and self._is_live(standing)

    def _refresh(self, work: UnitOfWork, client: Client, text: str) -> dict[str, Any]:
        found = work.standings.of_refresh_token(digest(self._provider, text))
        if found is None or found[1].grant.client_id != client.client_id:
            return INACTIVE
        token, standing = found
        is_usable = token.used_at is None and self._provider.clock() < token.expires_at
        if not is_usable or not self._is_live(standing):
            return INACTIVE
        grant = standing.grant
        return {
            "active": True,
            "iss": self._provider.issuer,
            "client_id": grant.client_id,
            "sub": subject(self._provider.vault, client, grant.account_id),
            "scope": " ".join(grant.scopes),
            "iat": int(token.created_at.timestamp()),
            "exp": int(token.expires_at.timestamp()),
        }

    def _is_live(self, standing: Standing) -> bool:
        owner = self._provider.clients.find(standing.grant.client_id)
        if owner is None or not owner.is_active:
            return False
        return standing.live_account(owner, self._provider.clock()) is not None


_TOLD = frozenset({"iss", "sub", "aud", "client_id", "scope", "iat", "exp", "jti"})
