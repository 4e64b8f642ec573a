"""Rate limits: the keys of owner's counters and shared marks, and the work that marks require.

Four rules hold for all of them (docs/operate/rate-limits.md):

1. A counter has one type of key. ``OwnersKey`` counts what the owner alone can cause,
   ``EverybodysKey`` what every stranger can cause; no counter has keys of both types.
2. A shared mark never refuses: past its ``Mark`` an action requires a proof of work.
3. No counter shows in another flow, and all count alike for IDs that exist and that do not.
4. Garbage, which cannot succeed by its form, slows garbage alone.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv6Address, ip_network
from typing import Self

from idp.domain.people.account import Account
from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.persian.digits import clean_number
from idp.domain.protection.addresses import parse_address
from idp.domain.registration.tracking_number import TrackingNumber
from idp.domain.sign_in.known_device import KnownDevice
from idp.domain.sign_in.session import Session

LONGEST_NAME = 40
RISEN_MEANWHILE = 1
"""Steps that the difficulty may rise while a browser computes: its work is still accepted."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``count`` actions within ``per``."""

    count: int
    per: timedelta


@dataclass(frozen=True, slots=True)
class Mark:
    """A shared mark: from the ``work_from``-th action within ``per`` on, each requires work.

    The difficulty of the work is a number of doublings: 0 at the mark, one more with every
    ``harder_every`` actions, at most ``hardest``. A mark never refuses.
    """

    work_from: int
    per: timedelta
    harder_every: int
    hardest: int

    def difficulty_at(self, count: int) -> int | None:
        """Return the difficulty of the ``count``-th action; None while it needs no work."""
        if count < self.work_from:
            return None
        return min((count - self.work_from) // self.harder_every, self.hardest)


@dataclass(frozen=True, slots=True)
class TurnPrice:
    """The work that a turn at a flooded account costs, by the length of the account's queue.

    ``base`` doublings for a short queue, one more with every ``doubles_every`` of its length, at
    most ``hardest``.
    """

    base: int
    hardest: int
    doubles_every: timedelta

    def at(self, length: timedelta) -> int:
        """Return the difficulty of the turn behind a queue of this length."""
        return min(self.base + length // self.doubles_every, self.hardest)

    @property
    def longest_by_price(self) -> timedelta:
        """Return the queue length at which the price stops rising; past it, paid turns wait."""
        return (self.hardest - self.base) * self.doubles_every


def seconds_of(difficulty: int) -> int:
    """Return the mean seconds that a mid-range phone computes at this difficulty."""
    return 1 << difficulty


@dataclass(frozen=True, slots=True)
class WorkDone:
    """All work done for a form so far, in seconds of a mid-range phone."""

    seconds: int = 0
    has_waited: bool = False
    """Its ticket in the network's queue has matured: any mark accepts that, a turn's price not."""
    has_had_turn: bool = False
    """It has also waited for its turn at a flooded account."""

    @classmethod
    def of(cls, difficulty: int) -> Self:
        """Return the work of one puzzle."""
        return cls(seconds_of(difficulty))

    @property
    def is_some(self) -> bool:
        """Return whether the form came with any work or a matured ticket."""
        return self.has_waited or self.seconds > 0

    def is_enough(self, asked: int | None) -> bool:
        """Return whether the work meets the difficulty ``asked`` by a mark, or one step below."""
        if asked is None or self.has_waited:
            return True
        return self.seconds << RISEN_MEANWHILE >= seconds_of(asked)

    def pays(self, price: int) -> bool:
        """Return whether the work pays a turn's full price; work done before counts."""
        return self.seconds >= seconds_of(price)


NO_WORK = WorkDone()
WAITED = WorkDone(has_waited=True)
HAD_TURN = WorkDone(has_waited=True, has_had_turn=True)


@dataclass(frozen=True, slots=True)
class OwnersKey:
    """The key of an owner's counter, which the owner alone can move; never made of typed text."""

    value: str = field(repr=False)

    @classmethod
    def of_session(cls, session: Session) -> Self:
        """Return the key of a live session."""
        return cls(f"session:{session.id}")

    @classmethod
    def of_device(cls, device: KnownDevice) -> Self:
        """Return the key of a known device of an account."""
        return cls(f"device:{device.id}")

    @classmethod
    def of_account(cls, account: Account) -> Self:
        """Return the key of an account whose owner has shown the password or a code just now."""
        return cls(f"account:{account.id}")

    @classmethod
    def of_desk(cls, case_id: str) -> Self:
        """Return the key of a case that an officer works on."""
        return cls(f"desk:{case_id}")

    @classmethod
    def of_registrant(cls, national_id: NationalId, proven: Mobile) -> Self:
        """Return the key of a registrant: national ID and the mobile that a code proved."""
        return cls(f"registrant:{national_id.value}:{proven.e164}")

    @classmethod
    def of_client(cls, client_id: str) -> Self:
        """Return the key of a client (portal)."""
        return cls(f"client:{client_id}")

    @classmethod
    def of_invitation(cls, invitation_id: str) -> Self:
        """Return the key of an invitation whose token was shown."""
        return cls(f"invitation:{invitation_id}")


@dataclass(frozen=True, slots=True)
class EverybodysKey:
    """The key of a shared mark, which every stranger can move: network, phone or typed ID."""

    value: str = field(repr=False)

    @classmethod
    def of_network(cls, address: str) -> Self | None:
        """Return the key of the network of ``address``; None for what is no address."""
        network = network_of(address)
        return None if network is None else cls(f"network:{network}")

    @classmethod
    def of_phone(cls, mobile: Mobile) -> Self:
        """Return the key of a phone number."""
        return cls(f"phone:{mobile.e164}")

    @classmethod
    def of_typed_id(cls, typed: str) -> Self:
        """Return the key of a national ID as it was typed, whether or not it exists."""
        return cls(f"id:{canonical(typed)}")

    @classmethod
    def of_tracking(cls, number: TrackingNumber, mobile: Mobile) -> Self:
        """Return the key of a tracking number typed with a mobile, whether or not a case has it."""
        return cls(f"tracking:{number.value}:{mobile.e164}")

    @classmethod
    def of_lane(cls, account: Self, network: Self | None) -> Self:
        """Return the key of the tries at one account from one network."""
        return cls(f"{account.value}|{network.value if network else ''}")


def canonical(typed_user: str) -> str:
    """Return the normal form of a typed national ID for counters (SE11), of bounded length."""
    return clean_number(typed_user)[:LONGEST_NAME]


def network_of(address: str) -> str | None:
    """Return the network that an address is counted by: itself for IPv4, its /64 for IPv6.

    None for text that is no address: visitors without one share no counter (attack D13).
    """
    parsed = parse_address(address)
    if parsed is None:
        return None
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ip_network((int(parsed) >> 64 << 64, 64)))
    return str(parsed)
