"""Request objects: the request's parameters in a token (RFC 9101, OIDC Core 6)."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NoReturn
from urllib.parse import quote, urlencode

from idp.domain.clients.client import Client
from idp.domain.clients.crypto import UNSIGNED
from idp.domain.clients.refusal_reasons import Reason
from idp.domain.clients.response_types import in_order
from idp.ports import FetchRefused
from idp.protocol.authorize.authorization_request import KNOWN, find_target
from idp.protocol.clients.keys import ClientKeys
from idp.protocol.core.errors import Redirected, Shown
from idp.protocol.core.fetch_limits import request_object_gate
from idp.protocol.core.provider_context import SKEW, ProviderContext
from idp.protocol.core.refusal_notes import because
from idp.protocol.core.request_parameters import MULTIPLE, Malformed, Parameters, parse
from idp.protocol.jose.faults import fault_of
from idp.protocol.jose.jwe import decrypt, is_encrypted
from idp.protocol.jose.jws import BadToken, Verified, find_time, read_header, read_unsigned, verify
from idp.protocol.jose.signing_keys import ALGORITHMS

BY_VALUE, BY_REFERENCE = "request", "request_uri"
NOT_SUPPORTED = {BY_VALUE: "request_not_supported", BY_REFERENCE: "request_uri_not_supported"}
INVALID = {BY_VALUE: "invalid_request_object", BY_REFERENCE: "invalid_request_uri"}
MEDIA_TYPES = frozenset(
    {"application/oauth-authz-req+jwt", "application/jwt", "application/jose", "text/plain"}
)
"""RFC 9101 5.2.3 names the first; OIDC Core 6.2 names none, and many servers send another."""

FETCHES = {
    "not_registered": "the client's file does not list it in request_uris",
    "too_often": "it was fetched too often within the minute",
}
NOT_FETCHED = "its server did not answer as RFC 9101 5.2.3 says"
TYPES = (None, "JWT", "oauth-authz-req+jwt", "application/oauth-authz-req+jwt")
LONGEST_LIFE_SECONDS = 3600
NUMBERS = frozenset({"max_age"})


class NotSupported(Exception):
    """The client may not use this kind of request object."""


class RequestObjects:
    """Replaces the parameters of a request by those inside its request object."""

    def __init__(self, provider: ProviderContext, keys: ClientKeys) -> None:
        self._provider = provider
        self._keys = keys

    def resolve(self, client: Client, outer: Parameters) -> Parameters:
        """Return the request's parameters, from the request object if one was sent.

        Of a signed object only the inner parameters count (RFC 9101 6.3): an attacker can change
        the outer ones. An unsigned one proves nothing: outer ones may complete it (OIDC Core 6.1).

        Raises:
            Redirected: to the outer ``redirect_uri``, if registered; the inner one is not trusted.
            Shown: no registered ``redirect_uri`` is among the outer parameters.
        """
        way = BY_VALUE if outer.find(BY_VALUE) is not None else BY_REFERENCE
        if outer.find(way) is None:
            return outer
        if way == BY_VALUE and outer.find(BY_REFERENCE) is not None:
            _refuse(client, outer, "invalid_request", "request and request_uri exclude each other")
        try:
            opened = self._open(client, self._text(client, outer))
            inside = _parameters(client, opened)
        except NotSupported:
            _refuse(client, outer, NOT_SUPPORTED[way])
        except FetchRefused as refused:
            because(Reason.REQUEST_URI_WRONG, why=FETCHES.get(str(refused), NOT_FETCHED))
            _refuse(client, outer, INVALID[BY_REFERENCE])
        except (BadToken, Malformed) as wrong:
            because(Reason.REQUEST_OBJECT_WRONG, why=_why(wrong))
            _refuse(client, outer, INVALID[BY_VALUE])
        _check_response_type(client, outer, inside)
        if opened.header["alg"] == UNSIGNED:
            return _merged(_without_object(outer), inside)
        return _merged(Parameters({"client_id": client.client_id}), inside)

    def _text(self, client: Client, outer: Parameters) -> str:
        """Return the object; fetch it only from a registered ``request_uri`` (attack S01)."""
        value = outer.find(BY_VALUE)
        if value is not None:
            return value
        if not client.request_uris:
            raise NotSupported
        address = client.match_request_uri(outer.find(BY_REFERENCE) or "")
        if address is None:
            raise FetchRefused("not_registered")
        try:
            found = self._fetched(client, address).decode("ascii")
        except UnicodeDecodeError:
            raise BadToken("form") from None
        return found.strip(" \t\r\n")

    def _fetched(self, client: Client, address: str) -> bytes:
        provider = self._provider
        gate = request_object_gate(
            provider.ephemeral, client.client_id, address, provider.fetch_limits
        )
        return provider.fetch.get(address, media_types=MEDIA_TYPES, may_begin=gate)

    def _open(self, client: Client, text: str) -> Verified:
        signed = decrypt(text, self._provider.keys.find_decrypter) if is_encrypted(text) else text
        if read_header(signed).get("alg") == UNSIGNED:
            opened = self._unsigned(client, signed)
        else:
            wanted = client.request_object_signing_alg
            algorithms = (wanted,) if wanted else ALGORITHMS
            opened = verify(
                signed,
                lambda kid, alg: self._keys.find(client, kid, alg, beside=True),
                algorithms,
            )
        self._check(client, opened)
        return opened

    def _unsigned(self, client: Client, text: str) -> Verified:
        """Read an unsigned object, if settings and client registration allow it (attack J01)."""
        wanted = client.request_object_signing_alg
        if wanted not in {None, UNSIGNED}:
            raise BadToken("algorithm")
        features = self._provider.features
        is_let = features.unsigned_request_objects and (wanted == UNSIGNED or features.suite)
        if not is_let:
            raise NotSupported
        return read_unsigned(text)

    def _check(self, client: Client, opened: Verified) -> None:
        """Check type, issuer, audience, times; ``iss``, ``aud`` are optional (RFC 9101 4, 10.8)."""
        claims = opened.claims
        if opened.header.get("typ") not in TYPES or claims.get("sub") == client.client_id:
            raise BadToken("type")
        if claims.get("iss", client.client_id) != client.client_id:
            raise BadToken("issuer")
        audience = claims.get("aud", self._provider.issuer)
        if self._provider.issuer not in (audience if isinstance(audience, list) else [audience]):
            raise BadToken("audience")
        _check_times(claims, self._provider.timestamp())


def _why(wrong: BadToken | Malformed) -> str:
    return wrong.why if isinstance(wrong, Malformed) else fault_of(str(wrong))


def _check_times(claims: Mapping[str, Any], now: int) -> None:
    skew = int(SKEW.total_seconds())
    expires_at, since = find_time(claims, "exp"), find_time(claims, "nbf")
    if expires_at is not None and expires_at <= now - skew:
        raise BadToken("exp")
    if since is not None and since > now + skew:
        raise BadToken("nbf")
    if expires_at is not None and since is not None and expires_at - since > LONGEST_LIFE_SECONDS:
        raise BadToken("life")


def _parameters(client: Client, opened: Verified) -> Parameters:
    """Return the object's parameters, parsed strictly as a query's. Raises BadToken, Malformed."""
    claims = opened.claims
    if BY_VALUE in claims or BY_REFERENCE in claims:
        raise BadToken("nested")
    if claims.get("client_id", client.client_id) != client.client_id:
        raise BadToken("client")
    pairs = [pair for name, value in claims.items() for pair in _pairs(name, value)]
    try:
        return parse(urlencode(pairs, quote_via=quote).encode(), KNOWN)
    except UnicodeEncodeError:
        raise BadToken("text") from None


def _pairs(name: str, value: object) -> list[tuple[str, str]]:
    """Return a member as parameters; a value of a wrong type is refused, not repaired (D04)."""
    if name not in KNOWN:
        return []
    if name == "claims" and isinstance(value, dict):
        return [(name, json.dumps(value))]
    if name in NUMBERS and isinstance(value, int) and not isinstance(value, bool):
        return [(name, str(value))]
    values = value if name in MULTIPLE and isinstance(value, list) else [value]
    texts = [one for one in values if isinstance(one, str)]
    if len(texts) != len(values):
        raise BadToken(name)
    return [(name, text) for text in texts]


def _check_response_type(client: Client, outer: Parameters, inside: Parameters) -> None:
    named = [given.find("response_type") for given in (outer, inside)]
    if len({in_order(one) for one in named if one is not None}) > 1:
        _refuse(client, outer, "invalid_request", "response_type differs inside and outside")


def _merged(outer: Parameters, inside: Parameters) -> Parameters:
    return Parameters({**outer.single, **inside.single}, {**outer.multiple, **inside.multiple})


def _without_object(outer: Parameters) -> Parameters:
    kept = {name: value for name, value in outer.single.items() if name not in NOT_SUPPORTED}
    return replace(outer, single=kept)


def _refuse(client: Client, outer: Parameters, error: str, description: str = "") -> NoReturn:
    if outer.find("redirect_uri") is None:
        raise Shown("invalid_request", error=error)
    raise Redirected(find_target(client, outer), error, description)
