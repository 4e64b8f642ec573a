"""Response types: sets of words (OAuth 2.0 Multiple Response Types 3, 5; OIDC Core 3)."""

from collections.abc import Iterable, Iterator

from idp.domain.wire import words

CODE, ID_TOKEN, TOKEN = "code", "id_token", "token"
IMPLICIT = ("id_token", "id_token token")
HYBRID = ("code id_token", "code token", "code id_token token")
RESPONSE_TYPES = (CODE, *IMPLICIT, *HYBRID)
"""All that a client may register. ``token`` alone is of no use to OpenID Connect (Core 3)."""

AUTHORIZATION_CODE_GRANT, IMPLICIT_GRANT = "authorization_code", "implicit"
CLIENT_CREDENTIALS_GRANT = "client_credentials"


def in_order(response_type: str) -> str:
    """Return the value with its words in the order of ``RESPONSE_TYPES``; order has no meaning."""
    return " ".join(sorted(words(response_type)))


def is_front_channel(response_type: str) -> bool:
    """Return whether the authorization response carries tokens, and so uses the fragment."""
    return not {ID_TOKEN, TOKEN}.isdisjoint(words(response_type))


def needed_grants(response_types: Iterable[str]) -> Iterator[str]:
    """Yield the grant types that the response types require (OIDC Registration 2)."""
    asked = list(response_types)
    if any(CODE in words(one) for one in asked):
        yield AUTHORIZATION_CODE_GRANT
    if any(is_front_channel(one) for one in asked):
        yield IMPLICIT_GRANT
