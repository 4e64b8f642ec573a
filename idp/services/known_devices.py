"""Devices on which an account signed in before: a sealed cookie, bound to the account (SE17)."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from idp.domain.account import Account
from idp.ports import BrokenSeal, Chance, Clock, Vault

PURPOSE = "known_device"


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """What the cookie says. ``proven_at`` is when the device was new and proved itself."""

    id: str
    account_id: str
    epoch: int
    proven_at: datetime


class KnownDevices:
    """Seals and opens the device cookie; nothing is stored."""

    def __init__(self, vault: Vault, clock: Clock, chance: Chance, life: timedelta) -> None:
        self._vault = vault
        self._clock = clock
        self._chance = chance
        self._life = life

    def find(self, cookie: str | None, account: Account | None) -> KnownDevice | None:
        """Return the device that the cookie names, when it is one of this account and still known.

        It is forgotten ``signin.device_days`` after it proved itself, and whenever the account ends
        all its sessions (a new password, a suspension).
        """
        device = self._open(cookie)
        if device is None or account is None or device.account_id != account.id:
            return None
        fresh = self._clock() - device.proven_at < self._life
        return device if fresh and device.epoch == account.epoch else None

    def remember(self, account: Account, device: KnownDevice | None) -> str:
        """Return the cookie's next value: of a device known already, or of a new one."""
        if device is None:
            device = KnownDevice(self._chance.token(), account.id, account.epoch, self._clock())
        fields = [device.id, device.account_id, device.epoch, device.proven_at.isoformat()]
        return self._vault.seal(json.dumps(fields).encode(), purpose=PURPOSE)

    def _open(self, cookie: str | None) -> KnownDevice | None:
        try:
            fields = json.loads(self._vault.open(cookie or "", purpose=PURPOSE))
        except BrokenSeal:
            return None
        device_id, account_id, epoch, proven_at = fields
        return KnownDevice(device_id, account_id, epoch, datetime.fromisoformat(proven_at))
