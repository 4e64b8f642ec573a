"""Which replies are refusals of the client, and the reason where the endpoint noted none."""

from collections.abc import Mapping
from dataclasses import dataclass

from idp.domain.clients.refusal_reasons import Reason
from idp.protocol.core.replies import AskReturn, ErrorPage, FormPost, Json, Redirect, Reply

ABOUT_THE_CITIZEN = frozenset(
    {"login_required", "consent_required", "access_denied", "temporarily_unavailable"}
)
"""Errors that say how it is with the citizen or the hub. They are no fault of the client, and a row
for each would show when citizens come."""

CONTEXT_LOST = "context_lost"
UNAVAILABLE = 503


@dataclass(frozen=True, slots=True)
class Told:
    """What the client, or the error page, was told."""

    error: str
    description: str = ""


def told_by(reply: Reply) -> Told | None:
    """Return what a refusal tells; None for every other reply.

    A bearer request without a token gets a challenge without an error (RFC 6750 3): no refusal.
    """
    told = _told(reply)
    if told is None or not told.error or told.error in ABOUT_THE_CITIZEN:
        return None
    return told


def outcome_of(reply: Reply) -> str:
    """Return the OAuth error of any reply, also of one about the citizen; ``ok`` without one.

    ``unavailable``: the endpoint could not answer (503).
    """
    if isinstance(reply, Json) and reply.status == UNAVAILABLE:
        return "unavailable"
    told = _told(reply)
    return (told and told.error) or "ok"


def reason_for(told: Told) -> Reason:
    """Return the reason that an error and its description stand for, where they say it all."""
    by_error = _BY_ERROR.get(told.error, Reason.REQUEST_WRONG)
    return _BY_DESCRIPTION.get(told.description, by_error)


def _told(reply: Reply) -> Told | None:
    match reply:
        case AskReturn(response):
            return _told(response)
        case Redirect():
            return Told(reply.error, reply.description)
        case FormPost(fields=fields):
            return _members(fields)
        case ErrorPage() if reply.code != CONTEXT_LOST:
            says_it_all = reply.code in _BY_DESCRIPTION
            return Told(reply.error, reply.code if says_it_all else reply.detail or reply.code)
        case Json() if UNAVAILABLE != reply.status >= 400:
            return _members(reply.body)
        case _:
            return None


def _members(told: Mapping[str, object]) -> Told:
    return Told(str(told.get("error", "")), str(told.get("error_description", "")))


_BY_ERROR: Mapping[str, Reason] = {
    "unsupported_response_type": Reason.RESPONSE_TYPE_OFF,
    "unauthorized_client": Reason.NOT_IN_FILE,
    "invalid_scope": Reason.SCOPE_NOT_IN_FILE,
    "invalid_target": Reason.RESOURCE_NOT_IN_FILE,
    "request_not_supported": Reason.REQUEST_OBJECT_OFF,
    "request_uri_not_supported": Reason.REQUEST_OBJECT_OFF,
    "unmet_authentication_requirements": Reason.ACR_UNKNOWN,
    "unsupported_grant_type": Reason.GRANT_TYPE_UNKNOWN,
    "invalid_grant": Reason.SESSION_ENDED,
    "invalid_token": Reason.REGISTRATION_TOKEN_WRONG,
}
_BY_DESCRIPTION: Mapping[str, Reason] = {
    "unknown_client": Reason.CLIENT_UNKNOWN,
    "client_suspended": Reason.CLIENT_SUSPENDED,
    "redirect_uri_missing": Reason.REDIRECT_URI_MISSING,
    "code_challenge is missing": Reason.PKCE_MISSING,
    "code_challenge_method must be S256": Reason.PKCE_NOT_S256,
    "code_challenge must be 43 characters of base64url": Reason.PKCE_NOT_S256,
    "scope must contain openid": Reason.SCOPE_WITHOUT_OPENID,
    "id_token_hint is not an ID token of this issuer": Reason.HINT_WRONG,
    "id_token_hint was made for another client": Reason.HINT_WRONG,
    "id_token_hint": Reason.HINT_WRONG,
    "The code_verifier is missing or malformed.": Reason.VERIFIER_WRONG,
    "The code_verifier does not match.": Reason.VERIFIER_WRONG,
    "Invalid 'redirect_uri' in request.": Reason.REDIRECT_URI_DIFFERS,
    "Exactly one client authentication method is needed.": Reason.CREDENTIALS_MISSING,
    "client_id is missing.": Reason.CREDENTIALS_MISSING,
}
