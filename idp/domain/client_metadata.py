"""Client metadata (RFC 7591, OIDC Registration 2): checked whole before a client exists."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import SplitResult, urlsplit

from idp.domain.client import (
    LOOPBACK_HOSTS,
    ApplicationType,
    Client,
    ClientAuthMethod,
)
from idp.domain.client_crypto import CHOICES, encryption_problems
from idp.domain.errors import DomainError
from idp.domain.png import LARGEST_BYTES, LARGEST_SIDE, InvalidPicture, cleaned
from idp.domain.response_types import (
    CODE,
    IMPLICIT_GRANT,
    RESPONSE_TYPES,
    in_order,
    needed_grants,
)
from idp.domain.scopes import KNOWN_SCOPES, OPENID

CLIENT_ID = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}[a-z0-9]")
GRANT_TYPES = ("authorization_code", "refresh_token", IMPLICIT_GRANT)
SUBJECT_TYPES = ("pairwise", "public")
PRIVATE_JWK_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
SMALLEST_RSA_BITS = 2048
LONGEST_MAX_AGE = 999_999_999
"""As in a request: nine digits, far from what no span of time can hold."""
LOOPBACK_NAME = "localhost"
"""Certificates are for names: with it a developer's portal speaks TLS beside the hub."""
CURVES = frozenset({"P-256", "P-384", "P-521", "Ed25519"})


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: the metadata member and why."""

    member: str
    why: str


class InvalidClientMetadata(DomainError):
    """The metadata cannot become a client; ``problems`` lists everything that is wrong at once."""

    code = "invalid_client_metadata"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{p.member}: {p.why}" for p in problems))
        self.problems = tuple(problems)


_TEXT, _FLAG, _LIST, _TABLE, _NUMBER = "text", "true or false", "list of texts", "table", "number"
_PICTURE = "PNG file beside this one"
_KINDS: dict[str, Callable[[Any], bool]] = {
    _TEXT: lambda value: isinstance(value, str) and bool(value) and value.isprintable(),
    _FLAG: lambda value: isinstance(value, bool),
    _LIST: lambda value: isinstance(value, list) and all(_KINDS[_TEXT](item) for item in value),
    _TABLE: lambda value: isinstance(value, dict),
    _NUMBER: lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 0,
    _PICTURE: lambda value: isinstance(value, bytes),
}
MEMBERS = {
    "client_id": _TEXT,
    "client_name": _TEXT,
    "application_type": _TEXT,
    "first_party": _FLAG,
    "token_endpoint_auth_method": _TEXT,
    "auth_audience_token_endpoint": _FLAG,
    "require_pkce": _FLAG,
    "jwks": _TABLE,
    "jwks_uri": _TEXT,
    "redirect_uris": _LIST,
    "post_logout_redirect_uris": _LIST,
    "backchannel_logout_uri": _TEXT,
    "frontchannel_logout_uri": _TEXT,
    "scope": _LIST,
    "grant_types": _LIST,
    "response_types": _LIST,
    "subject_type": _TEXT,
    "sector": _TEXT,
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

    ``loopback_http`` lets web clients use http on loopback addresses, and https on ``localhost``
    (development only).

    Raises:
        InvalidClientMetadata: with every problem found.

    Source: RFC 7591 2, OIDC Registration 2, RFC 8252 7, RFC 9700 2.6; attacks R05, R14, J11, J19,
    S07.
    """
    problems = list(_shape(metadata))
    if not problems:
        problems = list(_rules(metadata, loopback_http=loopback_http))
    if problems:
        raise InvalidClientMetadata(problems)
    return _build(metadata)


def _shape(metadata: Mapping[str, Any]) -> Iterator[Problem]:
    for member in ("client_id", "client_name", "redirect_uris"):
        if member not in metadata:
            yield Problem(member, "is needed")
    for member, value in metadata.items():
        kind = MEMBERS.get(member)
        if kind is None:
            yield Problem(member, "is not known; see docs/integrating.md for the members")
        elif not _KINDS[kind](value):
            yield Problem(member, f"must be a {kind}")


