"""A bound on work that all processes of a machine share, held by file locks."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Lock

POLL_SECONDS = 0.005


class NoSlot(Exception):
    """Every slot stayed taken, or too many of this process wait already."""


@dataclass(kw_only=True)
class MachineSlots:
    """At most ``count`` holders at once over all processes that name the same ``folder``.

    A slot is a file held by flock(2): the kernel frees it when its holder dies, ``kill -9``
    included, and no server is needed. ``wait`` is the longest wait for a slot; at most ``queue``
    threads of one process wait at once, so that the others can go on answering what needs no slot:
    fewer than the process has, where it has more than one.
    """

    folder: Path
    count: int
    queue: int
    wait: timedelta = timedelta(seconds=2)
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _waiting: int = field(default=0, init=False, repr=False)
    _lock: Lock = field(default_factory=Lock, init=False, repr=False)

    def __post_init__(self) -> None:
        """Make the folder; raises OSError at the start rather than at a sign-in."""
        if self.count < 1:
            raise ValueError("at least one slot is needed")
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold one slot inside the block. Raises NoSlot when none came free within ``wait``."""
        descriptor = self._try_all()
        if descriptor is None:
            descriptor = self._wait_for_one()
        try:
            yield
        finally:
            os.close(descriptor)

    def _wait_for_one(self) -> int:
        with self._lock:
            if self._waiting >= self.queue:
                raise NoSlot
            self._waiting += 1
        try:
            return self._poll()
        finally:
            with self._lock:
                self._waiting -= 1

    def _poll(self) -> int:
        # flock(2) has no time-out of its own but by a signal, which only the main thread could get.
        until = self.clock() + self.wait.total_seconds()
        while self.clock() < until:
            self.sleep(POLL_SECONDS)
            descriptor = self._try_all()
            if descriptor is not None:
                return descriptor
        raise NoSlot

    def _try_all(self) -> int | None:
        for number in range(self.count):
            descriptor = _try_lock(self.folder / f"slot-{number}.lock")
            if descriptor is not None:
                return descriptor
        return None


def _try_lock(path: Path) -> int | None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def slots_for_this_machine() -> int:
    """Return the processors minus one, at least one: one stays free for tokens and keys (D11)."""
    return max(1, len(os.sched_getaffinity(0)) - 1)
