"""Where the CPU goes: a sample of the stack at each tick of this process's CPU clock."""

import signal
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from tests.architecture.sources import ROOT

TICK = 0.001  # the kernel rounds it up to its own
OTHER = "other"
_PACKAGES = {
    "framework": ("flask", "werkzeug", "flask_wtf", "wtforms"),
    "Authlib": ("authlib",),
    "JOSE": ("joserfc", "cryptography", "jwcrypto"),
    "SQL": ("sqlalchemy", "flask_sqlalchemy", "psycopg", "psycopg_binary"),
    "Redis": ("redis", "hiredis"),
    "templates": ("jinja2", "markupsafe"),
    "hashing": ("argon2", "nacl"),
    "log": ("structlog",),
}
_GROUP_OF_PACKAGE = {one: group for group, names in _PACKAGES.items() for one in names}
_HASHING = ("password_hashing.py", "host_semaphore.py", "stored_costs.py")


@dataclass
class Samples:
    """CPU seconds by group."""

    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    _last: float = 0.0
    _counts: bool = False

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Sample while the block runs."""
        before = signal.signal(signal.SIGPROF, self._tick)
        self._last = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, TICK, TICK)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, before)

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count what is sampled in this block; all other samples are of the driver."""
        self._counts = True
        try:
            yield
        finally:
            self._counts = False

    def _tick(self, _signal: int, frame: FrameType | None) -> None:
        # Python runs a handler only when a call into C has returned: the sample counts for all the
        # time since the last one, or a hash of 22 ms would be one tick.
        now = time.process_time()
        if self._counts:
            self.seconds[group_of(frame)] += now - self._last
        self._last = now

    def shares(self) -> dict[str, float]:
        """Return the share of each group of all that is the hub's, the largest first."""
        whole = sum(self.seconds.values())
        largest = sorted(self.seconds.items(), key=lambda one: -one[1])
        return {group: spent / whole for group, spent in largest}


def group_of(frame: FrameType | None) -> str:
    """Return the group of the innermost frame that has one."""
    while frame is not None:
        if group := _group(frame.f_code.co_filename):
            return group
        frame = frame.f_back
    return OTHER


def _group(file: str) -> str:
    if "/site-packages/" in file:
        name = file.rpartition("/site-packages/")[2].partition("/")[0]
        return _GROUP_OF_PACKAGE.get(name.removesuffix(".py"), "")
    if file.endswith((".html", ".txt")):
        return "templates"
    below = file.removeprefix(f"{ROOT}/")
    if below == file or not below.startswith("idp/"):
        return ""
    if below.endswith(_HASHING):
        return "hashing"
    return ".".join(below.removesuffix(".py").split("/")[:2])
