"""Resource indicators: the audience of access tokens (RFC 8707).

A token is for the hub (userinfo) or for resource servers, never for both: otherwise a resource
server could call userinfo with the token that it received, and learn who the citizen is.
"""

from collections.abc import Sequence

from authlib.oauth2.rfc6749.errors import OAuth2Error

from idp.domain.clients.client import Client

NOT_IN_FILE = "resource is not in access_token_audience of the client's file"


class InvalidTarget(OAuth2Error):
    """``resource`` names a server that the client may not use, or the hub together with others."""

    error = "invalid_target"


def may_ask_for(issuer: str, client: Client, resources: Sequence[str]) -> bool:
    """Return whether the client is registered for all ``resources``; for the hub it always is.

    Source: RFC 8707 2.
    """
    return set(resources) <= {issuer, *client.access_token_audience}


def service_audience(issuer: str, client: Client, asked: Sequence[str]) -> tuple[str, ...]:
    """Return ``aud`` of a service's own token: the APIs asked for, else the only one of its file.

    A client whose file names no API gets a token for the hub, which serves at introspection alone.

    Raises:
        InvalidTarget: an API that is not in the file, the hub, or none of several.

    Source: RFC 8707 2.2, RFC 9068 3.
    """
    wanted, own = tuple(dict.fromkeys(asked)), client.access_token_audience
    if not wanted:
        if len(own) > 1:
            raise InvalidTarget("resource is missing: the client's file names several APIs.")
        return own or (issuer,)
    if not set(wanted) <= set(own):
        raise InvalidTarget(NOT_IN_FILE)
    return wanted


def audience(
    issuer: str, client: Client, granted: Sequence[str], asked: Sequence[str] = ()
) -> tuple[str, ...]:
    """Return ``aud`` of an access token: those ``asked`` for now, else those ``granted``.

    A grant without resources is for the hub alone. With a grant for the hub and others, a token is
    for the hub unless the token request names others: so no token is for both. A resource that an
    administrator has removed since is refused, not replaced.

    Raises:
        InvalidTarget: more than was granted, or the hub together with others.

    Source: RFC 8707 2.2, RFC 9068 3, RFC 9700 2.3; attack J23.
    """
    known = tuple(dict.fromkeys(granted)) or (issuer,)
    wanted = tuple(dict.fromkeys(asked)) or ((issuer,) if issuer in known else known)
    if not set(wanted) <= set(known) or not may_ask_for(issuer, client, wanted):
        raise InvalidTarget(
            "resource was not in the authorization request, or is not in access_token_audience"
            " of the client's file."
        )
    if issuer in wanted and len(wanted) > 1:
        raise InvalidTarget("A token is for the issuer or for resource servers, not for both.")
    return wanted
