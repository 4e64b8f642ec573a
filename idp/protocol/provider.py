"""The provider that ``idp.web`` calls: one method for each endpoint or step."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime

from idp.domain.authorization.interaction import AuthorizationContext
from idp.domain.clients.client import Client
from idp.domain.sign_in.session import Session
from idp.protocol.authorize.endpoint import Authorize, Visitor
from idp.protocol.authorize.session_state import SessionStates
from idp.protocol.client_registration.management import RegistrationManagement
from idp.protocol.client_registration.registration import Registration
from idp.protocol.clients.authentication import ClientAuthentication
from idp.protocol.clients.keys import ClientKeys
from idp.protocol.clients.response_encryption import ResponseEncryption
from idp.protocol.core.provider_context import ProviderContext
from idp.protocol.core.refusal_log import RefusalLog
from idp.protocol.core.replies import AskReturn, Document, Empty, Json, Jwt, Redirect, Reply
from idp.protocol.core.requests import ProtocolRequest
from idp.protocol.discovery import Discovery
from idp.protocol.jwks import KeySet
from idp.protocol.logout.end_session import EndSession
from idp.protocol.logout.front_channel_logout import frames
from idp.protocol.logout.logout_token import EndedSession, make_logout_token
from idp.protocol.token.introspection import Introspect
from idp.protocol.token.revocation import Revoke
from idp.protocol.token.token_endpoint import TokenServer
from idp.protocol.userinfo.endpoint import UserInfo

# Authlib 1.9.9 logs codes and tokens at DEBUG, so its level is fixed.
logging.getLogger("authlib").setLevel(logging.INFO)


class Provider:
    """OAuth 2 and OpenID Connect, without Flask.

    Methods raise DatabaseUnavailable, FetchBusy (when the endpoint may fetch from a client's
    server) and what their docstrings name; every other failure is an answer.
    """

    def __init__(self, provider: ProviderContext) -> None:
        self._provider = provider
        keys = ClientKeys(provider)
        clients = ClientAuthentication(provider, keys)
        recipients = ResponseEncryption(keys)
        self._authorize = Authorize(provider, keys, recipients)
        self._token = TokenServer(provider, clients, recipients)
        self._userinfo = UserInfo(provider, recipients)
        self._introspect = Introspect(provider, clients)
        self._revoke = Revoke(provider, clients)
        self._end_session = EndSession(provider)
        self._registration = Registration(provider)
        self._management = RegistrationManagement(provider)
        self._session_states = SessionStates(provider)
        self._discovery = Discovery(provider)
        self._key_set = KeySet(provider.keys)
        log = RefusalLog(provider.clients, provider.clock, provider.write_refusals)
        self._watch = log.watch

    def authorize(
        self, request: ProtocolRequest, browser: str, session: Session | None, state: str = ""
    ) -> Reply:
        """Answer a GET to the authorization endpoint.

        ``state`` is the browser state that ``session_state`` is made of; if empty, none is made.
        """
        return self._watch(
            "authorize",
            request,
            lambda: self._authorize.request(request, Visitor(browser, session, state)),
        )

    def authorize_posted(self, request: ProtocolRequest) -> Reply:
        """Answer a POST to the authorization endpoint: no cookie may be read for it (D4)."""
        return self._watch("authorize", request, lambda: self._authorize.posted(request))

    def resume(self, sealed: str, browser: str, session: Session | None, state: str = "") -> Reply:
        """Resume a pending request after a page."""
        return self._watch(
            "authorize",
            None,
            lambda: self._authorize.resume(sealed, Visitor(browser, session, state)),
        )

    def resume_posted(
        self, sealed: str, browser: str, session: Session | None, state: str = ""
    ) -> Reply:
        """Resume a POSTed request."""
        return self._watch(
            "authorize",
            None,
            lambda: self._authorize.resume_posted(sealed, Visitor(browser, session, state)),
        )

    def without_registration(self, sealed: str, browser: str) -> str:
        """Return the pending request, sealed without ``prompt=create``. Raises Shown."""
        return self._authorize.without_registration(sealed, browser)

    def deny(self, sealed: str, browser: str, state: str = "") -> Reply:
        """Send the portal ``access_denied``: the citizen refused or turned back."""
        return self._watch(
            "authorize",
            None,
            lambda: self._authorize.deny(sealed, Visitor(browser, browser_state=state)),
        )

    def frame_ancestors(self) -> Sequence[str]:
        """Return the origins whose pages may hold the frame of Session Management."""
        return self._session_states.watching_origins()

    def open_context(self, sealed: str, browser: str) -> AuthorizationContext:
        """Return the pending request that a page belongs to.

        Raises:
            Shown: ``context_lost``: expired, another browser's, or not sealed by the hub.
        """
        return self._authorize.open_context(sealed, browser)

    def token(self, request: ProtocolRequest) -> Json:
        """Answer the token endpoint."""
        return self._watch("token", request, lambda: self._token.answer(request))

    def userinfo(self, request: ProtocolRequest) -> Json | Jwt:
        """Answer the userinfo endpoint."""
        return self._watch("userinfo", request, lambda: self._userinfo.answer(request))

    def introspect(self, request: ProtocolRequest) -> Json | Empty:
        """Answer the introspection endpoint."""
        return self._watch("introspect", request, lambda: self._introspect.answer(request))

    def revoke(self, request: ProtocolRequest) -> Json | Empty:
        """Answer the revocation endpoint."""
        return self._watch("revoke", request, lambda: self._revoke.answer(request))

    def register(self, request: ProtocolRequest) -> Json:
        """Answer the client registration endpoint."""
        return self._watch("register", request, lambda: self._registration.answer(request))

    def manage_registration(self, request: ProtocolRequest, client_id: str) -> Json | Empty:
        """Answer GET, PUT or DELETE at a client's own address."""
        return self._watch("register", request, lambda: self._management.answer(request, client_id))

    def end_session(self, request: ProtocolRequest) -> Reply:
        """Check a logout request; ``must_ask_sign_out`` says whether the citizen is asked next."""
        return self._watch("end_session", request, lambda: self._end_session.request(request))

    def must_ask_sign_out(self, sealed: str, session: Session) -> bool:
        """Return whether the citizen must be asked before the logout request ends ``session``."""
        return self._end_session.must_ask(sealed, session)

    def signed_out(
        self, sealed: str, session: Session | None, *, was_asked: bool = False
    ) -> Redirect | AskReturn | None:
        """Return where a citizen goes after ``session`` ended, or None for the hub's own page.

        ``was_asked``: a page has asked the citizen before.
        """
        return self._end_session.signed_out(sealed, session, was_asked=was_asked)

    def logout_frames(self, clients: Iterable[Client], session_id: str) -> list[str]:
        """Return the front-channel logout frames of a signed-out page."""
        return frames(self._provider, clients, session_id)

    def discovery(self) -> Document | Json:
        """Return the metadata."""
        return self._discovery.document()

    def jwks(self) -> Document | Json:
        """Return the public key set."""
        return self._key_set.document()

    def logout_token(self, ended: EndedSession, _: datetime) -> str:
        """Return a logout token for the portal, issued now. Raises NoSigningKey, ClockSkew."""
        return make_logout_token(self._provider, ended.client, ended.account_id, ended.session_id)
