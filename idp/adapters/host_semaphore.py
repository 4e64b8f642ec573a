"""A semaphore that all processes of a machine share, with one queue in front of it.

A slot is a file locked by flock(2). A thread that finds no free slot queues up by a named pipe in
the same folder, whose name sorts by lane, then by arrival. The thread that frees a slot writes to
the first pipe; no thread polls. When a process dies, by ``kill -9`` too, the kernel releases its
locks, and its pipes without a reader are skipped. No server is needed.
"""

import errno
import fcntl
import os
import select
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from threading import Lock

from idp.ports import HashLane
from idp.telemetry.catalogue import HASH_REFUSED, HASH_WAIT_SECONDS

WAKE = b"."
LINE = "line-"
_numbers = count()


class NoSlot(Exception):
    """No slot became free in time, or too many threads of this process wait."""


@dataclass(kw_only=True)
class HostSemaphore:
    """At most ``count`` holders at once in all processes that use the same ``folder``.

    Lower lanes go first; within a lane, first come, first served. ``wait`` is the longest wait for
    a slot. ``queue`` is how many threads of one process may wait at once; each lower lane has
    ``reserve`` places more. A full queue refuses only in its own process, and the highest lane
    never fills the places of a lower one. ``meanwhile`` is entered by a thread that waits for a
    slot or holds one.
    """

    folder: Path
    count: int
    queue: int
    reserve: int = 1
    wait: timedelta = timedelta(seconds=2)
    meanwhile: Callable[[], AbstractContextManager[None]] = nullcontext
    clock: Callable[[], float] = time.monotonic
    _waiting: int = field(default=0, init=False, repr=False)
    _lock: Lock = field(default_factory=Lock, init=False, repr=False)

    def __post_init__(self) -> None:
        """Create the folder. Raises OSError at the start, not only at the first sign-in."""
        if self.count < 1:
            raise ValueError("at least one slot is needed")
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextmanager
    def one(self, lane: HashLane = HashLane.REST) -> Iterator[None]:
        """Hold one slot inside the block. Raises NoSlot when none became free within ``wait``."""
        with self.meanwhile(), self._taken(lane):
            yield

    @contextmanager
    def _taken(self, lane: HashLane) -> Iterator[None]:
        came = self.clock()
        try:
            descriptor = self._try_all() if self._is_next(lane) else None
            if descriptor is None:
                descriptor = self._wait_for_one(lane)
        except NoSlot:
            HASH_REFUSED.add(lane.name.lower())
            raise
        HASH_WAIT_SECONDS.observe(self.clock() - came, lane.name.lower())
        try:
            yield
        finally:
            os.close(descriptor)
            self._wake_first()

    def _wait_for_one(self, lane: HashLane) -> int:
        with self._lock:
            if self._waiting >= self.queue + self.reserve * (max(HashLane) - lane):
                raise NoSlot
            self._waiting += 1
        try:
            with _Pipe(self.folder, lane) as pipe:
                return self._take_turn(pipe)
        finally:
            with self._lock:
                self._waiting -= 1
            self._wake_first()  # another slot may be free, or the wake-up is due to the next pipe

    def _take_turn(self, pipe: "_Pipe") -> int:
        until = self.clock() + self.wait.total_seconds()
        # From now on, a thread that frees a slot sees the pipe; slots freed before are found here.
        self._wake_first()
        ended: set[int] = set()
        while (left := until - self.clock()) > 0:
            if not self._is_woken(pipe, left, ended):
                break
            if self._line()[:1] != [pipe.name]:
                self._wake_first()  # woken late: somebody of a lower lane has queued up meanwhile
                continue
            descriptor = self._try_all()
            if descriptor is not None:
                return descriptor
        descriptor = self._try_all()  # a holder that was not watched may have died
        if descriptor is None:
            raise NoSlot
        return descriptor

    def _is_woken(self, pipe: "_Pipe", seconds: float, ended: set[int]) -> bool:
        """Wait for a wake-up, or for the end of a process that holds a slot or queues.

        The end of a process wakes once: its id is added to ``ended``.
        """
        watched = {
            descriptor: pid
            for pid in self._others() - ended
            if (descriptor := _watch(pid)) is not None
        }
        try:
            woken_by = pipe.wait(watched, seconds)
        finally:
            for descriptor in watched:
                os.close(descriptor)
        ended.update(watched[descriptor] for descriptor in woken_by & watched.keys())
        return bool(woken_by)

    def _others(self) -> set[int]:
        """Return the processes whose end would free a slot without a wake-up."""
        holders = (_holder(self._slot(number)) for number in range(self.count))
        in_line = (_process_of(name) for name in self._line())
        return {pid for pid in (*holders, *in_line) if pid} - {os.getpid()}

    def _is_next(self, lane: HashLane) -> bool:
        """Return whether no pipe in the queue goes before a newcomer of the lane."""
        return all(name >= f"{LINE}{lane + 1}" for name in self._line())

    def _wake_first(self) -> None:
        """Wake the first thread in the queue; remove pipes whose process has died."""
        for name in self._line():
            if _wake(self.folder / name):
                return

    def _line(self) -> list[str]:
        with os.scandir(self.folder) as entries:
            return sorted(entry.name for entry in entries if entry.name.startswith(LINE))

    def _try_all(self) -> int | None:
        for number in range(self.count):
            descriptor = _try_lock(self._slot(number))
            if descriptor is not None:
                return descriptor
        return None

    def _slot(self, number: int) -> Path:
        return self.folder / f"slot-{number}.lock"


