"""The provider context: the ports and plain values that every endpoint uses."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from idp.domain.protection.rate_limits import Limit
from idp.ports import (
    ClientFetch,
    Clock,
    Ephemeral,
    Randomness,
    Vault,
)
from idp.protocol.core.access_token_formats import AccessTokenFormats
from idp.protocol.core.claims import Claims
from idp.protocol.core.features import Features
from idp.protocol.core.fetch_limits import FetchLimits
from idp.protocol.core.refusal_log import WriteRefusals
from idp.protocol.core.registration_limits import RegistrationLimits
from idp.protocol.jose.signing_keys import KeyRing
from idp.store.clients.client_cache import ClientCache
from idp.store.unit_of_work import Begin

SKEW = timedelta(seconds=10)
"""How far a client's clock may be off (FAPI 2.0 5.3.2.1)."""

FAILURES = Limit(20, timedelta(minutes=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetimes:
    """Lifetimes of codes, tokens, sessions and authorization contexts (D7)."""

    code: timedelta
    access_token: timedelta
    id_token: timedelta
    refresh_idle: timedelta
    refresh_absolute: timedelta
    session: timedelta
    context: timedelta = timedelta(hours=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderContext:
    """Built once by ``idp.app``. ``issuer`` is a constant, whatever a request says (D14)."""

    issuer: str
    begin: Begin
    clients: ClientCache
    clock: Clock
    randomness: Randomness
    vault: Vault
    ephemeral: Ephemeral
    fetch: ClientFetch
    keys: KeyRing
    lifetimes: Lifetimes
    write_refusals: WriteRefusals
    beside: Callable[[Callable[[], None]], None] = field(default=lambda call: call())
    """Starts a call that the request does not wait for; the default runs it at once."""
    fetch_limits: FetchLimits = field(default_factory=FetchLimits)
    registration_limits: RegistrationLimits = field(default_factory=RegistrationLimits)
    client_failures: Limit = FAILURES
    """Counts wrong credentials of one client; right ones are always accepted."""
    features: Features = field(default_factory=Features)
    claims: Claims = field(default_factory=Claims)
    access_token_formats: AccessTokenFormats = field(default_factory=AccessTokenFormats)

    def url(self, path: str) -> str:
        """Return the full address of an endpoint."""
        return self.issuer + path

    def timestamp(self) -> int:
        """Return the time in whole seconds since 1970."""
        return int(self.clock().timestamp())
