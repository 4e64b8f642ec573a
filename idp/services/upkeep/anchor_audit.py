"""Keeping the audit's head outside the database: each minute, and after each officer's act."""

from collections.abc import Sequence

import structlog

from idp.ports import AuditAnchor, AuditHead
from idp.services.kernel import Kernel

log = structlog.get_logger("idp.audit")


class AnchorAudit:
    """Writes the audit's head to the anchors (attack OP13)."""

    def __init__(self, kernel: Kernel, anchors: Sequence[AuditAnchor]) -> None:
        self._kernel = kernel
        self._anchors = anchors
        self._last: AuditHead | None = None

    def run(self) -> None:
        """Write the audit's head if it changed since the last run. Raises DatabaseUnavailable."""
        with self._kernel.begin() as work:  # an anchor outlives a crash, so must its head
            head = work.audit.settled_head()
        if head is None:
            log.warning("audit_note_lost", alarm="audit_note_lost")
        elif head.number and head != self._last:
            self._keep(head)

    def _keep(self, head: AuditHead) -> None:
        for anchor in self._anchors:
            anchor.keep(head, self._kernel.clock())
        self._last = head
