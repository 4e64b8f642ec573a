"""Chromium, driven by the DevTools protocol over two pipes: no driver has to be installed."""

import fcntl
import json
import os
import select
import shutil
import signal
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from idp.tester.browser import BrowserMissing

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
QUIET = (
    *("--headless", "--remote-debugging-pipe", "--no-first-run", "--disable-extensions"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *(
        "--no-default-browser-check",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-proxy-server",
    ),
)
# Chromium reads commands from descriptor 3 and writes answers to 4.
READS, WRITES = 3, 4
ABOVE_BOTH = 10
CHUNK = 1 << 16
Message = dict[str, Any]


def find_chromium() -> str:
    """Return the path of a Chromium. Raises BrowserMissing."""
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    raise BrowserMissing(f"--browser needs one of {', '.join(NAMES)} in PATH")


class DevTools:
    """A connection to a running Chromium: commands, their results, and events in between."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands, self._answers = commands, answers
        self._number = 0
        self._rest = b""
        self._waiting: deque[Message] = deque()

    def send(self, method: str, session: str = "", **params: object) -> int:
        """Send a command and return its number."""
        self._number += 1
        message: Message = {"id": self._number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        return self._number

    def call(self, method: str, session: str = "", **params: object) -> Message:
        """Send a command and return its result; events meanwhile wait for ``events``."""
        number = self.send(method, session, **params)
        while True:
            message = self._read(30)
            if message is None:
                raise BrowserMissing(f"Chromium did not answer {method}")
            if message.get("id") == number:
                result: Message = message.get("result", {})
                return result
            self._waiting.append(message)

    def event(self, seconds: float) -> Message | None:
        """Return the next event or result, or None when none comes in time."""
        return self._waiting.popleft() if self._waiting else self._read(seconds)

    def _read(self, seconds: float) -> Message | None:
        until = time.monotonic() + seconds
        while b"\0" not in self._rest:
            left = max(0.0, until - time.monotonic())
            if not select.select([self._answers], [], [], left)[0]:
                return None
            chunk = os.read(self._answers, CHUNK)
            if not chunk:
                raise BrowserMissing("Chromium has ended")
            self._rest += chunk
        text, _, self._rest = self._rest.partition(b"\0")
        message: Message = json.loads(text)
        return message


@contextmanager
def running_chromium(path: str) -> Iterator[DevTools]:
    """Start a Chromium with an empty profile, and stop it afterwards."""
    with tempfile.TemporaryDirectory(prefix="tester-", ignore_cleanup_errors=True) as profile:
        (reads, commands), (answers, writes) = _pipe(), _pipe()
        process = _spawn(path, profile, {reads: READS, writes: WRITES})
        os.close(reads)
        os.close(writes)
        try:
            yield DevTools(commands, answers)
        finally:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGTERM)
            os.waitpid(process, 0)
            os.close(commands)
            os.close(answers)


def _pipe() -> tuple[int, int]:
    """Return a pipe whose descriptors are not those that Chromium gets."""
    ends = os.pipe()
    high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, ABOVE_BOTH) for end in ends]
    for end in ends:
        os.close(end)
    return high[0], high[1]


def _spawn(path: str, profile: str, descriptors: Mapping[int, int]) -> int:
    # Chromium's sandbox does not start for root, as in a container of CI.
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    silent = os.open(os.devnull, os.O_RDWR)
    try:
        return os.posix_spawn(
            path,
            [path, *QUIET, *as_root, f"--user-data-dir={profile}", "about:blank"],
            os.environ,
            file_actions=[
                *((os.POSIX_SPAWN_DUP2, silent, number) for number in (0, 1, 2)),
                *((os.POSIX_SPAWN_DUP2, own, theirs) for own, theirs in descriptors.items()),
            ],
            setpgroup=0,
        )
    finally:
        os.close(silent)
