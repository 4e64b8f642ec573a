"""URIs of client metadata: where the browser or the hub may be sent."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from idp.domain.clients.client import LOOPBACK_HOSTS, OWN_MACHINE, ApplicationType
from idp.domain.clients.problems import Problem
from idp.domain.clients.public_address import is_inside

WEB_ADDRESSES = (
    "jwks_uri",
    "backchannel_logout_uri",
    "frontchannel_logout_uri",
    "client_uri",
    "logo_uri",
    "policy_uri",
    "tos_uri",
)
ALWAYS_HTTPS = ("initiate_login_uri", "sector_identifier_uri")
"""https even on loopback (OIDC Core 4, 8.1)."""

IN_DEVELOPMENT = 'a hub with server.environment = "development" does (docs/integrate/develop.md)'

FETCHED = ("jwks_uri", "backchannel_logout_uri", "logo_uri", "sector_identifier_uri")
"""URIs that the hub itself connects to, beside ``request_uris``."""


def address_problems(metadata: Mapping[str, Any], *, loopback_http: bool) -> Iterator[Problem]:
    """Yield the problems of the URIs; their types are checked already."""
    yield from _redirects(metadata, loopback_http=loopback_http)
    for member in (*WEB_ADDRESSES, *ALWAYS_HTTPS):
        if member in metadata:
            yield from _address(member, metadata[member], loopback_http=loopback_http)
    for uri in metadata.get("request_uris", ()):
        why = redirect_problem(uri.partition("#")[0], native=False, loopback_http=loopback_http)
        if why:
            yield Problem("request_uris", f"{uri!r} {why}")
    yield from _inside(metadata, loopback_http=loopback_http)
    yield from _logout_hosts(metadata)


def _redirects(metadata: Mapping[str, Any], *, loopback_http: bool) -> Iterator[Problem]:
    native = metadata.get("application_type") == ApplicationType.NATIVE
    for member in ("redirect_uris", "post_logout_redirect_uris"):
        for uri in metadata.get(member, ()):
            why = redirect_problem(uri, native=native, loopback_http=loopback_http)
            if why:
                yield Problem(member, f"{uri!r} {why}")


def _address(member: str, uri: str, *, loopback_http: bool) -> Iterator[Problem]:
    why = redirect_problem(
        uri, native=False, loopback_http=loopback_http and member not in ALWAYS_HTTPS
    )
    if why:
        yield Problem(member, f"{uri!r} {why}")


def _inside(metadata: Mapping[str, Any], *, loopback_http: bool) -> Iterator[Problem]:
    """Yield hosts that are not public: the fetcher refuses them too, but later (attack S02)."""
    named = [(member, metadata[member]) for member in FETCHED if member in metadata]
    named += [("request_uris", uri) for uri in metadata.get("request_uris", ())]
    for member, uri in named:
        host = host_of(uri) or ""
        is_own = loopback_http and host in OWN_MACHINE
        if is_inside(host) and not is_own:
            yield Problem(member, f"{uri!r} must have a public host")


def _logout_hosts(metadata: Mapping[str, Any]) -> Iterator[Problem]:
    hosts = {host_of(uri) for uri in metadata["redirect_uris"]}
    for member in ("backchannel_logout_uri", "frontchannel_logout_uri"):
        if member in metadata and host_of(metadata[member]) not in hosts:
            yield Problem(member, "must have the host of a redirect URI")


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
        return _host_problem(parts, whole=not loopback_http)
    if parts.scheme == "http":
        return _plain_problem(parts.hostname, native=native, loopback_http=loopback_http)
    if native and "." in parts.scheme and not parts.netloc:
        return None
    return "must be https, or for native clients a private-use scheme with a dot (RFC 8252 7.1)"


def _plain_problem(host: str | None, *, native: bool, loopback_http: bool) -> str | None:
    """Return why the address may not be plain http, and what would allow it."""
    if loopback_http and host in OWN_MACHINE:
        return None
    if native and host in LOOPBACK_HOSTS:
        return None
    if host == "localhost":
        return f"must be https: a hub in production takes no http://localhost, {IN_DEVELOPMENT}"
    if host in LOOPBACK_HOSTS:
        return f'must be https; http needs application_type = "native" here, or {IN_DEVELOPMENT}'
    return "must be https: http is for a developer's own machine (localhost, 127.0.0.1, [::1])"


def _split(uri: str) -> SplitResult | None:
    if not uri.isascii() or not uri.isprintable() or " " in uri or "\\" in uri:
        return None
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _host_problem(parts: SplitResult, *, whole: bool) -> str | None:
    if not parts.hostname or "@" in parts.netloc:
        return "must have a host and no user part"
    if whole and "." not in parts.hostname:
        return "must have a full host name"
    return None


def host_of(uri: str) -> str | None:
    """Return the host of an address in lower case, or None."""
    parts = _split(uri)
    return parts.hostname if parts else None
