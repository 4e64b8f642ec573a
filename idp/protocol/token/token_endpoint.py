"""The token endpoint: one transaction a request (D6)."""

from collections.abc import Iterable
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer
from authlib.oauth2.rfc6749.errors import (
    InvalidGrantError,
    InvalidRequestError,
    OAuth2Error,
)

from idp.domain.authorization.grant import Grant, RefreshToken
from idp.domain.clients.scopes import OPENID
from idp.ports import ClockSkew, KeyStoreError
from idp.protocol.clients.authentication import PARAMETERS, ClientAuthentication
from idp.protocol.clients.response_encryption import NO_KEY, NoRecipientKey, ResponseEncryption
from idp.protocol.core import endpoints, release_log
from idp.protocol.core.provider_context import ProviderContext
from idp.protocol.core.replies import NO_STORE, Json, unavailable
from idp.protocol.core.request_parameters import Malformed, body_parameters
from idp.protocol.core.requests import ProtocolRequest
from idp.protocol.token.grants import (
    CodeGrant,
    GrantingClient,
    RefreshGrant,
    S256Challenge,
    TokenRequest,
    digest,
)
from idp.protocol.token.tokens import BesideIt, Tokens
from idp.store.account.stored_account import StoredAccount
from idp.store.unit_of_work import UnitOfWork

KNOWN = PARAMETERS | {
    "grant_type",
    "code",
    "redirect_uri",
    "code_verifier",
    "refresh_token",
    "scope",
    "resource",
}
GRANT_TYPES = (CodeGrant.GRANT_TYPE, RefreshGrant.GRANT_TYPE)

_OURS = frozenset({"Content-Type", "Cache-Control", "Pragma"})


class TokenServer(AuthorizationServer):
    """Authlib's server, with strict request parameters and a transaction that the hub opens."""

    def __init__(
        self,
        provider: ProviderContext,
        clients: ClientAuthentication,
        recipients: ResponseEncryption,
    ) -> None:
        super().__init__()
        self.provider = provider
        self._tokens = Tokens(provider)
        self._clients = clients
        self._recipients = recipients
        self.register_grant(CodeGrant, [S256Challenge()])
        self.register_grant(RefreshGrant)

    def answer(self, request: ProtocolRequest) -> Json:
        """Answer a token request.

        An OAuth error is an answer, so the transaction commits: a used code or assertion stays used
        and a revoked family revoked; nothing else is written by then. Other failures roll back.
        """
        try:
            parameters = body_parameters(request, KNOWN)
            authenticated = self._clients.authenticate(request.headers, parameters)
            recipient = self._recipients.of_id_token(authenticated.client)
        except Malformed as malformed:
            return error_reply(InvalidRequestError(malformed.why))
        except NoRecipientKey:
            return error_reply(InvalidRequestError(NO_KEY))
        except OAuth2Error as error:
            return error_reply(error)
        try:
            with self.provider.begin() as work:
                token_request = TokenRequest(
                    self.provider.url(endpoints.TOKEN), parameters, authenticated, work
                )
                token_request.recipient = recipient
                return self._answer(token_request)
        except (KeyStoreError, ClockSkew) as error:
            return unavailable(error.retry_after)

    def _answer(self, request: TokenRequest) -> Json:
        """Return the answer; a code that was used up in vain has become a revoked grant."""
        reply: Json = self.create_token_response(request)
        if reply.status != 200 and request.new_grant is not None:
            request.work.grants.revoke(request.new_grant.id, self.provider.clock())
        return reply

    def create_oauth2_request(self, request: TokenRequest) -> TokenRequest:
        """Return the request: it is already parsed."""
        return request

    def authenticate_client(
        self, request: TokenRequest, methods: object, endpoint: str = "token"
    ) -> GrantingClient:
        """Return the client, authenticated before the transaction; take its assertion now."""
        return GrantingClient(request.authenticated.take(request.work))

    def send_signal(self, name: str, *_args: object, **_kwargs: object) -> None:
        """Do nothing: no code listens to Authlib's signals."""

    def respond_with(
        self,
        request: TokenRequest,
        account: StoredAccount,
        scopes: tuple[str, ...],
        nonce: str | None,
    ) -> dict[str, Any]:
        """Return the body of a success (RFC 6749 5.1, OIDC Core 3.1.3.3, 12.2)."""
        issued, client = request.issued, request.client.record
        access_token = self._tokens.access_token(issued.grant, client, scopes, issued.audience)
        body = {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": int(self.provider.lifetimes.access_token.total_seconds()),
            "scope": " ".join(scopes),
        }
        if OPENID in scopes:
            beside = BesideIt(access_token, nonce=nonce, recipient=request.recipient)
            body["id_token"] = self._tokens.id_token(issued.grant, client, account, beside)
        if issued.refresh_token is not None:
            body["refresh_token"] = issued.refresh_token
        return body

    def save_token(self, token: dict[str, Any], request: TokenRequest) -> None:
        """Store the refresh token, the release, and that the portal knows the session.

        Raises InvalidGrantError when the session of a code has ended.
        """
        issued, work = request.issued, request.work
        if request.new_grant is not None and not self._visit(work, request.new_grant):
            raise InvalidGrantError
        if "id_token" in token:
            self._note_release(request)
        if issued.refresh_token is not None and issued.is_new_refresh:
            work.grants.add_refresh(self._refresh_row(issued.grant, issued.refresh_token))

    def _visit(self, work: UnitOfWork, grant: Grant) -> bool:
        return work.sessions.visit(grant.session_id, grant.client_id, self.provider.clock())

    def _note_release(self, request: TokenRequest) -> None:
        """Write the ID token's claims to the release log; an access token has no personal claim."""
        grant, client = request.issued.grant, request.client.record
        told = self._tokens.released(grant, client, request.user)
        release_log.note_in(request.work, self.provider, grant.account_id, client.client_id, told)

    def handle_response(
        self, status: int, body: dict[str, Any], headers: Iterable[tuple[str, str]]
    ) -> Json:
        """Return the answer with Authlib's headers, except those that ``Json`` sets."""
        kept = {name: value for name, value in headers if name not in _OURS}
        return Json(status, body, {**NO_STORE, **kept})

    def _refresh_row(self, grant: Grant, refresh_token: str) -> RefreshToken:
        now = self.provider.clock()
        return RefreshToken(
            digest=digest(self.provider, refresh_token),
            grant_id=grant.id,
            created_at=now,
            expires_at=min(now + self.provider.lifetimes.refresh_idle, grant.expires_at),
        )


def error_reply(error: OAuth2Error) -> Json:
    """Return the JSON answer of an OAuth error (RFC 6749 5.2)."""
    status, body, headers = error()
    kept = {name: value for name, value in headers if name not in _OURS}
    return Json(status, body, {**NO_STORE, **kept})
