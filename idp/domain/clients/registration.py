"""Metadata of clients that register themselves (RFC 7591 2, OIDC Registration 2)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from idp.domain.clients.addresses import host_of
from idp.domain.clients.client import Client, ClientAuthMethod
from idp.domain.clients.crypto import CHOICES
from idp.domain.clients.metadata import (
    LONGEST_NAME,
    OWN_SECTOR,
    leads_browsers,
    parse_client,
)
from idp.domain.clients.problems import InvalidClientMetadata, Problem
from idp.domain.clients.public_address import is_inside
from idp.domain.clients.response_types import in_order
from idp.domain.clients.scopes import OPENID
from idp.domain.sign_in.session import ACR_VALUES
from idp.domain.wire import words

SAME_NAME = (
    *("client_name", "client_name#en", "application_type", "redirect_uris"),
    "post_logout_redirect_uris",
    *("token_endpoint_auth_method", "grant_types", "response_types", "jwks", "jwks_uri"),
    *("subject_type", "sector_identifier_uri", "initiate_login_uri", "request_uris"),
    *("backchannel_logout_uri", "frontchannel_logout_uri", "default_max_age", "contacts"),
    *("client_uri", "logo_uri", "policy_uri", "tos_uri"),
    *CHOICES,
)
"""Members that RFC 7591, OIDC Registration and the logout specifications name as client files do.

