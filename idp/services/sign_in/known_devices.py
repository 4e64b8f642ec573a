"""Known devices: browsers on which an account has signed in (SE17). A row and a sealed cookie.

A browser is a separate device of each account that signed in there; one cookie names them all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import islice
from typing import Protocol

from idp.domain.people.account import Account
from idp.domain.people.national_id import NationalId
from idp.domain.registration.case import Case
from idp.domain.sign_in.known_device import KnownDevice, RegisteringDevice
from idp.domain.sign_in.origin import Origin
from idp.domain.wire import words
from idp.ports import (
    BrokenSeal,
)
from idp.services.kernel import Kernel
from idp.store.unit_of_work import UnitOfWork

PURPOSE = "known_device"
GRACE = timedelta(minutes=1)
"""How long the previous cookie stays valid: for a second click, another tab, a lost response."""
_Named = tuple[str, int]
"""A device as its cookie names it: id and turn."""
MOST_PEOPLE = 8
"""Accounts known at one browser at most: a household, a ward. Their cookie has 600 bytes."""


class Here(Protocol):
    """The browser that sent the request: its device cookie and its origin."""

    @property
    def device(self) -> str | None:
        """The device cookie as received, None without one."""

    @property
    def origin(self) -> Origin:
        """Browser, platform and network."""


@dataclass(frozen=True, slots=True)
class KeptDevice:
    """A device as a sign-in writes it, and the next value of its browser's cookie."""

    device: KnownDevice
    is_new: bool
    cookie: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDevices:
    """Recognises devices until they expire, are forgotten, or the account's epoch grows."""

    kernel: Kernel
    life: timedelta

    def find(self, cookie: str | None, account: Account | None) -> KnownDevice | None:
        """Return the known device of this account that the cookie names, or None.

        A device is forgotten ``signin.device_days`` after it proved itself, when its owner forgets
        it, and when the account's epoch grows (a new password, a suspension). Each sign-in
        invalidates earlier cookies, so a stolen copy works until its owner signs in (attack SE17).
        """
        named = self._named(cookie)
        with self.kernel.begin(read_only=True) as work:
            found = work.devices.find_all(_ids(named))
        return self._known(named, found, account)

    def find_with_account(
        self, cookie: str | None, national_id: NationalId | None
    ) -> tuple[Account | None, KnownDevice | None]:
        """Return the active account of the national ID, and its device as ``find`` does.

        One statement reads both, the same for every national ID and for None, which nobody has.
        """
        named = self._named(cookie)
        with self.kernel.begin(read_only=True) as work:
            account, found = work.devices.find_with_account(national_id, _ids(named))
        if account is None or not account.is_active:
            return None, None
        return account, self._known(named, found, account)

    def remember(
        self,
        work: UnitOfWork,
        account: Account,
        device: KnownDevice | None,
        here: Here,
    ) -> str:
        """Write the device within ``work`` and return its cookie's next value; see ``next``."""
        kept = self.next(work, account, device, here)
        (work.devices.save if kept.is_new else work.devices.renew)(kept.device)
        return kept.cookie

    def next(
        self, work: UnitOfWork, account: Account, device: KnownDevice | None, here: Here
    ) -> "KeptDevice":
        """Return the device as this sign-in writes it, with its cookie's next value.

        Without ``device``, it is a new one, proven now. A known device keeps its ``proven_at``; one
        that its owner forgot while the password was hashed stays forgotten.
        Other accounts stay known at this browser: their devices stay in the cookie, after this
        one, ``MOST_PEOPLE`` in all.
        """
        now = self.kernel.clock()
        is_new = device is None
        if device is None:
            device = KnownDevice(
                id=self.kernel.randomness.token(),
                account_id=account.id,
                epoch=account.epoch,
                origin=here.origin,
                proven_at=now,
                last_at=now,
                expires_at=now + self.life,
            )
        turn = device.turn + (now >= device.last_at + GRACE)
        kept = replace(device, epoch=account.epoch, origin=here.origin, last_at=now, turn=turn)
        before = [one for one in self._named(here.device) if one[0] != kept.id]
        others = _of_others(work, before, _owners(work, _ids(before)), account.id)
        return KeptDevice(kept, is_new, self._cookie([(kept.id, kept.turn), *others]))

    def promise(self, work: UnitOfWork, case_id: str, here: Here) -> tuple[RegisteringDevice, str]:
        """Return the browser that submits a case, its phone proven, and its next device cookie.

        The cookie names the case. It is valid once the account exists.
        """
        now = self.kernel.clock()
        device = RegisteringDevice(origin=here.origin, proven_at=now, expires_at=now + self.life)
        before = self._named(here.device)
        others = _of_others(work, before, _owners(work, _ids(before)), account_id="")
        return device, self._cookie([(case_id, 0), *others])

    def _cookie(self, devices: Sequence[_Named]) -> str:
        named = [f"{device_id}:{turn}" for device_id, turn in devices[:MOST_PEOPLE]]
        return self.kernel.vault.seal(" ".join(named).encode(), purpose=PURPOSE)

    def known_to(self, work: UnitOfWork, account: Account) -> Sequence[KnownDevice]:
        """Return the account's devices that are still known, the most recently used first."""
        return [one for one in work.devices.of_account(account.id) if self._is_known(one, account)]

    def _known(
        self, named: Sequence[_Named], found: Sequence[KnownDevice], account: Account | None
    ) -> KnownDevice | None:
        here = {one.id: one for one in found}
        known = ((here.get(one), turn) for one, turn in named)
        return next((one for one, turn in known if self._is_good(one, turn, account)), None)

    def _is_known(self, device: KnownDevice, account: Account) -> bool:
        return device.epoch == account.epoch and self.kernel.clock() < device.expires_at

    def _is_turn_of(self, device: KnownDevice, turn: int) -> bool:
        is_before = turn == device.turn - 1 and self.kernel.clock() < device.last_at + GRACE
        return is_before or turn == device.turn

    def _is_good(self, device: KnownDevice | None, turn: int, account: Account | None) -> bool:
        if device is None or account is None or device.account_id != account.id:
            return False
        return self._is_known(device, account) and self._is_turn_of(device, turn)

    def _named(self, cookie: str | None) -> list[_Named]:
        """Return the devices that the cookie names, with their turns.

        It may hold several sealed values, separated by spaces: a sibling host may have set another
        cookie of this name (attack X15). Values that the hub did not seal are ignored.
        """
        named: dict[tuple[str, int], None] = {}
        for sealed in words(cookie or ""):
            try:
                plain = self.kernel.vault.open(sealed, purpose=PURPOSE).decode()
            except BrokenSeal:
                continue
            pairs = (one.rpartition(":") for one in words(plain))
            named |= {(device_id, int(turn)): None for device_id, _, turn in pairs}
        return list(named)


def know_registering_device(work: UnitOfWork, case: Case, account: Account) -> None:
    """Make the browser that submitted the case a known device of the case's account."""
    if case.device is not None:
        work.devices.save(case.device.of(account.id, account.epoch, device_id=case.id))


def _ids(named: Sequence[_Named]) -> list[str]:
    return [device_id for device_id, _ in named]


def _owners(work: UnitOfWork, device_ids: Sequence[str]) -> Mapping[str, str]:
    """Return the account ids of the devices that exist; a browser without any is not looked up."""
    return work.devices.owners(device_ids) if device_ids else {}


def _of_others(
    work: UnitOfWork, named: Sequence[_Named], owners: Mapping[str, str], account_id: str
) -> list[_Named]:
    """Return those that are devices of other accounts, or cases still open, in their order."""
    others = {one for one, owner in owners.items() if owner != account_id}
    # Bounds the look-ups that planted cookies can cause, one statement each.
    promised = islice((one for one in _ids(named) if one not in owners), MOST_PEOPLE)
    others |= {one for one in promised if _is_open(work.cases.find(one))}
    return [(one, turn) for one, turn in named if one in others]


def _is_open(case: Case | None) -> bool:
    return case is not None and case.is_open
