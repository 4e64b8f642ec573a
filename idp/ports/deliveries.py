"""How logout notices are getting on, for administrators."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from idp.domain.messages.delivery import Delivery, DeliveryState
from idp.ports.basics import BATCH


class Deliveries(Protocol):
    """Jobs that tell portals of ended sessions, without what they tell."""

    def list(
        self, *, client_id: str | None, state: DeliveryState | None, limit: int
    ) -> Sequence[Delivery]:
        """Return deliveries, the newest first."""

    def revive(self, client_id: str, now: datetime, limit: int = BATCH) -> int:
        """Let at most ``limit`` that were given up be tried anew, with all their tries."""
