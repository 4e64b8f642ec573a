"""Token revocation (RFC 7009)."""

from idp.domain.clients.client import Client
from idp.protocol.clients.authentication import ClientAuthentication
from idp.protocol.core.provider_context import ProviderContext
from idp.protocol.core.replies import Empty, Json
from idp.protocol.core.requests import ProtocolRequest
from idp.protocol.jose.jws import BadToken
from idp.protocol.token import client_credentials
from idp.protocol.token.bearer import read_access_token
from idp.protocol.token.grants import digest
from idp.protocol.token.token_request import TokenEndpoint
from idp.store.unit_of_work import UnitOfWork


class Revoke:
    """Revokes a grant when its client revokes one of its tokens."""

    def __init__(self, provider: ProviderContext, clients: ClientAuthentication) -> None:
        self._provider = provider
        self._endpoint = TokenEndpoint(provider, clients, confidential_only=False, writes=True)

    def answer(self, request: ProtocolRequest) -> Json | Empty:
        """Answer 200 for every token; another client's token stays active.

        Revoking an access or a refresh token revokes the whole grant (RFC 7009 2.1, 2.2); a token
        of the client's own has none, and is revoked alone.
        """
        return self._endpoint.answer(request, self._revoke)

    def _revoke(self, work: UnitOfWork, client: Client, text: str) -> Empty:
        try:
            token = read_access_token(self._provider, text)
        except BadToken:
            found = work.grants.find_refresh(digest(self._provider, text))
            self._revoke_grant(work, client, found.grant_id if found else None)
            return Empty()
        if token.grant_id is None and token.client_id == client.client_id:
            client_credentials.revoke(work, token)
        self._revoke_grant(work, client, token.grant_id)
        return Empty()

    def _revoke_grant(self, work: UnitOfWork, client: Client, grant_id: str | None) -> None:
        grant = work.grants.find(grant_id) if grant_id else None
        if grant is not None and grant.client_id == client.client_id:
            work.grants.revoke(grant.id, self._provider.clock())
