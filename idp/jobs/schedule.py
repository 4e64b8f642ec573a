"""The schedule: each hour a job, and each minute the acts that are too small for one."""

from collections.abc import Callable, Sequence
from threading import Event

import structlog

from idp.jobs.worker import log_fault
from idp.ports import (
    Clock,
    DatabaseUnavailable,
)
from idp.services.upkeep.clean_up import clean_up_job
from idp.store.unit_of_work import Begin

LOOK_EVERY = 60  # seconds

Acts = Sequence[Callable[[], None]]

log = structlog.get_logger("idp.worker")


class Schedule:
    """Puts the hour's job ``clean_up``, once over all workers, and runs the acts of each minute."""

    def __init__(self, begin: Begin, clock: Clock, each_minute: Acts) -> None:
        """Each of ``each_minute`` may run in several workers at once."""
        self._begin = begin
        self._clock = clock
        self._each_minute = each_minute
        self._last = ""

    def do_due(self) -> None:
        """Run the acts of each minute, and put the job of this hour once.

        Raises DatabaseUnavailable.
        """
        for act in self._each_minute:
            act()
        self._put_hourly()

    def _put_hourly(self) -> None:
        job = clean_up_job(self._clock())
        if job.unique == self._last:
            return
        with self._begin() as work:
            work.outbox.put(job)
        self._last = job.unique

    def run(self, stop: Event) -> None:
        """Run ``do_due`` every minute until ``stop`` is set."""
        while not stop.is_set():
            try:
                self.do_due()
            except DatabaseUnavailable:
                log.warning("schedule_waits_for_database", alarm="database_unavailable")
            except Exception as error:  # noqa: BLE001 (a thread that dies cleans up no more)
                log_fault("schedule", error)
            stop.wait(LOOK_EVERY)
