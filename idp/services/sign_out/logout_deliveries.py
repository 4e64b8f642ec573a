"""Deliveries of back-channel logout: administrators list them and retry those given up."""

from collections.abc import Sequence
from dataclasses import dataclass

from idp.domain.messages.delivery import Delivery, DeliveryState
from idp.ports import BATCH, AuditEntry
from idp.services.kernel import Kernel


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutDeliveries:
    """Lists and retries logout deliveries. A list names no person, session or token."""

    kernel: Kernel
    batch: int = BATCH

    def list(
        self, *, client_id: str | None = None, state: DeliveryState | None = None, limit: int = 100
    ) -> Sequence[Delivery]:
        """Return deliveries, the newest first. Ended ones are kept as long as other ended jobs."""
        with self.kernel.begin(read_only=True) as work:
            return work.deliveries.list(client_id=client_id, state=state, limit=limit)

    def retry(self, client_id: str, officer: str) -> int:
        """Retry the deliveries that were given up for the client, and return how many."""
        total = 0
        while True:
            with self.kernel.begin() as work:
                count = work.deliveries.revive(client_id, self.kernel.clock(), self.batch)
                total += count
                if count < self.batch:
                    details = {"deliveries": str(total)}
                    work.audit.add(
                        AuditEntry(
                            at=self.kernel.clock(),
                            actor=officer,
                            action="logout.retried",
                            subject=client_id,
                            details=details,
                        )
                    )
                    return total
