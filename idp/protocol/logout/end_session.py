"""RP-initiated logout: a portal sends the citizen here to sign out (OIDC RP-Initiated Logout 1.0).

Two steps: the portal's request is checked and sealed, without reading a cookie; then a page of the
hub asks the citizen, ends the session, and calls ``signed_out`` for where the citizen goes.
"""

import json
from dataclasses import asdict, dataclass, field
from datetime import timedelta

from idp.domain.clients.client import Client
from idp.domain.sign_in.session import Session
from idp.ports import BrokenSeal
from idp.protocol.authorize.authorization_response import with_query
from idp.protocol.authorize.id_token_hint import Hint, read_hint
from idp.protocol.core.errors import Shown
from idp.protocol.core.provider_context import ProviderContext
from idp.protocol.core.refusal_notes import about, note_unregistered
from idp.protocol.core.replies import AskReturn, AskSignOut, ErrorPage, Redirect, Reply
from idp.protocol.core.request_parameters import Malformed, body_parameters, query_parameters
from idp.protocol.core.requests import ProtocolRequest
from idp.protocol.core.subjects import session_identifier, subject
from idp.protocol.jose.jws import BadToken

PURPOSE = "sign_out"
LIFE = timedelta(hours=1)
KNOWN = frozenset({"id_token_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOutRequest:
    """A checked logout request; without ``redirect_uri`` it ends on the hub's own page."""

    client_id: str | None = None
    subject: str | None = field(default=None, repr=False)
    sid: str = field(default="", repr=False)
    issued_at: int = 0
    redirect_uri: str | None = None
    state: str | None = None


class EndSession:
    """Checks logout requests, and says where a signed-out citizen goes."""

    def __init__(self, provider: ProviderContext) -> None:
        self._provider = provider

    def request(self, request: ProtocolRequest) -> Reply:
        """Answer a GET or POST without reading a cookie; no session ends yet (attack L01).

        An ``id_token_hint`` of another issuer or client, or an address that is not registered,
        shows an error page (attacks L02 to L04, X04).
        """
        try:
            read = body_parameters if request.is_post else query_parameters
            given = read(request, KNOWN).whole()
        except Malformed as malformed:
            return ErrorPage("invalid_request", detail=malformed.why)
        try:
            wish = self._checked(
                given.find("id_token_hint"),
                given.find("client_id"),
                given.find("post_logout_redirect_uri"),
                given.find("state"),
            )
        except Shown as failure:
            return ErrorPage(failure.code, failure.status, failure.detail, failure.error)
        return AskSignOut(self._seal(wish), given.find("ui_locales") or "")

    def must_ask(self, sealed: str, session: Session) -> bool:
        """Return whether the citizen must be asked before ``session`` ends.

        They are not when a reviewed portal sent a registered address and an ``id_token_hint`` of
        this very session. They are asked when the hint is of another session or older than a
        session can be, and for every portal that registered itself and is not reviewed.

        Source: RP-Initiated Logout 2, 6; attacks L01, L02, L07, L08.
        """
        wish = self._open(sealed)
        client = self._find_client(wish)
        if wish is None or client is None or self._is_stranger(client):
            return True
        age = self._provider.clock().timestamp() - wish.issued_at
        is_old = age > self._provider.lifetimes.session.total_seconds()
        return is_old or wish.sid != session_identifier(self._provider.vault, client, session.id)

    def signed_out(
        self, sealed: str, session: Session | None, *, was_asked: bool = False
    ) -> Redirect | AskReturn | None:
        """Return where to go, or None for the hub's own page; ``session`` is as it was before.

        The address is the portal's whose hint names the account that signed out; without a session
        the hint is enough (RP-Initiated Logout 3). It is None for an expired or foreign request.
        To a portal that sent no hint, or is not reviewed, the citizen goes by a link, never a
        redirect; without a hint, only if a page has asked them (``was_asked``; attacks L02, L07).
        """
        wish = self._open(sealed)
        client = self._find_client(wish)
        if wish is None or client is None or wish.redirect_uri is None:
            return None
        is_hinted = wish.subject is not None
        if not is_hinted and not was_asked:
            return None
        if is_hinted and session is not None and not self._is_about(wish, client, session):
            return None
        parameters = {} if wish.state is None else {"state": wish.state}
        back = Redirect(with_query(wish.redirect_uri, parameters))
        return AskReturn(back, client) if self._is_stranger(client) or not is_hinted else back

    def _find_client(self, wish: SignOutRequest | None) -> Client | None:
        """Return the client, read again, if it is active and the address still registered."""
        if wish is None or wish.client_id is None:
            return None
        client = self._provider.clients.find(wish.client_id)
        if client is None or not client.is_active:
            return None
        return client if client.may_return_to(wish.redirect_uri or "") else None

    def _is_stranger(self, client: Client) -> bool:
        return not client.is_reviewed and not self._provider.features.suite

    def _checked(
        self, token: str | None, client_id: str | None, uri: str | None, state: str | None
    ) -> SignOutRequest:
        if token is None:
            return self._unhinted(client_id, uri, state)
        hint = self._hint(token, client_id)
        client = self._provider.clients.find(hint.client_id)
        if client is None:
            raise Shown("unknown_client")
        about(client.client_id)
        if uri is not None and not client.may_return_to(uri):
            note_unregistered(uri, "post_logout_redirect_uris")
            raise Shown("redirect_uri_not_registered", detail="post_logout_redirect_uri")
        return SignOutRequest(
            client_id=hint.client_id,
            subject=hint.subject,
            sid=hint.sid,
            issued_at=hint.issued_at,
            redirect_uri=uri,
            state=state,
        )

    def _unhinted(
        self, client_id: str | None, uri: str | None, state: str | None
    ) -> SignOutRequest:
        """Return a request without a hint: anybody may have written it, so the citizen decides.

        An address that is registered for the named client becomes a link on the signed-out page.

        Source: RP-Initiated Logout 2, 3; attack L02.
        """
        client = self._provider.clients.find(client_id) if client_id and uri else None
        if client is None or uri not in client.post_logout_redirect_uris:
            return SignOutRequest()
        return SignOutRequest(client_id=client_id, redirect_uri=uri, state=state)

    def _hint(self, token: str, client_id: str | None) -> Hint:
        """Return the hint; retired keys are accepted, because portals keep old ID tokens (L03)."""
        try:
            hint = read_hint(self._provider, token)
        except BadToken:
            raise Shown("invalid_request", detail="id_token_hint") from None
        if client_id is not None and client_id != hint.client_id:
            raise Shown("invalid_request", detail="client_id")
        return hint

    def _is_about(self, wish: SignOutRequest, client: Client, session: Session) -> bool:
        return subject(self._provider.vault, client, session.account_id) == wish.subject

    def _seal(self, wish: SignOutRequest) -> str:
        plain = {"expires_at": (self._provider.clock() + LIFE).timestamp(), "wish": asdict(wish)}
        return self._provider.vault.seal(json.dumps(plain).encode(), purpose=PURPOSE)

    def _open(self, sealed: str) -> SignOutRequest | None:
        try:
            plain = json.loads(self._provider.vault.open(sealed, purpose=PURPOSE))
        except BrokenSeal:
            return None
        if self._provider.clock().timestamp() >= plain["expires_at"]:
            return None
        return SignOutRequest(**plain["wish"])
