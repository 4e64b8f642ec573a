"""Visitors without an address: a proxy is set up wrongly, and the operators must know (D13)."""

from datetime import timedelta

import structlog

from idp.ports import Ephemeral

KEY = "strange_addresses"
MEMORY = timedelta(days=1)
ALARM_EVERY = timedelta(minutes=10)

log = structlog.get_logger(__name__)


class StrangeAddresses:
    """Counts them for a day, for `idp check`, and raises an alarm in the log."""

    def __init__(self, ephemeral: Ephemeral) -> None:
        self._ephemeral = ephemeral

    def note(self) -> None:
        """Count a request whose address is none. The text is not kept: anybody may have made it."""
        seen = self._ephemeral.hit(KEY, window=MEMORY)
        if self._ephemeral.add(f"{KEY}:alarm", ttl=ALARM_EVERY):
            log.error("strange_address", alarm="strange_address", seen=seen)

    def seen(self) -> int:
        """Return how many there were within a day."""
        return self._ephemeral.count(KEY)
