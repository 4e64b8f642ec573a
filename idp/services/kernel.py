"""What every use case works with, in one value."""

from dataclasses import dataclass

from idp.ports import (
    Clock,
    PasswordHashing,
    Randomness,
    Vault,
)
from idp.store.unit_of_work import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """The ports that use cases share; what one of them needs besides are fields of its own.

    ``issuer`` is the hub's address: links in messages never depend on a request (attack RC2).
    """

    begin: Begin
    clock: Clock
    randomness: Randomness
    vault: Vault
    hashing: PasswordHashing
    issuer: str
