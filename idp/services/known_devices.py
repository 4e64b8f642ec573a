"""Devices on which an account signed in before: a row, and a cookie that seals its id (SE17)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from idp.domain.account import Account
from idp.domain.known_device import KnownDevice
from idp.domain.origin import Origin
from idp.ports import Begin, BrokenSeal, Chance, Clock, Vault, Work

PURPOSE = "known_device"
GRACE = timedelta(minutes=1)
"""A second click, another tab, an answer that was lost: the cookie before is good for so long."""


class KnownDevices:
    """Knows devices again until they expire, are forgotten, or the account's epoch grows."""

    def __init__(
        self, begin: Begin, vault: Vault, clock: Clock, chance: Chance, life: timedelta
    ) -> None:
        self._begin = begin
        self._vault = vault
        self._clock = clock
        self._chance = chance
        self._life = life

    def find(self, cookie: str | None, account: Account | None) -> KnownDevice | None:
        """Return the device that the cookie names, when it is one of this account and still known.

        It is forgotten ``signin.device_days`` after it proved itself, when its owner says so, and
        whenever the account ends all its sessions (a new password, a suspension). A sign-in
        voids the cookies before it, so that a copy serves until its owner signs in (attack SE17).
        """
        opened = self._opened(cookie)
        if opened is None:
            return None
        device_id, turn = opened
        # Read for nobody too: a cookie of one's own must not time who has an account.
        with self._begin(read_only=True) as work:
            device = work.devices.find(device_id)
        if device is None or account is None or device.account_id != account.id:
            return None
        is_good = self._is_known(device, account) and self._is_turn_of(device, turn)
        return device if is_good else None

    def remember(
        self, work: Work, account: Account, device: KnownDevice | None, origin: Origin
    ) -> str:
        """Write the device within ``work`` and return its cookie's next value.

        None makes a new one, which has just proven itself. A known one keeps the time of its proof;
        one that its owner forgot while the password was computed stays forgotten.
        """
        now = self._clock()
        is_new = device is None
        if device is None:
            device = KnownDevice(
                id=self._chance.token(),
                account_id=account.id,
                epoch=account.epoch,
                origin=origin,
                proven_at=now,
                last_at=now,
                expires_at=now + self._life,
            )
        turn = device.turn + (now >= device.last_at + GRACE)
        saved = replace(device, epoch=account.epoch, origin=origin, last_at=now, turn=turn)
        if is_new or work.devices.find(saved.id) is not None:
            work.devices.save(saved)
        return self._vault.seal(f"{saved.id}:{saved.turn}".encode(), purpose=PURPOSE)

    def known_to(self, work: Work, account: Account) -> Sequence[KnownDevice]:
        """Return the devices that are still known, the one used last first."""
        return [one for one in work.devices.of_account(account.id) if self._is_known(one, account)]

    def _is_known(self, device: KnownDevice, account: Account) -> bool:
        return device.epoch == account.epoch and self._clock() < device.expires_at

    def _is_turn_of(self, device: KnownDevice, turn: int) -> bool:
        is_before = turn == device.turn - 1 and self._clock() < device.last_at + GRACE
        return is_before or turn == device.turn

    def _opened(self, cookie: str | None) -> tuple[str, int] | None:
        try:
            plain = self._vault.open(cookie or "", purpose=PURPOSE).decode()
        except BrokenSeal:
            return None
        device_id, _, turn = plain.rpartition(":")
        return device_id, int(turn)
