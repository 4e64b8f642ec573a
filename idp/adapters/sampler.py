"""Reads what is worth no write at each change, such as pools and memory, every few seconds."""

import os
import resource
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event, Thread

from idp.telemetry.catalogue import PROCESS_CPU, PROCESS_MEMORY

EVERY = 5.0
"""Seconds."""


class Sampler:
    """A thread of this process that sets its gauges."""

    def __init__(self, role: str, samples: Sequence[Callable[[], None]]) -> None:
        """``role``: ``web`` or ``worker``; ``samples`` set gauges, and raise nothing."""
        self._role = role
        self._samples = samples

    def start(self, stop: Event) -> None:
        """Set the gauges now, and every few seconds until ``stop`` is set."""
        self.sample()
        Thread(target=self._run, args=(stop,), name="sampler", daemon=True).start()

    def sample(self) -> None:
        """Set every gauge."""
        PROCESS_MEMORY.set(_resident_bytes(), self._role)
        usage = resource.getrusage(resource.RUSAGE_SELF)
        PROCESS_CPU.set(usage.ru_utime + usage.ru_stime, self._role)
        for sample in self._samples:
            sample()

    def _run(self, stop: Event) -> None:
        while not stop.wait(EVERY):
            self.sample()


def _resident_bytes() -> int:
    """Return the resident memory; what other processes share counts too."""
    try:
        pages = Path("/proc/self/statm").read_text("ascii").split()[1]
    except OSError:  # not Linux
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
