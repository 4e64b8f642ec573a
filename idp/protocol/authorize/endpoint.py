"""The authorization endpoint: check, decide, answer (OIDC Core 3.1.2, D4)."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from idp.domain.authorization.interaction import (
    CREATE,
    AuthorizationContext,
    Situation,
    Step,
    needs_new_consent,
    next_step,
)
from idp.domain.clients.client import Client
from idp.domain.clients.refusal_reasons import Reason
from idp.domain.sign_in.session import Session
from idp.protocol.authorize.authorization_request import (
    KNOWN,
    Checks,
    find_target,
    refuse_broken,
)
from idp.protocol.authorize.authorization_response import send, send_error
from idp.protocol.authorize.context import Contexts
from idp.protocol.authorize.implicit_hybrid import Granted
from idp.protocol.authorize.request_object import RequestObjects
from idp.protocol.authorize.session_state import SessionStates
from idp.protocol.clients.keys import ClientKeys
from idp.protocol.clients.response_encryption import ResponseEncryption
from idp.protocol.core import granted_scopes
from idp.protocol.core.errors import Redirected, ResponseTarget, Shown
from idp.protocol.core.provider_context import ProviderContext
from idp.protocol.core.refusal_notes import about, because, note_unregistered
from idp.protocol.core.replies import AskReturn, ErrorPage, GoTo, Reply, Resume
from idp.protocol.core.request_parameters import (
    Malformed,
    Parameters,
    body_parameters,
    query_parameters,
)
from idp.protocol.core.requests import ProtocolRequest
from idp.protocol.core.subjects import subject
from idp.protocol.token.resources import NOT_IN_FILE, may_ask_for

ACCESS_DENIED = "access_denied"
NOBODY = ""
"""An id that no account has."""

Read = Callable[[ProtocolRequest, frozenset[str]], Parameters]
Act = Callable[[], Reply]


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser: the id that contexts are bound to, its live session, and its browser state."""

    browser: str = field(repr=False)
    session: Session | None = None
    browser_state: str = field(default="", repr=False)
    """Empty when no cookie is read, or when no portal may watch (``session_state``)."""


