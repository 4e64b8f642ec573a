"""The worker threads of one process, so that a code never waits for a slow registry."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from threading import Event, Thread

from idp.jobs.schedule import Schedule
from idp.jobs.worker import Worker

LOOK_EVERY = 0.2  # seconds: how soon a worker that is told to stop takes no new job


class Crew:
    """Some workers and the schedule, each in a thread of its own."""

    def __init__(self, workers: Sequence[Worker], schedule: Schedule, *, poll: timedelta) -> None:
        self._workers = workers
        self._schedule = schedule
        self._poll = poll

    def run(self, should_stop: Callable[[], bool]) -> None:
        """Run the threads until ``should_stop`` returns True and every running job has ended."""
        stop = Event()
        threads = self.start(stop)
        while not should_stop():
            stop.wait(LOOK_EVERY)
        stop.set()
        for thread in threads:
            thread.join()

    def start(self, stop: Event) -> Sequence[Thread]:
        """Start and return the threads; they are daemons, for a killed worker loses nothing."""
        threads = [
            Thread(target=worker.run, args=(stop, self._poll), name=worker.name, daemon=True)
            for worker in self._workers
        ]
        threads.append(
            Thread(target=self._schedule.run, args=(stop,), name="schedule", daemon=True)
        )
        for thread in threads:
            thread.start()
        return threads

    def run_due(self) -> int:
        """Run what is due now, in this thread, until nothing is left; return how many jobs."""
        self._schedule.do_due()
        total = 0
        while count := sum(worker.run_due() for worker in self._workers):
            total += count
        return total
