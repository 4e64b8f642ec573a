"""The one dispatcher: what a pending authorization request needs next."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from idp.domain.authorization.grant import Consent
from idp.domain.clients.client import ONCE, Client
from idp.domain.sign_in.session import ACR_PASSWORD_OTP, Session

CREATE = "create"
"""The value of ``prompt`` by which a client requests a registration (Prompt Create 1.0)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationContext:
    """A fully validated authorization request on its way through the pages.

    The browser carries it sealed, for two hours at most.

    ``arrived_at`` is when the request arrived: a session (``prompt=login``) or a consent
    (``prompt=consent``) made after it satisfies the prompt, so no page has to keep a flag.
    The account must be one of ``subject_hints``, named by ``id_token_hint`` and ``claims``. The
    session must reach one of ``essential_acr`` (OIDC Core 5.5.1.1); ``acr_values`` are voluntary,
    and the first alone counts.
    """

    client_id: str
    redirect_uri: str
    response_mode: str
    response_type: str
    scopes: tuple[str, ...]
    arrived_at: datetime
    code_challenge: str | None
    state: str | None = None
    nonce: str | None = None
    prompt: frozenset[str] = frozenset()
    max_age: int | None = None
    acr_values: tuple[str, ...] = ()
    essential_acr: tuple[str, ...] = ()
    login_hint: str | None = field(default=None, repr=False)
    subject_hints: tuple[str, ...] = ()
    ui_locales: tuple[str, ...] = ()
    requested_claims: Mapping[str, Any] = field(default_factory=dict)
    resources: tuple[str, ...] = ()


class Step(StrEnum):
    """The next step of a pending request.

    ``refuse_*`` are error responses to ``prompt=none`` (OIDC Core 3.1.2.6).
    """

    LOG_IN = "log_in"
    SECOND_STEP = "second_step"
    REGISTER = "register"
    CHOOSE_ACCOUNT = "choose_account"
    CONSENT = "consent"
    ISSUE = "issue"
    REFUSE_LOGIN_REQUIRED = "login_required"
    REFUSE_CONSENT_REQUIRED = "consent_required"


@dataclass(frozen=True, slots=True)
class Situation:
    """The input of ``next_step`` beside the request; read again from the store at each step."""

    client: Client
    session: Session | None
    consent: Consent | None
    now: datetime


def next_step(context: AuthorizationContext, situation: Situation) -> Step:
    """Return the step that a pending request needs next; ``ISSUE`` when the response may be sent.

    With ``prompt=none``, a client without any consent gets ``login_required`` whether or not a
    session exists: otherwise every site could test whether its visitor is signed in (attack R16).

    With ``prompt=create``, an earlier session issues nothing by itself: the citizen chooses the
    account, since that session may be of another person at the same computer (attack SE20).

    Source: OIDC Core 3.1.2.1 (prompt, max_age), 3.1.2.3, 3.1.2.4, Prompt Create 1.0; attack SE04.
    """
    silent = "none" in context.prompt
    if CREATE in context.prompt:
        if situation.session is None:
            return Step.REGISTER
        if situation.session.auth_time <= context.arrived_at:
            return Step.CHOOSE_ACCOUNT
    if _needs_login(context, situation):
        return Step.REFUSE_LOGIN_REQUIRED if silent else Step.LOG_IN
    if _needs_second_step(context, situation):
        return Step.REFUSE_LOGIN_REQUIRED if silent else Step.SECOND_STEP
    if _needs_consent(context, situation):
        return _silent_refusal(context, situation) if silent else Step.CONSENT
    return Step.ISSUE


def _silent_refusal(context: AuthorizationContext, situation: Situation) -> Step:
    """Return the error for a ``prompt=none`` request that lacks a consent.

    ``consent_required`` only where a valid consent is too narrow: by asking for less, the client
    would get a code, so the error reveals no session that it could not detect anyway.
    """
    is_known = _stands(situation.consent, situation.client)
    if is_known and not needs_new_consent(context, situation.client):
        return Step.REFUSE_CONSENT_REQUIRED
    return Step.REFUSE_LOGIN_REQUIRED


def _stands(consent: Consent | None, client: Client) -> bool:
    """Return whether the consent is of the client's present version and not revoked."""
    if consent is None or consent.revoked_at is not None:
        return False
    return consent.client_version == client.version


def needs_new_consent(context: AuthorizationContext, client: Client) -> bool:
    """Return whether only a consent given to this very request counts, even for a first party.

    True for ``prompt=consent``, unless a first party's file says ``prompt_consent = "once"``. True
    also for a public client whose redirect URI is not https: without a secret and an https address
    of its own, any app of the device could impersonate it.

    Source: OIDC Core 3.1.2.1, RFC 8252 8.6; attack OP7.
    """
    could_be_any_app = client.is_public and not context.redirect_uri.startswith("https:")
    is_let = client.first_party and client.prompt_consent == ONCE
    return could_be_any_app or ("consent" in context.prompt and not is_let)


def _needs_login(context: AuthorizationContext, situation: Situation) -> bool:
    session = situation.session
    if session is None:
        return True
    if context.subject_hints and session.account_id not in context.subject_hints:
        return True
    after_arrival = session.auth_time >= context.arrived_at
    if context.prompt & {"login", "select_account"} and not after_arrival:
        return True
    return not after_arrival and _is_too_old(session, context, situation)


def _is_too_old(session: Session, context: AuthorizationContext, situation: Situation) -> bool:
    client_max_age = situation.client.default_max_age
    max_age = context.max_age if context.max_age is not None else client_max_age
    return max_age is not None and situation.now - session.auth_time > timedelta(seconds=max_age)


def _needs_second_step(context: AuthorizationContext, situation: Situation) -> bool:
    session = situation.session
    if session is None or session.acr == ACR_PASSWORD_OTP:
        return False
    wanted = context.acr_values[:1]
    if context.essential_acr:
        wanted = () if session.acr in context.essential_acr else context.essential_acr
    return ACR_PASSWORD_OTP in (*wanted, situation.client.default_acr)


def _needs_consent(context: AuthorizationContext, situation: Situation) -> bool:
    consent, is_new_wanted = situation.consent, needs_new_consent(context, situation.client)
    if situation.client.first_party and not is_new_wanted:
        return False
    if consent is None or not _stands(consent, situation.client):
        return True
    if is_new_wanted and consent.given_at < context.arrived_at:
        return True
    claims = frozenset(context.requested_claims.get("userinfo", {})) | frozenset(
        context.requested_claims.get("id_token", {})
    )
    return not consent.covers(frozenset(context.scopes), claims)