def _rules(metadata: Mapping[str, Any], *, loopback_http: bool) -> Iterator[Problem]:
    if not CLIENT_ID.fullmatch(metadata["client_id"]):
        yield Problem("client_id", "must be 3 to 64 of a-z, 0-9, '.', '_', '-'")
    if metadata.get("default_max_age", 0) > LONGEST_MAX_AGE:
        yield Problem("default_max_age", f"must be at most {LONGEST_MAX_AGE} seconds")
    yield from _picture(metadata)
    yield from _choices(metadata)
    yield from _response_types(metadata)
    yield from _redirects(metadata, loopback_http=loopback_http)
    yield from _addresses(metadata, loopback_http=loopback_http)
    yield from _credentials(metadata)
    yield from _sector(metadata)


def _picture(metadata: Mapping[str, Any]) -> Iterator[Problem]:
    try:
        _logo(metadata)
    except InvalidPicture as error:
        most = f"{LARGEST_BYTES // 1024} KiB and {LARGEST_SIDE} pixels a side"
        yield Problem("logo", f"must be a whole PNG of at most {most} ({error.code})")


def _logo(metadata: Mapping[str, Any]) -> bytes | None:
    return cleaned(metadata["logo"]) if "logo" in metadata else None


def _choices(metadata: Mapping[str, Any]) -> Iterator[Problem]:
    allowed: dict[str, Sequence[str]] = {
        "application_type": [kind.value for kind in ApplicationType],
        "token_endpoint_auth_method": [method.value for method in ClientAuthMethod],
        **CHOICES,
        "subject_type": SUBJECT_TYPES,
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


def _response_types(metadata: Mapping[str, Any]) -> Iterator[Problem]:
    asked = [in_order(one) for one in metadata.get("response_types", [CODE])]
    for one in asked:
        if one not in RESPONSE_TYPES:
            choices = ", ".join(RESPONSE_TYPES)
            yield Problem("response_types", f"{one!r} is not one of {choices}")
    for grant in needed_grants(asked):
        if grant not in metadata.get("grant_types", GRANT_TYPES[:1]):
            yield Problem("response_types", f"need {grant} in grant_types (OIDC Registration 2)")


def _redirects(metadata: Mapping[str, Any], *, loopback_http: bool) -> Iterator[Problem]:
    if not metadata["redirect_uris"]:
        yield Problem("redirect_uris", "must name at least one address")
    native = metadata.get("application_type") == ApplicationType.NATIVE
    for member in ("redirect_uris", "post_logout_redirect_uris"):
        for uri in metadata.get(member, ()):
            why = redirect_problem(uri, native=native, loopback_http=loopback_http)
            if why:
                yield Problem(member, f"{uri!r} {why}")


def redirect_problem(uri: str, *, native: bool, loopback_http: bool) -> str | None:
    """Return why ``uri`` may not be a redirect address, or None (RFC 9700 2.6, RFC 8252 7)."""
    parts = _split(uri)
    if parts is None or not parts.scheme:
        return "is not an absolute address"
    if "*" in uri or "#" in uri:
        return "contains '*' or '#'; there are no patterns and no fragments (RFC 6749 3.1.2)"
    return _scheme_problem(parts, native=native, loopback_http=loopback_http)


def _scheme_problem(parts: SplitResult, *, native: bool, loopback_http: bool) -> str | None:
    if parts.scheme == "https":
        is_near = loopback_http and parts.hostname == LOOPBACK_NAME
        return None if is_near else _host_problem(parts)
    if parts.scheme == "http":
        if parts.hostname in LOOPBACK_HOSTS and (native or loopback_http):
            return None
        return "must be https (http only on 127.0.0.1 or [::1] for native clients)"
    if native and "." in parts.scheme and not parts.netloc:
        return None
    return "must be https, or for native clients a private-use scheme with a dot (RFC 8252 7.1)"


def _split(uri: str) -> SplitResult | None:
    if not uri.isascii() or not uri.isprintable() or " " in uri or "\\" in uri:
        return None
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _host_problem(parts: SplitResult) -> str | None:
    if not parts.hostname or "@" in parts.netloc:
        return "must have a host and no user part"
    if parts.hostname != parts.hostname.lower() or "." not in parts.hostname:
        return "must have a full host name in lower case"
    return None


def _addresses(metadata: Mapping[str, Any], *, loopback_http: bool) -> Iterator[Problem]:
    for member in (
        "jwks_uri",
        "backchannel_logout_uri",
        "frontchannel_logout_uri",
        "client_uri",
        "logo_uri",
        "policy_uri",
        "tos_uri",
    ):
        if member in metadata:
            why = redirect_problem(metadata[member], native=False, loopback_http=loopback_http)
            if why:
                yield Problem(member, f"{metadata[member]!r} {why}")
    for uri in metadata.get("request_uris", ()):
        why = redirect_problem(uri.partition("#")[0], native=False, loopback_http=loopback_http)
        if why:
            yield Problem("request_uris", f"{uri!r} {why}")
    hosts = {_host(uri) for uri in metadata["redirect_uris"]}
    for member in ("backchannel_logout_uri", "frontchannel_logout_uri"):
        if member in metadata and _host(metadata[member]) not in hosts:
            yield Problem(member, "must have the host of a redirect URI")


def _host(uri: str) -> str | None:
    parts = _split(uri)
    return parts.hostname if parts else None


def _credentials(metadata: Mapping[str, Any]) -> Iterator[Problem]:
    method = metadata.get("token_endpoint_auth_method", ClientAuthMethod.BASIC)
    keys = [member for member in ("jwks", "jwks_uri") if member in metadata]
    if len(keys) > 1:
        yield Problem("jwks", "and jwks_uri exclude each other (RFC 7591 2)")
    if method == ClientAuthMethod.PRIVATE_KEY_JWT and not keys:
        yield Problem("jwks", "or jwks_uri is needed for private_key_jwt")
    for member, why_not in encryption_problems(metadata):
        yield Problem(member, why_not)
    for key in _keys_of(metadata.get("jwks", {"keys": []})):
        why = _jwk_problem(key)
        if why:
            yield Problem("jwks", why)


def _keys_of(jwks: Mapping[str, Any]) -> list[Any]:
    keys = jwks.get("keys")
    return keys if isinstance(keys, list) else [None]


def _jwk_problem(key: object) -> str | None:
    if not isinstance(key, dict):
        return "must be a table with a list of keys"
    if PRIVATE_JWK_MEMBERS & key.keys():
        return "contains a private or symmetric key; register public keys only"
    if key.get("kty") == "RSA":
        bits = len(str(key.get("n", ""))) * 6
        return None if bits >= SMALLEST_RSA_BITS else "has an RSA key below 2048 bits"
    if key.get("kty") in {"EC", "OKP"}:
        return None if key.get("crv") in CURVES else f"has an unknown curve {key.get('crv')!r}"
    return f"has a key of the unknown type {key.get('kty')!r}"


def _sector(metadata: Mapping[str, Any]) -> Iterator[Problem]:
    hosts = {_host(uri) for uri in metadata["redirect_uris"]}
    pairwise = metadata.get("subject_type", "pairwise") == "pairwise"
    if pairwise and len(hosts) > 1 and "sector" not in metadata:
        yield Problem("sector", "is needed when redirect URIs have several hosts (OIDC Core 8.1)")


def _build(metadata: Mapping[str, Any]) -> Client:
    hosts = [_host(uri) or urlsplit(uri).scheme for uri in metadata["redirect_uris"]]
    values: dict[str, Any] = {
        "client_id": metadata["client_id"],
        "name": metadata["client_name"],
        "application_type": ApplicationType(metadata.get("application_type", "web")),
        "auth_method": ClientAuthMethod(
            metadata.get("token_endpoint_auth_method", "client_secret_basic")
        ),
        "auth_signing_alg": metadata.get("token_endpoint_auth_signing_alg"),
        "scopes": frozenset(metadata.get("scope", [OPENID])),
        "grant_types": frozenset(metadata.get("grant_types", ["authorization_code"])),
        "response_types": frozenset(map(in_order, metadata.get("response_types", [CODE]))),
        "sector": metadata.get("sector", hosts[0]),
    }
    lists = (
        "redirect_uris",
        "post_logout_redirect_uris",
        "access_token_audience",
        "introspection_audience",
        "contacts",
        "request_uris",
    )
    values |= {member: tuple(metadata.get(member, ())) for member in lists}
    same = (
        "first_party",
        "auth_audience_token_endpoint",
        "require_pkce",
        "jwks",
        "jwks_uri",
        "backchannel_logout_uri",
        "frontchannel_logout_uri",
        "subject_type",
        *(member for member in CHOICES if member != "token_endpoint_auth_signing_alg"),
        "default_acr",
        "default_max_age",
        "client_uri",
        "logo_uri",
        "policy_uri",
        "tos_uri",
    )
    values |= {member: metadata[member] for member in same if member in metadata}
    if logo := _logo(metadata):
        values |= {"logo": logo, "logo_version": sha256(logo).hexdigest()[:16]}
    return Client(**values)
