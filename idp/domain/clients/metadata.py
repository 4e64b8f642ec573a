"""Client metadata (RFC 7591, OIDC Registration 2), validated whole before a client exists."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

from idp.domain.clients.addresses import address_problems, host_of
from idp.domain.clients.client import (
    EVERY_TIME,
    ONCE,
    OWN_MACHINE,
    ApplicationType,
    Client,
    ClientAuthMethod,
)
from idp.domain.clients.crypto import CHOICES, encryption_problems
from idp.domain.clients.png import LARGEST_BYTES, LARGEST_SIDE, InvalidPicture, cleaned
from idp.domain.clients.problems import InvalidClientMetadata, Problem
from idp.domain.clients.public_address import is_inside
from idp.domain.clients.public_jwk import key_set_problems
from idp.domain.clients.response_types import (
    AUTHORIZATION_CODE_GRANT,
    CLIENT_CREDENTIALS_GRANT,
    CODE,
    IMPLICIT_GRANT,
    RESPONSE_TYPES,
    in_order,
    needed_grants,
)
from idp.domain.clients.scopes import KNOWN_SCOPES, OPENID, SERVICE_SCOPE

CLIENT_ID = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}[a-z0-9]")
CITIZENS_GRANTS = (AUTHORIZATION_CODE_GRANT, "refresh_token", IMPLICIT_GRANT)
GRANT_TYPES = (*CITIZENS_GRANTS, CLIENT_CREDENTIALS_GRANT)
WITHOUT_BROWSERS = {"redirect_uris": (), "response_types": ()}
"""The defaults of a client that no browser is led to: a service, or an API that introspects."""
LENGTH_OF_A_SUBJECT = 43
"""No service has an id as long as a citizen's ``sub``: tokens of both name it there (C26)."""
SUBJECT_TYPES = ("pairwise", "public")
LONGEST_MAX_AGE = 999_999_999
"""Nine digits, as in a request: far below what a timedelta can hold."""

OWN_SECTOR = "client:"
"""Prefix of the sector of a client that shares it with no other; no host contains a colon."""

LONGEST_TEXT, LONGEST_LIST = 2048, 100
LONGEST_NAME = 100
"""Of a client's name, which stands in sentences, on buttons and in citizens' histories (O17)."""
LONGEST_SENTENCE = 200
"""Of what a portal says about itself in the list of services."""
_JOINERS = str.maketrans("", "", "\u200c\u200d")
"""ZWNJ and ZWJ are part of Persian words; every other invisible character is refused."""


def _is_text(value: object, longest: int = LONGEST_TEXT) -> bool:
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        return False
    return bool(value.strip()) and value.translate(_JOINERS).isprintable()