Others but ``scope`` and ``default_acr_values`` are ignored: no client makes itself first-party.
"""

PAIRWISE = "pairwise"

ALWAYS_SO = ("require_auth_time",)
LOGOUT_URIS = ("backchannel_logout_uri", "frontchannel_logout_uri")
_FLAGS = (
    *ALWAYS_SO,
    "backchannel_logout_session_required",
    "frontchannel_logout_session_required",
)
_LISTS = ("response_types", "grant_types", "redirect_uris", "default_acr_values")
_ANSWERED = {
    "client_name": "name",
    "client_name#en": "name_en",
    "token_endpoint_auth_method": "auth_method",
    "token_endpoint_auth_signing_alg": "auth_signing_alg",
}
NOT_FOR_CLIENTS = frozenset(
    {
        *("registration_access_token", "registration_client_uri"),
        *("client_secret_expires_at", "client_id_issued_at"),
    }
)
"""Members that an update must not contain (RFC 7592 2.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """What a client that registers itself may get.

    ``scopes``: the most it gets. ``response_types`` and ``grant_types``: those switched on.
    ``algorithms``: by member, those switched on and with a key of the hub; others are unrestricted.
    """

    response_types: Sequence[str]
    grant_types: Sequence[str]
    scopes: frozenset[str] = frozenset({OPENID})
    algorithms: Mapping[str, Sequence[str]] = field(default_factory=dict)
    loopback_http: bool = False
    is_own_sector: bool = False
    """The client is a sector of its own already: ``pairwise`` in an update repeats our answer."""


def parse_registration(given: Mapping[str, Any], client_id: str, allowed: Allowed) -> Client:
    """Return the client that ``given`` describes; the caller adds secrets, sector check and logo.

    A member that is null counts as left out (RFC 7592 2.2).

    Raises:
        InvalidClientMetadata: with every problem found.
    """
    said = {name: value for name, value in given.items() if value is not None}
    problems = list(_problems(said, allowed))
    if problems:
        raise InvalidClientMetadata(problems)
    return parse_client(_metadata(said, client_id, allowed), loopback_http=allowed.loopback_http)


def _problems(said: Mapping[str, Any], allowed: Allowed) -> Iterator[Problem]:
    for member in _LISTS:
        if not _is_list_of_texts(said.get(member, [])):
            yield Problem(member, "must be a list of texts")
            return
    for member in _FLAGS:
        if not isinstance(said.get(member, True), bool):
            yield Problem(member, "must be true or false")
    if not isinstance(said.get("scope", ""), str):
        yield Problem("scope", "must be one text, its words apart by blanks")
    yield from _off(said, allowed)


def _off(said: Mapping[str, Any], allowed: Allowed) -> Iterator[Problem]:
    """Yield what is requested but not switched on."""
    if not set(map(in_order, said.get("response_types", []))) <= set(allowed.response_types):
        yield Problem("response_types", f"must be of {', '.join(allowed.response_types)}")
    if not set(said.get("grant_types", [])) <= set(allowed.grant_types):
        yield Problem("grant_types", f"must be of {', '.join(allowed.grant_types)}")
    if not leads_browsers(said):
        yield Problem("grant_types", "must contain authorization_code")
    if said.get("token_endpoint_auth_method") == ClientAuthMethod.SECRET:
        yield Problem("token_endpoint_auth_method", "must be client_secret_basic or _post")
    for member, able in allowed.algorithms.items():
        if member in said and said[member] not in able:
            yield Problem(member, f"must be one of {', '.join(able)}" if able else "is not offered")


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _metadata(said: Mapping[str, Any], client_id: str, allowed: Allowed) -> dict[str, Any]:
    """Return the members under their names in a client file."""
    redirect_uris = said.get("redirect_uris", [])
    host = host_of(redirect_uris[0]) if redirect_uris else None
    metadata = {
        "client_name": host if host and len(host) <= LONGEST_NAME else client_id,
        **{member: said[member] for member in SAME_NAME if member in said},
        "client_id": client_id,
        "scope": _scopes(said.get("scope"), allowed.scopes),
        # Whatever was requested (RFC 7591 2): with a public subject, a client that nobody has
        # reviewed could match its citizens with those of every other such client (attack J22).
        "subject_type": PAIRWISE,
    }
    if _is_own_sector(said, allowed):
        metadata["sector"] = OWN_SECTOR + client_id
    known = [acr for acr in said.get("default_acr_values", []) if acr in ACR_VALUES]
    return metadata | ({"default_acr": known[0]} if known else {})


def _is_own_sector(said: Mapping[str, Any], allowed: Allowed) -> bool:
    """Return whether a client with several hosts shares its subjects with no other (attack J22).

    Only one that asks for pairwise subjects must prove by a document which hosts belong together.

    Source: OIDC Core 8.1.
    """
    hosts = {host_of(uri) for uri in said.get("redirect_uris", [])}
    asks = said.get("subject_type") == PAIRWISE and not allowed.is_own_sector
    return len(hosts) > 1 and "sector_identifier_uri" not in said and not asks


def _scopes(asked: str | None, allowed: frozenset[str]) -> list[str]:
    """Return the requested scopes that are allowed; all of those if none is named (RFC 7591 2)."""
    wanted = allowed if asked is None else allowed & frozenset(words(asked))
    return sorted(wanted | {OPENID})


def registered_members(client: Client) -> dict[str, Any]:
    """Return everything that is registered about the client, in JSON types (RFC 7591 3.2.1)."""
    members = {name: getattr(client, _ANSWERED.get(name, name)) for name in SAME_NAME}
    told = {name: value for name, value in members.items() if value not in (None, ())}
    told |= {name: sorted(told[name]) for name in ("grant_types", "response_types")}
    told |= {name: list(value) for name, value in told.items() if isinstance(value, tuple)}
    told |= dict.fromkeys(ALWAYS_SO, True)
    for uri in LOGOUT_URIS:
        if uri in told:
            told[uri.replace("_uri", "_session_required")] = True
    if client.default_acr:
        told["default_acr_values"] = [client.default_acr]
    return {"client_id": client.client_id, **told, "scope": " ".join(sorted(client.scopes))}


def is_redirect_problem(error: InvalidClientMetadata) -> bool:
    """Return whether every problem is in ``redirect_uris`` (RFC 7591 3.2.2)."""
    return all(problem.member == "redirect_uris" for problem in error.problems)


def sector_problem(client: Client, listed: object) -> Problem | None:
    """Return why the content of ``sector_identifier_uri`` does not fit, or None (OIDC Core 8.1).

    Every redirect URI must have a public host: a loopback address proves nothing, since every
    native client may register it (attack J22).
    """
    if not all(map(_has_owner, client.redirect_uris)):
        why = "proves nothing for loopback addresses and private-use schemes (RFC 8252 8.6)"
        return Problem("sector_identifier_uri", why)
    if not isinstance(listed, list) or not set(client.redirect_uris) <= set(map(str, listed)):
        return Problem("sector_identifier_uri", "must list every redirect URI (OIDC Core 8.1)")
    return None


def _has_owner(uri: str) -> bool:
    host = host_of(uri)
    return host is not None and not is_inside(host)
