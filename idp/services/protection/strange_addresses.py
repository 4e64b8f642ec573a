"""Requests without a valid address: a misconfigured proxy, which operators must know of (D13)."""

from datetime import timedelta

import structlog

from idp.ports import Ephemeral

KEY = "strange_addresses"
MEMORY = timedelta(days=1)
ALARM_EVERY = timedelta(minutes=10)

log = structlog.get_logger(__name__)


class StrangeAddresses:
    """Counts them for a day, for `idp check`, and logs the alarm ``invalid_forwarded_for``."""

    def __init__(self, ephemeral: Ephemeral) -> None:
        self._ephemeral = ephemeral

    def note(self) -> None:
        """Count a request without a valid address. Its text is not kept: anybody may forge it."""
        seen = self._ephemeral.hit(KEY, window=MEMORY)
        if self._ephemeral.add(f"{KEY}:alarm", ttl=ALARM_EVERY):
            log.error("invalid_forwarded_for", alarm="invalid_forwarded_for", seen=seen)

    def seen(self) -> int:
        """Return how many were counted within a day."""
        return self._ephemeral.count(KEY)