_TEXT, _FLAG, _LIST, _TABLE, _NUMBER = "text", "true or false", "list of texts", "table", "number"
_NAME = f"text of at most {LONGEST_NAME} characters"
_SENTENCE = f"text of at most {LONGEST_SENTENCE} characters"
_PICTURE = "PNG file beside this one"
_KINDS: dict[str, Callable[[Any], bool]] = {
    _TEXT: _is_text,
    _NAME: lambda value: _is_text(value, LONGEST_NAME),
    _SENTENCE: lambda value: _is_text(value, LONGEST_SENTENCE),
    _FLAG: lambda value: isinstance(value, bool),
    _LIST: lambda value: (
        isinstance(value, list) and len(value) <= LONGEST_LIST and all(map(_is_text, value))
    ),
    _TABLE: lambda value: isinstance(value, dict),
    _NUMBER: lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 0,
    _PICTURE: lambda value: isinstance(value, bytes),
}
MEMBERS = {
    "client_id": _TEXT,
    "client_name": _NAME,
    "client_name#en": _NAME,
    "description": _SENTENCE,
    "description#en": _SENTENCE,
    "listed": _FLAG,
    "application_type": _TEXT,
    "first_party": _FLAG,
    "token_endpoint_auth_method": _TEXT,
    "id_token_claims": _FLAG,
    "prompt_consent": _TEXT,
    "auth_audience_token_endpoint": _FLAG,
    "require_pkce": _FLAG,
    "jwks": _TABLE,
    "jwks_uri": _TEXT,
    "redirect_uris": _LIST,
    "post_logout_redirect_uris": _LIST,
    "backchannel_logout_uri": _TEXT,
    "frontchannel_logout_uri": _TEXT,
    "session_management": _FLAG,
    "scope": _LIST,
    "service_scope": _LIST,
    "grant_types": _LIST,
    "response_types": _LIST,
    "subject_type": _TEXT,
    "sector": _TEXT,
    "sector_identifier_uri": _TEXT,
    "initiate_login_uri": _TEXT,
    **dict.fromkeys(CHOICES, _TEXT),
    "request_uris": _LIST,
    "default_acr": _TEXT,
    "default_max_age": _NUMBER,
    "access_token_audience": _LIST,
    "introspection_audience": _LIST,
    "client_uri": _TEXT,
    "logo": _PICTURE,
    "logo_uri": _TEXT,
    "policy_uri": _TEXT,
    "tos_uri": _TEXT,
    "contacts": _LIST,
}


def parse_client(metadata: Mapping[str, Any], *, loopback_http: bool = False) -> Client:
    """Return the client that ``metadata`` describes, without secrets.

    ``loopback_http`` lets web clients use http on loopback addresses, at any port (development
    only).

    Raises:
        InvalidClientMetadata: with every problem found.

    Source: RFC 7591 2, OIDC Registration 2, RFC 8252 7, RFC 9700 2.6; attacks R05, R14, J11, J19,
    S07.
    """
    problems = list(_shape(metadata))
    if problems:
        raise InvalidClientMetadata(problems)
    whole = metadata if leads_browsers(metadata) else {**WITHOUT_BROWSERS, **metadata}
    problems = list(_rules(whole, loopback_http=loopback_http))
    if problems:
        raise InvalidClientMetadata(problems)
    return replace(_build(whole), loopback_ports=loopback_http)


def leads_browsers(metadata: Mapping[str, Any]) -> bool:
    """Return whether a grant type of the client begins with an authorization response."""
    grants = metadata.get("grant_types", GRANT_TYPES[:1])
    return any(grant in grants for grant in CITIZENS_GRANTS)


def _shape(metadata: Mapping[str, Any]) -> Iterator[Problem]:
    for member in ("client_id", "client_name"):
        if member not in metadata:
            yield Problem(member, "is needed")
    for member, value in metadata.items():
        kind = MEMBERS.get(member)
        if kind is None:
            yield Problem(member, "is not known; see docs/integrate/client-file.md for the members")
        elif not _KINDS[kind](value):
            yield Problem(member, f"must be a {kind}")
    is_readable = isinstance(metadata.get("grant_types", []), list)
    if "redirect_uris" not in metadata and is_readable and leads_browsers(metadata):
        yield Problem("redirect_uris", "is needed")


def _rules(metadata: Mapping[str, Any], *, loopback_http: bool) -> Iterator[Problem]:
    if not CLIENT_ID.fullmatch(metadata["client_id"]):
        yield Problem("client_id", "must be 3 to 64 of a-z, 0-9, '.', '_', '-'")
    if metadata.get("default_max_age", 0) > LONGEST_MAX_AGE:
        yield Problem("default_max_age", f"must be at most {LONGEST_MAX_AGE} seconds")
    if "logo" in metadata:
        yield from _picture(metadata)
    yield from _choices(metadata)
    yield from _response_types(metadata)
    yield from _redirects(metadata)
    yield from address_problems(metadata, loopback_http=loopback_http)
    yield from _service(metadata)
    yield from _credentials(metadata)
    yield from _sector(metadata)


