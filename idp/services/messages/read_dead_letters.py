"""What operators read of the jobs that failed for good."""

from collections.abc import Sequence
from dataclasses import dataclass

from idp.domain.messages.dead_letter import DeadLetter
from idp.services.kernel import Kernel


@dataclass(frozen=True, slots=True)
class ReadDeadLetters:
    """Reads dead letters from the outbox."""

    kernel: Kernel

    def latest(self, *, kind: str | None = None, limit: int = 100) -> Sequence[DeadLetter]:
        """Return dead letters of the kind or of all kinds, the newest first."""
        with self.kernel.begin(read_only=True) as work:
            return work.outbox.dead(kind, limit)
