"""What has to happen by the clock: each hour one job, however many workers there are."""

from threading import Event

import structlog

from idp.ports import Begin, Clock, DatabaseAway
from idp.services.clean_up import clean_up_job

LOOK_EVERY = 60  # seconds

log = structlog.get_logger("idp.worker")


class Schedule:
    """Puts the job ``clean_up`` of the hour."""

    def __init__(self, begin: Begin, clock: Clock) -> None:
        self._begin = begin
        self._clock = clock
        self._last = ""

    def put_due(self) -> None:
        """Put the job of this hour unless this process has done so. Raises DatabaseAway."""
        job = clean_up_job(self._clock())
        if job.unique == self._last:
            return
        with self._begin() as work:
            work.outbox.put(job)
        self._last = job.unique

    def run(self, stop: Event) -> None:
        """Look at the clock every minute until ``stop`` is set."""
        while not stop.is_set():
            try:
                self.put_due()
            except DatabaseAway:
                log.warning("schedule_waits_for_database", alarm="database_away")
            stop.wait(LOOK_EVERY)
