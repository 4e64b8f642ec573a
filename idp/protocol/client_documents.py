"""What a client that registers itself keeps at its own addresses: sector list and logo.

Fetched once, by the one fetcher, and never within a transaction.
"""

import json
from dataclasses import replace

import structlog

from idp.domain.client import Client
from idp.domain.client_metadata import with_logo
from idp.domain.client_problems import InvalidClientMetadata, Problem
from idp.domain.client_registration import sector_problem
from idp.domain.png import InvalidPicture
from idp.ports import Fetch, FetchRefused

log = structlog.get_logger("idp.registration")

JSON_TYPES = frozenset({"application/json"})
PNG_TYPES = frozenset({"image/png"})


def with_documents(fetch: Fetch, client: Client, known: Client | None = None) -> Client:
    """Return ``client`` with its logo; ``known`` is the client as it was before an update.

    Raises:
        InvalidClientMetadata: the sector list does not name every redirect URI, the logo is no
        small PNG, or one of them cannot be had.

    Source: OIDC Core 8.1, OIDC Registration 2; attacks S05, S06, X05.
    """
    if client.sector_identifier_uri is not None:
        _check_sector(fetch, client, client.sector_identifier_uri)
    if client.logo_uri is None:
        return client
    if known is not None and known.logo_uri == client.logo_uri:
        return replace(client, logo_version=known.logo_version)
    return _with_fetched_logo(fetch, client, client.logo_uri)


def _check_sector(fetch: Fetch, client: Client, address: str) -> None:
    try:
        listed = json.loads(fetch.get(address, media_types=JSON_TYPES))
    except FetchRefused as refused:
        raise _cannot_be_had("sector_identifier_uri", JSON_TYPES, refused) from refused
    except (ValueError, RecursionError):
        listed = None
    problem = sector_problem(client, listed)
    if problem:
        raise InvalidClientMetadata([problem])


def _with_fetched_logo(fetch: Fetch, client: Client, address: str) -> Client:
    try:
        return with_logo(client, fetch.get(address, media_types=PNG_TYPES))
    except FetchRefused as refused:
        raise _cannot_be_had("logo_uri", PNG_TYPES, refused) from refused
    except InvalidPicture as wrong:
        why = f"must lead to a small PNG ({wrong.code})"
        raise InvalidClientMetadata([Problem("logo_uri", why)]) from wrong


def _cannot_be_had(
    member: str, media_types: frozenset[str], refused: FetchRefused
) -> InvalidClientMetadata:
    """The reason goes to the log alone: the answer is no way to look around in networks (S02)."""
    log.info("client_document_refused", member=member, reason=str(refused))
    (wanted,) = media_types
    why = f"must be {wanted} that can be fetched by https from a public address"
    return InvalidClientMetadata([Problem(member, why)])
