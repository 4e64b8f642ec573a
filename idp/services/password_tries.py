"""How often a password may be tried: taken before the hash, equally for IDs that do not exist."""

from dataclasses import dataclass, field
from datetime import timedelta

from idp.domain.digits import clean_number
from idp.domain.limits import (
    PASSWORD_FIRST_WAIT,
    PASSWORD_FREE_TRIES,
    PASSWORD_LONGEST_WAIT,
    PASSWORD_MEMORY,
    PASSWORD_WORK_FROM,
    network_of,
)
from idp.domain.origin import NOWHERE, Origin
from idp.ports import Backoff, Begin, Clock, Vault, Work
from idp.services.throttle import TooMany, WorkNeeded

LONGEST_NAME = 40
FREE_OVER_ALL_NETWORKS = 100

_TRIES = Backoff(
    free=PASSWORD_FREE_TRIES,
    first=PASSWORD_FIRST_WAIT,
    longest=PASSWORD_LONGEST_WAIT,
    memory=PASSWORD_MEMORY,
)
# One try a second: an account is slowed by strangers, never closed by them (attack SE12).
_TRIES_OVER_ALL = Backoff(
    free=FREE_OVER_ALL_NETWORKS,
    first=timedelta(seconds=1),
    longest=timedelta(seconds=1),
    memory=PASSWORD_MEMORY,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who knocks: the id that binds the browser to its flows, the address, the device cookie.

    ``has_worked``: the form comes with a proof of work.
    """

    browser: str = field(repr=False)
    address: str
    device: str | None = field(default=None, repr=False)
    has_worked: bool = False
    origin: Origin = NOWHERE


class PasswordTries:
    """Counts password tries by what was typed as the user name, whether or not it exists."""

    def __init__(
        self, begin: Begin, clock: Clock, vault: Vault, *, asks_for_work: bool = False
    ) -> None:
        self._begin = begin
        self._clock = clock
        self._vault = vault
        self._asks_for_work = asks_for_work

    def take(self, typed_user: str, visitor: Visitor, known_device: str | None) -> None:
        """Count one try before its result is known (attack SE10).

        A known device of the account has a counter of its own, so that strangers' failures do not
        slow its owner.

        Raises:
            TooMany: a wait runs.
            WorkNeeded: so many tried this account that a proof of work comes first; the try is
                counted when it comes back with it.
        """
        now = self._clock()
        with self._begin() as work:
            if known_device is not None:
                taken = work.counters.take_try(_of_device(known_device), _TRIES, now)
            else:
                taken = work.counters.take_try(self._by_network(typed_user, visitor), _TRIES, now)
                if taken.allowed:
                    taken = work.counters.take_try(self._over_all(typed_user), _TRIES_OVER_ALL, now)
                    self._ask_for_work(visitor, taken.count)
        if not taken.allowed:
            raise TooMany(taken.retry_after)

    def _ask_for_work(self, visitor: Visitor, tries: int) -> None:
        """Raise WorkNeeded, which takes the count back with its transaction."""
        if self._asks_for_work and tries > PASSWORD_WORK_FROM and not visitor.has_worked:
            raise WorkNeeded

    def forget(
        self, work: Work, typed_user: str, visitor: Visitor, known_device: str | None = None
    ) -> None:
        """Forget the tries of this network and device: the password was right, or is new."""
        work.counters.clear(self._by_network(typed_user, visitor))
        if known_device is not None:
            work.counters.clear(_of_device(known_device))

    def _by_network(self, typed_user: str, visitor: Visitor) -> str:
        who = f"{canonical(typed_user)}|{network_of(visitor.address)}"
        return f"password:network:{self._vault.digest(who, purpose='password_tries')}"

    def _over_all(self, typed_user: str) -> str:
        digest = self._vault.digest(canonical(typed_user), purpose="password_tries")
        return f"password:all:{digest}"


def canonical(typed_user: str) -> str:
    """Return the one spelling of a typed national ID that counters know (attack SE11), bounded."""
    return clean_number(typed_user)[:LONGEST_NAME]


def _of_device(device_id: str) -> str:
    return f"password:device:{device_id}"
