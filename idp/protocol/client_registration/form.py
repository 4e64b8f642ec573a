"""Requests to register or manage a client, and the answers to them."""

import re
from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from idp.domain.clients.client import Client
from idp.domain.clients.problems import InvalidClientMetadata
from idp.domain.clients.registration import Allowed, is_redirect_problem, registered_members
from idp.ports import Taken
from idp.protocol.core import endpoints
from idp.protocol.core.provider_context import ProviderContext
from idp.protocol.core.replies import NO_STORE, Json
from idp.protocol.core.requests import ProtocolRequest
from idp.protocol.discovery import request_signing_algorithms
from idp.protocol.jose.json_text import NotJson, read_object
from idp.protocol.jose.jws import BadToken
from idp.protocol.jose.signing_keys import ALGORITHMS
from idp.protocol.token import token_endpoint
from idp.protocol.token.bearer import bearer_token, refused

REALM = "registration"
MAX_BYTES = 64 * 1024
LONGEST_DESCRIPTION = 600
_NOT_IN_DESCRIPTIONS = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")


class Refused(Exception):
    """The request ends with this answer."""

    def __init__(self, answer: Json) -> None:
        super().__init__(answer.status)
        self.answer = answer


def shown_token(request: ProtocolRequest) -> str | None:
    """Return the bearer token, None without one. Raises Refused for a malformed header."""
    try:
        return bearer_token(request)
    except BadToken:
        raise Refused(invalid_token()) from None


def metadata_in(request: ProtocolRequest) -> Mapping[str, Any]:
    """Return the JSON object in the body.

    Raises:
        Refused: no JSON object, or a software statement, which the hub cannot check.
    """
    if request.media_type != "application/json" or len(request.body) > MAX_BYTES:
        why = f"The body must be application/json of at most {MAX_BYTES // 1024} KiB."
        raise Refused(error(400, "invalid_client_metadata", why))
    try:
        metadata = read_object(request.body)
    except NotJson as wrong:
        why = f"The body is no JSON object: {wrong}."
        raise Refused(error(400, "invalid_client_metadata", why)) from wrong
    if "software_statement" in metadata:
        why = "Software statements are not accepted; send the metadata itself."
        raise Refused(error(400, "unapproved_software_statement", why))
    return metadata


def allowed(provider: ProviderContext, scopes: frozenset[str]) -> Allowed:
    """Return what a client may register: what discovery names now, and these scopes."""
    features = provider.features
    return Allowed(
        response_types=features.response_types,
        # No tokens of their own: only a reviewed file makes a client a service.
        grant_types=(*token_endpoint.CITIZENS_GRANT_TYPES, *features.front_channel_grants),
        scopes=scopes,
        algorithms=_algorithms(provider),
        loopback_http=features.loopback_http,
    )


def _algorithms(provider: ProviderContext) -> Mapping[str, Sequence[str]]:
    """Return the algorithms that depend on a feature or on the hub's keys."""
    # A key store that cannot be read for a moment is no reason to refuse a client.
    signing = provider.keys.algorithms() or ALGORITHMS
    return {
        "id_token_signed_response_alg": signing,
        "userinfo_signed_response_alg": signing,
        "request_object_signing_alg": request_signing_algorithms(provider),
        "request_object_encryption_alg": provider.keys.encryption_algorithms(),
    }


def answer(
    provider: ProviderContext, status: int, client: Client, *, token: str, secret: str | None = None
) -> Json:
    """Return the client information response (RFC 7591 3.2.1, RFC 7592 3).

    ``secret`` is included when it is new; afterwards the hub has only its digest.
    """
    created = client.created_at or provider.clock()
    body = {
        **registered_members(client),
        "client_id_issued_at": int(created.timestamp()),
        "registration_client_uri": provider.url(f"{endpoints.REGISTER}/{client.client_id}"),
        "registration_access_token": token,
    }
    if secret is not None:
        body |= {"client_secret": secret, "client_secret_expires_at": 0}
    return Json(status, body)


def invalid(wrong: InvalidClientMetadata) -> Json:
    """Return all problems of the metadata in one error (RFC 7591 3.2.2)."""
    code = "invalid_redirect_uri" if is_redirect_problem(wrong) else wrong.code
    return error(400, code, str(wrong))


def error(status: int, code: str, description: str) -> Json:
    """Return an error; characters forbidden in ``description`` become ``?`` (RFC 6749 5.2)."""
    plain = _NOT_IN_DESCRIPTIONS.sub("?", description)[:LONGEST_DESCRIPTION]
    return Json(status, {"error": code, "error_description": plain})


def require(taken: Taken) -> None:
    """Raise Refused when an owner's counter is used up; the rollback undoes the count."""
    if not taken.allowed:
        later = {"Retry-After": str(ceil(taken.retry_after.total_seconds()))}
        body = {"error": "temporarily_unavailable", "error_description": "Too many changes."}
        raise Refused(Json(429, body, {**NO_STORE, **later}))


def invalid_token() -> Json:
    """Return the answer to an unknown, expired, used or another client's token."""
    return refused(REALM, 401, error="invalid_token")