def _picture(metadata: Mapping[str, Any]) -> Iterator[Problem]:
    try:
        cleaned(metadata["logo"])
    except InvalidPicture as error:
        most = f"{LARGEST_BYTES // 1024} KiB and {LARGEST_SIDE} pixels a side"
        yield Problem("logo", f"must be a whole PNG of at most {most} ({error.code})")


def _choices(metadata: Mapping[str, Any]) -> Iterator[Problem]:
    allowed: dict[str, Sequence[str]] = {
        "application_type": [kind.value for kind in ApplicationType],
        "token_endpoint_auth_method": [method.value for method in ClientAuthMethod],
        **CHOICES,
        "subject_type": SUBJECT_TYPES,
        "prompt_consent": (EVERY_TIME, ONCE),
        "grant_types": GRANT_TYPES,
        "scope": KNOWN_SCOPES,
    }
    for member, choices in allowed.items():
        value = metadata.get(member, [])
        for item in value if isinstance(value, list) else [value]:
            if item not in choices:
                yield Problem(member, f"{item!r} is not one of {', '.join(choices)}")
    if OPENID not in metadata.get("scope", [OPENID]):
        yield Problem("scope", "must contain openid")
    if metadata.get("prompt_consent") == ONCE and not metadata.get("first_party"):
        yield Problem("prompt_consent", "may be once for a first_party client alone")


def _response_types(metadata: Mapping[str, Any]) -> Iterator[Problem]:
    asked = [in_order(one) for one in metadata.get("response_types", [CODE])]
    for one in asked:
        if one not in RESPONSE_TYPES:
            choices = ", ".join(RESPONSE_TYPES)
            yield Problem("response_types", f"{one!r} is not one of {choices}")
    for grant in needed_grants(asked):
        if grant not in metadata.get("grant_types", GRANT_TYPES[:1]):
            yield Problem("response_types", f"need {grant} in grant_types (OIDC Registration 2)")


def _redirects(metadata: Mapping[str, Any]) -> Iterator[Problem]:
    if leads_browsers(metadata) and not metadata["redirect_uris"]:
        yield Problem("redirect_uris", "must name at least one address")


