"""Keeping the head of the audit outside of the database: each minute, and at each officer's act."""

from collections.abc import Sequence

import structlog

from idp.ports import AuditAnchor, AuditHead
from idp.services.kernel import Kernel

log = structlog.get_logger("idp.audit")


class AnchorAudit:
    """Tells the anchors how far the audit has been written (attack OP13)."""

    def __init__(self, kernel: Kernel, anchors: Sequence[AuditAnchor]) -> None:
        self._kernel = kernel
        self._anchors = anchors
        self._last: AuditHead | None = None

    def run(self) -> None:
        """Keep the head, once while nothing is written behind it. Raises DatabaseUnavailable."""
        with self._kernel.begin(read_only=True) as work:
            head = work.audit.head()
        if head is None:
            log.warning("audit_note_lost", alarm="audit_note_lost")
        elif head.number and head != self._last:
            self._keep(head)

    def _keep(self, head: AuditHead) -> None:
        for anchor in self._anchors:
            anchor.keep(head, self._kernel.clock())
        self._last = head
