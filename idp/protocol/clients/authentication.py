"""Client authentication: exactly one method, and it must be the registered one (RFC 6749 2.3)."""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import unquote_plus

import structlog
from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError

from idp.domain.clients.client import SECRET_PURPOSE, Client, ClientAuthMethod
from idp.domain.clients.metadata import CLIENT_ID
from idp.domain.clients.refusal_reasons import Reason
from idp.domain.wire import trimmed
from idp.protocol.clients import private_key_jwt
from idp.protocol.clients.credentials import is_one_of
from idp.protocol.clients.keys import ClientKeys
from idp.protocol.clients.private_key_jwt import ASSERTION_TYPE, AssertionId
from idp.protocol.clients.refused_credentials import note_refused, note_several
from idp.protocol.core.provider_context import ProviderContext
from idp.protocol.core.refusal_notes import about, because
from idp.protocol.core.request_parameters import Parameters
from idp.protocol.jose.jws import BadToken, unverified_claims
from idp.store.clients.client_cache import ClientCache
from idp.store.unit_of_work import Begin

PARAMETERS = frozenset({"client_id", "client_secret", "client_assertion", "client_assertion_type"})
METHODS = tuple(method for method in ClientAuthMethod if method is not ClientAuthMethod.SECRET)
"""Those of the metadata; ``client_secret`` is two of them (a member of client files alone)."""
CONFIDENTIAL_METHODS = tuple(method for method in METHODS if method is not ClientAuthMethod.NONE)

log = structlog.get_logger(__name__)


class ClientRefused(InvalidClientError):
    """One answer for everything that can be wrong with a client's credentials."""

    status_code = 401
    description = "Client authentication failed."

    def get_headers(self) -> list[tuple[str, str]]:
        """Add the challenge that RFC 9110 11.6.1 requires with a 401; a client could use Basic."""
        return [*_json_headers(), ("WWW-Authenticate", 'Basic realm="token", charset="UTF-8"')]


class TooManyFailures(InvalidClientError):
    """The client has too many failures a minute; right credentials still pass (attack A13)."""

    status_code = 429
    description = "Too many failed attempts."

    def get_headers(self) -> list[tuple[str, str]]:
        """Add ``Retry-After``."""
        return [*_json_headers(), ("Retry-After", "60")]


@dataclass(frozen=True, slots=True)
class Presented:
    """The client credentials that a request presents."""

    method: ClientAuthMethod
    client_id: str
    secret: str = field(default="", repr=False)
    assertion: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Authenticated:
    """An authenticated client; ``assertion`` must be taken before the request is answered."""

    client: Client
    clients: ClientCache
    assertion: AssertionId | None = None

    def take(self, begin: Begin) -> Client:
        """Take the assertion in a transaction of its own, and return the client as it is now.

        Raises ClientRefused: the assertion is a replay (attack A05), or the client was suspended or
        removed while its keys were fetched (attack A15).
        """
        now = self.clients.find(self.client.client_id)
        if now is None or not now.is_active:
            because(Reason.CLIENT_SUSPENDED)
            raise ClientRefused
        if self.assertion is not None:
            self._take(self.assertion, begin)
        return now

    def _take(self, used: AssertionId, begin: Begin) -> None:
        with begin() as work:
            is_first = work.single_use.take(
                private_key_jwt.ONCE, used.value, expires_at=used.expires_at
            )
        if not is_first:
            log.warning("client_assertion_replayed", client=self.client.client_id)
            because(Reason.ASSERTION_REPLAYED)
            raise ClientRefused


