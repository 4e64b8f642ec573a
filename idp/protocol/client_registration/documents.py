"""The documents of a client that registers itself: sector list and logo.

Fetched at registration and update, with ``provider.fetch``, outside transactions.
"""

import json
from dataclasses import replace

import structlog

from idp.domain.clients.client import Client
from idp.domain.clients.metadata import with_logo
from idp.domain.clients.png import InvalidPicture
from idp.domain.clients.problems import InvalidClientMetadata, Problem
from idp.domain.clients.registration import sector_problem
from idp.ports import FetchRefused
from idp.protocol.core.fetch_limits import document_gate
from idp.protocol.core.provider_context import ProviderContext

log = structlog.get_logger("idp.registration")

TYPES = {"sector_identifier_uri": "application/json", "logo_uri": "image/png"}


def with_documents(
    provider: ProviderContext, client: Client, known: Client | None = None
) -> Client:
    """Return ``client`` with its logo; ``known`` is the client as it was before an update.

    Raises:
        InvalidClientMetadata: the sector list does not name every redirect URI, the logo is no
        small PNG, or one of them cannot be fetched.
        FetchBusy: the bulkhead is full, or such a document was fetched just before.

    Source: OIDC Core 8.1, OIDC Registration 2; attacks S05, S06, X05.
    """
    if client.sector_identifier_uri is not None:
        _check_sector(provider, client, client.sector_identifier_uri)
    if client.logo_uri is None:
        return client
    if known is not None and known.logo_uri == client.logo_uri:
        return replace(client, logo_version=known.logo_version)
    return _with_fetched_logo(provider, client, client.logo_uri)


def _check_sector(provider: ProviderContext, client: Client, address: str) -> None:
    try:
        listed = json.loads(_fetched(provider, client, "sector_identifier_uri", address))
    except FetchRefused as refused:
        raise _cannot_be_had("sector_identifier_uri", refused) from refused
    except (ValueError, RecursionError):
        listed = None
    problem = sector_problem(client, listed)
    if problem:
        raise InvalidClientMetadata([problem])


def _with_fetched_logo(provider: ProviderContext, client: Client, address: str) -> Client:
    try:
        return with_logo(client, _fetched(provider, client, "logo_uri", address))
    except FetchRefused as refused:
        raise _cannot_be_had("logo_uri", refused) from refused
    except InvalidPicture as wrong:
        why = f"must lead to a small PNG ({wrong.code})"
        raise InvalidClientMetadata([Problem("logo_uri", why)]) from wrong


def _fetched(provider: ProviderContext, client: Client, member: str, address: str) -> bytes:
    gate = document_gate(
        provider.ephemeral, member, client.client_id, address, provider.fetch_limits
    )
    return provider.fetch.get(address, media_types=frozenset({TYPES[member]}), may_begin=gate)


def _cannot_be_had(member: str, refused: FetchRefused) -> InvalidClientMetadata:
    """Return the error; only the log has the reason, so that nobody can probe networks (S02)."""
    log.info("client_document_refused", member=member, reason=str(refused))
    why = f"must be {TYPES[member]} that can be fetched by https from a public address"
    return InvalidClientMetadata([Problem(member, why)])
