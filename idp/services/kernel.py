"""The kernel: the ports that every use case needs, in one value."""

from dataclasses import dataclass

from idp.ports import (
    Clock,
    PasswordHashing,
    Randomness,
    Vault,
)
from idp.store.clients.client_cache import ClientCache
from idp.store.unit_of_work import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """The ports that use cases share. A use case has further ports as fields of its own.

    ``issuer`` is the hub's address. Links in messages use it, never a request's host (attack RC2).
    """

    begin: Begin
    clients: ClientCache
    clock: Clock
    randomness: Randomness
    vault: Vault
    hashing: PasswordHashing
    issuer: str