def queue_length(folder: Path) -> int:
    """Return how many threads of all processes wait for a slot of the semaphore in ``folder``."""
    try:
        with os.scandir(folder) as entries:
            return sum(entry.name.startswith(LINE) for entry in entries)
    except FileNotFoundError:
        return 0


class _Pipe:
    """A place in the queue: a named pipe that its thread reads while it waits."""

    def __init__(self, folder: Path, lane: HashLane) -> None:
        # One clock for all processes of the machine; never set back.
        arrival = time.monotonic_ns()
        self._path = folder / f"{LINE}{lane:d}-{arrival:020d}-{os.getpid()}-{next(_numbers)}"

    @property
    def name(self) -> str:
        """The name by which it sorts in the queue."""
        return self._path.name

    def __enter__(self) -> "_Pipe":
        # Opened for reading before it queues: else its waker takes it for a dead process's.
        outside = self._path.with_name(f"new-{self._path.name}")
        os.mkfifo(outside, 0o600)
        # Opened for writing, too: else poll would return at once after a writer has closed it.
        self._descriptor = os.open(outside, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        outside.rename(self._path)
        return self

    def __exit__(self, *_: object) -> None:
        self._path.unlink(missing_ok=True)
        os.close(self._descriptor)

    def wait(self, watched: Iterable[int], seconds: float) -> set[int]:
        """Return the descriptors that woke: the pipe's or ``watched``; none after ``seconds``."""
        poll = select.poll()
        for descriptor in (self._descriptor, *watched):
            poll.register(descriptor, select.POLLIN)
        woken = poll.poll(seconds * 1000)
        with suppress(BlockingIOError):
            os.read(self._descriptor, select.PIPE_BUF)
        return {descriptor for descriptor, _ in woken}


def _wake(path: Path) -> bool:
    """Write to the pipe; return False, and remove it, when it has no reader."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError as error:
        if error.errno != errno.ENXIO:  # no reader
            raise
        path.unlink(missing_ok=True)
        return False
    try:
        os.write(descriptor, WAKE)
    except BrokenPipeError:  # its thread left the queue meanwhile
        return False
    except BlockingIOError:  # full of unread wake-ups
        return True
    finally:
        os.close(descriptor)
    return True


def _process_of(name: str) -> int:
    return int(name.split("-")[3])


def _holder(slot: Path) -> int:
    """Return the id of the process that took the slot last; 0 when none did."""
    try:
        return int(slot.read_text("ascii") or 0)
    except FileNotFoundError:
        return 0


def _watch(pid: int) -> int | None:
    """Return a descriptor that becomes readable when the process ends; None if it has ended."""
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        return None


def _try_lock(path: Path) -> int | None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    return descriptor
