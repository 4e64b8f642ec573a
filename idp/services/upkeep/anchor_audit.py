"""Keeping the head of the audit outside of the database: each minute, and at each officer's act."""

from collections.abc import Sequence

import structlog

from idp.ports import AuditAnchor, AuditHead, Begin, Clock

log = structlog.get_logger("idp.audit")


class AnchorAudit:
    """Tells the anchors how far the audit has been written (attack OP13)."""

    def __init__(self, begin: Begin, clock: Clock, anchors: Sequence[AuditAnchor]) -> None:
        self._begin = begin
        self._clock = clock
        self._anchors = anchors
        self._last: AuditHead | None = None

    def run(self) -> None:
        """Keep the head, once while nothing is written behind it. Raises DatabaseUnavailable."""
        with self._begin(read_only=True) as work:
            head = work.audit.head()
        if head is None:
            log.warning("audit_note_lost", alarm="audit_note_lost")
        elif head.number and head != self._last:
            self._keep(head)

    def _keep(self, head: AuditHead) -> None:
        for anchor in self._anchors:
            anchor.keep(head, self._clock())
        self._last = head
