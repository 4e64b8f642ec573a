"""The token endpoint: a look, the signatures, and one statement that stores (D6)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer
from authlib.oauth2.rfc6749.errors import (
    InvalidGrantError,
    InvalidRequestError,
    OAuth2Error,
)

from idp.domain.authorization.grant import Grant
from idp.domain.clients.client import Client
from idp.domain.clients.refusal_reasons import Reason
from idp.domain.clients.scopes import OPENID
from idp.ports import ClockSkew, KeyStoreError
from idp.protocol.clients.authentication import PARAMETERS, ClientAuthentication
from idp.protocol.clients.response_encryption import NO_KEY, NoRecipientKey, ResponseEncryption
from idp.protocol.core import endpoints, release_log
from idp.protocol.core.provider_context import ProviderContext
from idp.protocol.core.refusal_notes import because
from idp.protocol.core.refused_replies import outcome_of
from idp.protocol.core.replies import NO_STORE, Json, unavailable
from idp.protocol.core.request_parameters import Malformed, Parameters, body_parameters
from idp.protocol.core.requests import ProtocolRequest
from idp.protocol.token import code as codes
from idp.protocol.token.client_credentials import ServiceGrant
from idp.protocol.token.code import Code
from idp.protocol.token.grants import (
    CodeGrant,
    GrantingClient,
    Issued,
    RefreshGrant,
    S256Challenge,
    TokenRequest,
    refresh_row,
    revoke_family,
)
from idp.protocol.token.tokens import BesideIt, Tokens
from idp.store.account.stored_account import StoredAccount
from idp.store.clients.redemptions import Redemption
from idp.store.unit_of_work import UnitOfWork
from idp.telemetry.catalogue import TOKEN_GRANTS

KNOWN = PARAMETERS | {
    "grant_type",
    "code",
    "redirect_uri",
    "code_verifier",
    "refresh_token",
    "scope",
    "resource",
}
CITIZENS_GRANT_TYPES = (CodeGrant.GRANT_TYPE, RefreshGrant.GRANT_TYPE)
GRANT_TYPES = (*CITIZENS_GRANT_TYPES, ServiceGrant.GRANT_TYPE)

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
        self.register_grant(ServiceGrant)

    def answer(self, request: ProtocolRequest) -> Json:
        """Answer a token request.

        Tokens are signed before anything is stored: what cannot be signed leaves nothing.
        """
        try:
            parameters = body_parameters(request, KNOWN).whole()
        except Malformed as malformed:
            return _counted(error_reply(InvalidRequestError(malformed.why)), None)
        reply = self._answer_to(request, parameters)
        return _counted(reply, parameters.find("grant_type"))

    def _answer_to(self, request: ProtocolRequest, parameters: Parameters) -> Json:
        try:
            authenticated = self._clients.authenticate(request.headers, parameters)
            recipient = self._recipients.of_id_token(authenticated.client)
        except NoRecipientKey:
            return error_reply(InvalidRequestError(NO_KEY))
        except OAuth2Error as error:
            return error_reply(error)
        token_request = TokenRequest(self.provider.url(endpoints.TOKEN), parameters, authenticated)
        token_request.recipient = recipient
        try:
            return self._answer(token_request)
        except (KeyStoreError, ClockSkew) as error:
            return unavailable(error.retry_after)

    def _answer(self, request: TokenRequest) -> Json:
        reply: Json = self.create_token_response(request)
        if reply.status != 200 and request.code is not None:
            self._burn(request.code)
        return reply

    def _burn(self, code: Code) -> None:
        """Use up a code that did not become tokens, as a revoked grant: it has one try.

        Another use of a redeemed code revokes what it became; an expired code needs no row.
        """
        now = self.provider.clock()
        grant = replace(codes.grant_of(code, self.provider, offline=False), revoked_at=now)
        with self.provider.begin() as work:
            is_expired = now >= code.expires_at
            is_unused = work.grants.find(grant.id) is None if is_expired else work.grants.add(grant)
            if not is_unused:
                revoke_family(work, self.provider, grant.id, "code_replayed")

    def create_oauth2_request(self, request: TokenRequest) -> TokenRequest:
        """Return the request: it is already parsed."""
        return request

    def authenticate_client(
        self, request: TokenRequest, methods: object, endpoint: str = "token"
    ) -> GrantingClient:
        """Return the client, authenticated before; take its assertion now."""
        return GrantingClient(request.authenticated.take(self.provider.begin))

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
        body = self._body(access_token, scopes)
        if OPENID in scopes:
            beside = BesideIt(
                access_token,
                nonce=nonce,
                scopes=scopes if client.id_token_claims else (),
                recipient=request.recipient,
            )
            body["id_token"] = self._tokens.id_token(issued.grant, client, account, beside)
        if issued.refresh_token is not None:
            body["refresh_token"] = issued.refresh_token
        return body

    def respond_to_service(
        self, client: Client, scopes: tuple[str, ...], audience: Sequence[str]
    ) -> dict[str, Any]:
        """Return the body of a success: an access token of the client's own (RFC 6749 4.4.3)."""
        return self._body(self._tokens.service_token(client, scopes, audience), scopes)

    def _body(self, access_token: str, scopes: tuple[str, ...]) -> dict[str, Any]:
        granted = {"scope": " ".join(scopes)} if scopes else {}
        return {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": int(self.provider.lifetimes.access_token.total_seconds()),
            **granted,
        }

    def save_token(self, token: dict[str, Any], request: TokenRequest) -> None:
        """Redeem the code, if there is one, and write the release.

        Raises InvalidGrantError when the code's session has ended, or the code was redeemed before.
        """
        if request.code is not None:
            self._redeem(request)
        if "id_token" in token and request.told is not None:
            with self.provider.begin() as work:
                grant, told = request.issued.grant, request.told
                release_log.note_in(work, self.provider, grant.account_id, grant.client_id, told)

    def look_for_release(
        self, work: UnitOfWork, request: TokenRequest, grant: Grant, account: StoredAccount
    ) -> None:
        """Note in ``request`` the claims of an ID token whose release must be written.

        An access token has no personal claim.
        """
        client = request.client.record
        scopes = grant.scopes if client.id_token_claims else ()
        told = self._tokens.released(grant, client, account, scopes)
        if release_log.is_due(work, self.provider, grant.account_id, client.client_id, told):
            request.told = tuple(told)

    def _redeem(self, request: TokenRequest) -> None:
        issued: Issued = request.issued
        refresh = None
        if issued.refresh_token is not None:
            refresh = refresh_row(self.provider, issued.grant, issued.refresh_token)
        with self.provider.begin(alone=True) as work:
            outcome = work.redemptions.redeem(issued.grant, refresh, self.provider.clock())
        if outcome is not Redemption.REPLAYED:
            request.code = None
        if outcome is Redemption.REPLAYED:
            because(Reason.CODE_USED)
        if outcome is not Redemption.NEW:
            raise InvalidGrantError

    def handle_response(
        self, status: int, body: dict[str, Any], headers: Iterable[tuple[str, str]]
    ) -> Json:
        """Return the answer with Authlib's headers, except those that ``Json`` sets."""
        kept = {name: value for name, value in headers if name not in _OURS}
        return Json(status, body, {**NO_STORE, **kept})


def _counted(reply: Json, grant_type: str | None) -> Json:
    """Count the reply by grant type; what is no grant type of the hub's counts as ``other``."""
    known = grant_type if grant_type in GRANT_TYPES else None
    TOKEN_GRANTS.add(known or "other", outcome_of(reply))
    return reply


def error_reply(error: OAuth2Error) -> Json:
    """Return the JSON answer of an OAuth error (RFC 6749 5.2)."""
    status, body, headers = error()
    kept = {name: value for name, value in headers if name not in _OURS}
    return Json(status, body, {**NO_STORE, **kept})