class ClientAuthentication:
    """Authenticates the client that sends a request."""

    def __init__(self, provider: ProviderContext, keys: ClientKeys) -> None:
        self._provider = provider
        self._keys = keys

    def authenticate(self, headers: Mapping[str, str], parameters: Parameters) -> Authenticated:
        """Return the client; refuse a suspended one (attack A14). Call it outside transactions.

        Raises:
            InvalidRequestError: no credentials, or several (attacks A02, A03).
            ClientRefused, TooManyFailures: everything else; the second for known clients only.
        """
        presented = read_presented(headers, parameters)
        client = self._find(presented.client_id)
        try:
            assertion = self._check(client, presented)
        except BadToken as error:
            note_refused(client, presented.client_id, presented.method, str(error))
            raise self._refusal(client) from None
        if client is None:
            raise ClientRefused
        about(client.client_id, proven=not client.is_public)
        return Authenticated(client, self._provider.clients, assertion)

    def _find(self, client_id: str) -> Client | None:
        """Return the client; None also for a malformed id (NUL, half a surrogate pair)."""
        if not CLIENT_ID.fullmatch(client_id):
            return None
        return self._provider.clients.find(client_id)

    def _check(self, client: Client | None, presented: Presented) -> AssertionId | None:
        """Return the assertion's id, if any. Raises BadToken for wrong credentials."""
        by_secret = presented.method in {ClientAuthMethod.BASIC, ClientAuthMethod.POST}
        # Computed for unknown clients too: the answer takes the same time.
        right = self._knows_secret(client, presented.secret) if by_secret else True
        if client is None or not client.is_active or not client.takes(presented.method):
            raise BadToken("client")
        if not right:
            raise BadToken("secret")
        if presented.method is ClientAuthMethod.PRIVATE_KEY_JWT:
            return private_key_jwt.check_assertion(
                self._provider, self._keys, client, presented.assertion
            )
        return None

    def _knows_secret(self, client: Client | None, secret: str) -> bool:
        known = client.secrets if client else ()
        return is_one_of(self._provider, secret, known, purpose=SECRET_PURPOSE) is not None

    def _refusal(self, client: Client | None) -> InvalidClientError:
        """Return the error to raise; count the failure of a known client."""
        if client is None:
            return ClientRefused()
        limit = self._provider.client_failures
        key = f"client_auth_failed:{client.client_id}"
        failures = self._provider.ephemeral.hit(key, window=limit.per)
        return TooManyFailures() if failures > limit.count else ClientRefused()


def read_presented(headers: Mapping[str, str], parameters: Parameters) -> Presented:
    """Return the only set of credentials in the request.

    Raises:
        InvalidRequestError: none, several, or two client ids (RFC 6749 2.3; attacks A02, A03).
        ClientRefused: an ``Authorization`` header that is not readable Basic (attack A11).
    """
    shown: list[Presented] = []
    named = parameters.find("client_id")
    if "authorization" in headers:
        shown.append(_read_basic(headers["authorization"]))
    if (secret := parameters.find("client_secret")) is not None:
        shown.append(Presented(ClientAuthMethod.POST, named or "", secret=secret))
    if parameters.find("client_assertion_type") or parameters.find("client_assertion"):
        shown.append(_read_assertion(named, parameters))
    if not shown and named is not None:
        shown.append(Presented(ClientAuthMethod.NONE, named))
    if len(shown) != 1:
        note_several([one.method for one in shown])
        raise InvalidRequestError("Exactly one client authentication method is needed.")
    presented = _with_client_id(shown[0])
    if named is not None and named != presented.client_id:
        raise InvalidRequestError("The request names two clients.")
    return presented


def _read_basic(header: str) -> Presented:
    """Return Basic credentials: split at the first colon, then form-decode (RFC 6749 2.3.1)."""
    scheme, _, encoded = header.partition(" ")
    try:
        plain = b64decode(trimmed(encoded), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        because(Reason.CREDENTIALS_UNREADABLE, sent="Authorization is not Basic with base64")
        raise ClientRefused from None
    client_id, colon, secret = plain.partition(":")
    if scheme.lower() != "basic" or not colon or not client_id:
        because(Reason.CREDENTIALS_UNREADABLE, sent="Authorization is not Basic with a client_id")
        raise ClientRefused
    return Presented(ClientAuthMethod.BASIC, unquote_plus(client_id), secret=unquote_plus(secret))


def _read_assertion(named: str | None, parameters: Parameters) -> Presented:
    assertion = parameters.find("client_assertion")
    if parameters.find("client_assertion_type") != ASSERTION_TYPE or assertion is None:
        raise InvalidRequestError("client_assertion and its type belong together.")
    return Presented(ClientAuthMethod.PRIVATE_KEY_JWT, named or "", assertion=assertion)


def _with_client_id(presented: Presented) -> Presented:
    """Return the credentials with a client id; without ``client_id`` the assertion's ``iss``.

    Raises:
        InvalidRequestError, ClientRefused: no client is named.

    Source: RFC 7521 4.2.
    """
    if presented.client_id:
        return presented
    if presented.method is not ClientAuthMethod.PRIVATE_KEY_JWT:
        raise InvalidRequestError("client_id is missing.")
    try:
        issuer = unverified_claims(presented.assertion).get("iss")
    except BadToken:
        because(Reason.CREDENTIALS_UNREADABLE, sent="client_assertion is no JWT")
        raise ClientRefused from None
    return replace(presented, client_id=issuer if isinstance(issuer, str) else "")


def _json_headers() -> list[tuple[str, str]]:
    return [("Content-Type", "application/json"), ("Cache-Control", "no-store")]