class Authorize:
    """Answers authorization requests: by a response to the portal, a page or an error."""

    def __init__(
        self, provider: ProviderContext, keys: ClientKeys, recipients: ResponseEncryption
    ) -> None:
        self._provider = provider
        self._contexts = Contexts(provider)
        self._granted = Granted(provider, recipients)
        self._objects = RequestObjects(provider, keys)
        self._states = SessionStates(provider)

    def request(self, request: ProtocolRequest, visitor: Visitor) -> Reply:
        """Answer a GET: a code at once, a page first, or an error."""

        def act() -> Reply:
            context, client = self._check(_parameters(query_parameters, request))
            return self._advance(context, client, visitor)

        return self._answer(act, visitor, unasked=True)

    def posted(self, request: ProtocolRequest) -> Reply:
        """Check and seal a POST without reading a cookie; the resume endpoint continues (D4)."""

        def act() -> Reply:
            context, _ = self._check(_parameters(body_parameters, request))
            return Resume(self._contexts.seal_posted(context))

        return self._answer(act, Visitor(browser=""), unasked=True)

    def resume(self, sealed: str, visitor: Visitor) -> Reply:
        """Resume after a page; check client, redirect URI, scopes, type and resources again."""
        return self._answer(
            lambda: self._go_on(self._contexts.open(sealed, visitor.browser), visitor), visitor
        )

    def resume_posted(self, sealed: str, visitor: Visitor) -> Reply:
        """Resume a POSTed request, now that the browser sends its cookies."""
        return self._answer(
            lambda: self._go_on(self._contexts.open_posted(sealed), visitor), visitor, unasked=True
        )

    def deny(self, sealed: str, visitor: Visitor) -> Reply:
        """Send the portal ``access_denied``: the citizen refused or turned back."""

        def act() -> Reply:
            context = self._contexts.open(sealed, visitor.browser)
            target = _target(context, self._find_client(context.client_id))
            raise Redirected(target, ACCESS_DENIED)

        return self._answer(act, visitor)

    def without_registration(self, sealed: str, browser: str) -> str:
        """Return the request, sealed again without ``prompt=create``. Raises Shown."""
        context = self._contexts.open(sealed, browser)
        return self._contexts.seal(replace(context, prompt=context.prompt - {CREATE}), browser)

    def open_context(self, sealed: str, browser: str) -> AuthorizationContext:
        """Return the pending request for a page. Raises Shown."""
        return self._contexts.open(sealed, browser)

    def _answer(self, act: Act, visitor: Visitor, *, unasked: bool = False) -> Reply:
        """Return the reply of ``act``; an ``unasked`` request may come from an attacker's link.

        Its errors are redirected at once only to first-party clients (attack R10) and in a suite's
        test mode. With ``prompt=none`` every error is redirected at once: the portal may ask in a
        frame, where no page may be shown (OIDC Core 3.1.2.1; RFC 9700 4.11.2 excepts it).
        """
        try:
            return act()
        except Redirected as failure:
            watched = self._states.parameters(failure.target, visitor.browser_state)
            response = send_error(failure, self._provider.issuer, watched)
            is_held = unasked and self._holds_errors(failure.target)
            return AskReturn(response, failure.target.client) if is_held else response
        except Shown as failure:
            return ErrorPage(
                failure.code, failure.status, failure.detail, failure.error, failure.received
            )

    def _holds_errors(self, target: ResponseTarget) -> bool:
        is_trusted = target.client.first_party or self._provider.features.suite
        return not (is_trusted or target.silent)

    def _go_on(self, context: AuthorizationContext, visitor: Visitor) -> Reply:
        client = self._find_client(context.client_id)
        target = _target(context, client)
        context = replace(context, scopes=granted_scopes.of_citizens(client, context.scopes))
        if context.response_type not in client.response_types:
            raise Redirected(
                target, "unauthorized_client", "response_type is not in the client's file"
            )
        if not may_ask_for(self._provider.issuer, client, context.resources):
            raise Redirected(target, "invalid_target", NOT_IN_FILE)
        return self._advance(context, client, visitor)

    def _check(self, parameters: Parameters) -> tuple[AuthorizationContext, Client]:
        client_id = parameters.find("client_id")
        if client_id is None:
            why = parameters.broken.get("client_id", "client_id")
            raise Shown("invalid_request", detail=why)
        client = self._find_client(client_id)
        refuse_broken(client, parameters)
        whole = self._objects.resolve(client, parameters)
        if whole is not parameters:
            client = self._find_client(client_id)  # its servers may have been slow (attack A15)
        target = find_target(client, whole)
        return Checks(self._provider, client, target, whole).context(), client

    def _find_client(self, client_id: str) -> Client:
        client = self._provider.clients.find(client_id)
        if client is None:
            because(Reason.CLIENT_UNKNOWN, named=client_id)
            raise Shown("unknown_client")
        about(client_id)
        if not client.is_active:
            raise Shown("client_suspended")
        return client

    def _advance(self, context: AuthorizationContext, client: Client, visitor: Visitor) -> Reply:
        target, session = _target(context, client), visitor.session
        known = self._with_account_hint(context, client, session)
        self._refuse_other_subject(known, session, target)
        step = next_step(known, self._situation(context, client, session))
        if step is Step.ISSUE and session is not None:
            self._use(session)
            granted = self._granted.parameters(context, target, session)
            watched = self._states.parameters(target, visitor.browser_state)
            return send(target, self._provider.issuer, {**granted, **watched})
        if step in {Step.REFUSE_LOGIN_REQUIRED, Step.REFUSE_CONSENT_REQUIRED}:
            raise Redirected(target, step.value)
        return GoTo(step, self._contexts.seal(context, visitor.browser), context)

    def _situation(
        self, context: AuthorizationContext, client: Client, session: Session | None
    ) -> Situation:
        """Look up the consent; a first party's only when a new one is asked for.

        Without a session the look-up runs for no account, to take the same time (attack R16).
        """
        consent, account_id = None, session.account_id if session else NOBODY
        if not client.first_party or needs_new_consent(context, client):
            with self._provider.begin(read_only=True) as work:
                consent = work.consents.find(account_id, client.client_id)
        return Situation(
            client=client, session=session, consent=consent, now=self._provider.clock()
        )

    def _use(self, session: Session) -> None:
        """Touch the session, so that it does not become idle: the citizen enters a portal.

        A refusal writes nothing: its time must not tell a portal whether somebody is signed in
        (attack R16).
        """
        now = self._provider.clock()
        if session.is_touch_due(now):
            with self._provider.begin() as work:
                work.sessions.touch(session.id, now)

    def _with_account_hint(
        self, context: AuthorizationContext, client: Client, session: Session | None
    ) -> AuthorizationContext:
        """Put the account id in place of the hints, when one is the account's pairwise subject."""
        if session is None or not context.subject_hints:
            return context
        if subject(self._provider.vault, client, session.account_id) not in context.subject_hints:
            return context
        return replace(context, subject_hints=(session.account_id,))

    def _refuse_other_subject(
        self, context: AuthorizationContext, session: Session | None, target: ResponseTarget
    ) -> None:
        """Refuse a sign-in to another account than the hint's; else the login page would loop."""
        if not context.subject_hints or session is None:
            return
        is_other = session.account_id not in context.subject_hints
        if is_other and session.auth_time >= context.arrived_at:
            raise Redirected(target, Step.REFUSE_LOGIN_REQUIRED.value)


def _parameters(read: Read, request: ProtocolRequest) -> Parameters:
    try:
        return read(request, KNOWN)
    except Malformed as malformed:
        raise Shown("invalid_request", detail=malformed.why) from None


def _target(context: AuthorizationContext, client: Client) -> ResponseTarget:
    redirect = client.match_redirect(context.redirect_uri)
    if redirect is None:
        note_unregistered(context.redirect_uri)
        raise Shown("redirect_uri_not_registered")
    silent = "none" in context.prompt
    return ResponseTarget(client, redirect, context.response_mode, context.state, silent)