def _service(metadata: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what keeps the client from tokens of its own (RFC 6749 4.4; attack C26)."""
    scopes = metadata.get("service_scope", ())
    for scope in scopes:
        if not SERVICE_SCOPE.fullmatch(scope):
            yield Problem("service_scope", f"{scope!r} must be 1 to 64 characters of RFC 6749 3.3")
        elif scope in KNOWN_SCOPES:
            yield Problem("service_scope", f"{scope!r} is a citizen's scope; it belongs in scope")
    if CLIENT_CREDENTIALS_GRANT not in metadata.get("grant_types", ()):
        if scopes:
            yield Problem("service_scope", f"needs {CLIENT_CREDENTIALS_GRANT} in grant_types")
        return
    if metadata.get("token_endpoint_auth_method") == ClientAuthMethod.NONE:
        why = f"{CLIENT_CREDENTIALS_GRANT} needs a client that can prove itself (RFC 6749 4.4)"
        yield Problem("grant_types", why)
    if len(metadata["client_id"]) == LENGTH_OF_A_SUBJECT:
        why = f"of a service must not have {LENGTH_OF_A_SUBJECT} characters, as a citizen's sub has"
        yield Problem("client_id", why)


def _credentials(metadata: Mapping[str, Any]) -> Iterator[Problem]:
    method = metadata.get("token_endpoint_auth_method", ClientAuthMethod.BASIC)
    keys = [member for member in ("jwks", "jwks_uri") if member in metadata]
    if len(keys) > 1:
        yield Problem("jwks", "and jwks_uri exclude each other (RFC 7591 2)")
    if method == ClientAuthMethod.PRIVATE_KEY_JWT and not keys:
        yield Problem("jwks", "or jwks_uri is needed for private_key_jwt")
    for member, why_not in encryption_problems(metadata):
        yield Problem(member, why_not)
    for why in key_set_problems(metadata["jwks"]) if "jwks" in metadata else ():
        yield Problem("jwks", why)


def _sector(metadata: Mapping[str, Any]) -> Iterator[Problem]:
    if metadata.get("application_type") == ApplicationType.NATIVE:
        return  # a sector of its own, whatever its addresses are
    hosts = {host_of(uri) for uri in metadata["redirect_uris"]} - OWN_MACHINE
    pairwise = metadata.get("subject_type", "pairwise") == "pairwise"
    if pairwise and len(hosts) > 1 and not metadata.keys() & {"sector", "sector_identifier_uri"}:
        why = "or sector_identifier_uri is needed when redirect URIs have several hosts"
        yield Problem("sector", f"{why} (OIDC Core 8.1)")


def sector_of(metadata: Mapping[str, Any]) -> str:
    """Return the sector that keys pairwise subjects when the file names none.

    It is the host of ``sector_identifier_uri``, else of the first redirect URI if that is public.
    A native client, and one at a host that is not public, is a sector of its own: any client may
    register the same loopback address or private-use scheme, and would share its subjects.

    Source: OIDC Core 8.1, RFC 8252 7; attack J22.
    """
    document = metadata.get("sector_identifier_uri")
    is_native = metadata.get("application_type") == ApplicationType.NATIVE
    first = next(iter(metadata["redirect_uris"]), "")
    host = host_of(document or first) or ""
    if document is None and (is_native or not host or is_inside(host)):
        return OWN_SECTOR + str(metadata["client_id"])
    return host


_SAME_LISTS = (
    "redirect_uris",
    "post_logout_redirect_uris",
    "access_token_audience",
    "introspection_audience",
    "contacts",
    "request_uris",
)
_SAME_VALUES = (
    "description",
    "listed",
    "first_party",
    "id_token_claims",
    "prompt_consent",
    "auth_audience_token_endpoint",
    "require_pkce",
    "jwks",
    "jwks_uri",
    "backchannel_logout_uri",
    "frontchannel_logout_uri",
    "session_management",
    "subject_type",
    *(member for member in CHOICES if member != "token_endpoint_auth_signing_alg"),
    "default_acr",
    "default_max_age",
    "client_uri",
    "logo_uri",
    "policy_uri",
    "tos_uri",
    "initiate_login_uri",
    "sector_identifier_uri",
)
"""Members that the client has under their own names."""


def _build(metadata: Mapping[str, Any]) -> Client:
    values: dict[str, Any] = {
        "client_id": metadata["client_id"],
        "name": metadata["client_name"],
        "name_en": metadata.get("client_name#en"),
        "description_en": metadata.get("description#en"),
        "application_type": ApplicationType(metadata.get("application_type", "web")),
        "auth_method": ClientAuthMethod(
            metadata.get("token_endpoint_auth_method", "client_secret_basic")
        ),
        "auth_signing_alg": metadata.get("token_endpoint_auth_signing_alg"),
        "scopes": frozenset(metadata.get("scope", [OPENID])),
        "service_scopes": frozenset(metadata.get("service_scope", ())),
        "grant_types": frozenset(metadata.get("grant_types", [AUTHORIZATION_CODE_GRANT])),
        "response_types": frozenset(map(in_order, metadata.get("response_types", [CODE]))),
        "sector": metadata.get("sector", sector_of(metadata)),
    }
    values |= {member: tuple(metadata.get(member, ())) for member in _SAME_LISTS}
    values |= {member: metadata[member] for member in _SAME_VALUES if member in metadata}
    client = Client(**values)
    return with_logo(client, metadata["logo"]) if "logo" in metadata else client


def with_logo(client: Client, picture: bytes) -> Client:
    """Return the client with the cleaned picture. Raises InvalidPicture."""
    logo = cleaned(picture)
    return replace(client, logo=logo, logo_version=sha256(logo).hexdigest()[:16])
