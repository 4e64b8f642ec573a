"""Telling portals of a sign-out before the browser goes on (Back-Channel Logout 2.5)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog

from idp.ports import ClaimedJob, ThreadPool

WITHIN = timedelta(milliseconds=800)
"""How long a sign-out waits for its portals; all of it takes a second at most (fault F30)."""

LEASE = timedelta(seconds=20)
"""Longer than a portal may take to answer; a notice that a dying process held is due then."""

HOLDER = "sign_out"

log = structlog.get_logger("idp.logout")


@dataclass(frozen=True, slots=True, kw_only=True)
class TellPortals:
    """Sends notices at once and side by side; what fails or takes too long is the worker's."""

    thread_pool: ThreadPool
    notify: Callable[[ClaimedJob], None]
    within: timedelta = WITHIN

    def now(self, jobs: Sequence[ClaimedJob]) -> None:
        """Send the notices that this process holds; return when all are sent, or too late."""
        self.thread_pool.run([partial(self._tell, job) for job in jobs], self.within)

    def _tell(self, job: ClaimedJob) -> None:
        try:
            self.notify(job)
        except Exception as error:  # noqa: BLE001 (the citizen is signed out; the worker tries again)
            log.warning(
                "portal_not_told", client=job.payload["client_id"], reason=type(error).__name__
            )
