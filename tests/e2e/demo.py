"""The demo as a person starts it: ``idp demo`` in a process of its own."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import requests

from tests.e2e.leaks import leaks
from tests.e2e.walk import Walk
from tests.free_ports import are_free, free_ports

ROOT = Path(__file__).resolve().parents[2]
IDP = Path(sys.executable).with_name("idp")
START_SECONDS = 120.0
ANSWER_SECONDS = 20.0
LEASE_SECONDS = 60.0
"""After this long another worker takes up the job of a killed one (worker.lease_seconds)."""
PORTS = 5
"""The hub's, its three portals' and the API's."""
_CODE = re.compile(r"#([0-9]{6})\b")

Found = TypeVar("Found")


@dataclass
class Demo:
    """A running demo, and every secret that was typed or issued in it."""

    folder: Path
    port: int
    guide: bool = False
    process: "subprocess.Popen[bytes] | None" = None
    secrets: set[str] = field(default_factory=set)
    was_killed: bool = False

    @property
    def hub(self) -> str:
        """The hub's address."""
        return f"http://127.0.0.1:{self.port}"

    def portal(self, number: int) -> str:
        """Return the address of «سوابق بیمه» (1) or «نسخه الکترونیک» (2)."""
        return f"http://127.0.0.1:{self.port + number}"

    def addresses(self) -> list[str]:
        """Return the addresses of the hub, of the portals and of the API."""
        return [self.hub, *(self.portal(number) for number in range(1, PORTS))]

    @property
    def log(self) -> Path:
        """The log of all its processes: what they wrote to standard error."""
        return self.folder.with_suffix(".log")

    @property
    def greeting(self) -> Path:
        """What it said to the person who started it."""
        return self.folder.with_suffix(".txt")

    def start(self) -> None:
        """Start it and wait until hub and portals answer."""
        command = [IDP, "demo", "--port", str(self.port), "--folder", self.folder]
        with self.log.open("ab") as log, self.greeting.open("wb") as greeting:
            self.process = subprocess.Popen(
                [*command, *(["--guide"] if self.guide else [])],
                cwd=ROOT,
                env={"PATH": os.environ["PATH"], "HOME": str(self.folder.parent)},
                stdin=subprocess.DEVNULL,
                stdout=greeting,
                stderr=log,
            )
        try:
            eventually(self._all_answer, seconds=START_SECONDS, what=f"a demo: {self.log}")
        except AssertionError:
            self.stop(signal.SIGTERM)
            raise

    def stop(self, signal_number: int = signal.SIGTERM) -> int:
        """Tell it to stop and return its exit code."""
        assert self.process is not None
        self.process.send_signal(signal_number)
        return self.process.wait(timeout=30)

    def kill(self) -> None:
        """Kill all its processes at once, and wait until their ports are free."""
        assert self.process is not None
        self.was_killed = True
        for pid in self.processes():
            os.kill(pid, signal.SIGKILL)
        self.process.wait()
        eventually(lambda: are_free(self.port) or None, what="free ports after a kill")

    def kill_web_process(self) -> None:
        """Kill the process that serves the hub's pages; its parent starts another."""
        assert self.process is not None
        own = Path(f"/proc/{self.process.pid}/cmdline").read_bytes()
        for pid in _below(self.process.pid):
            if Path(f"/proc/{pid}/cmdline").read_bytes() == own:
                os.kill(pid, signal.SIGKILL)

    def processes(self) -> list[int]:
        """Return the ids of all its processes, of the portals too."""
        assert self.process is not None
        return [self.process.pid, *_below(self.process.pid)]

    def idp(self, *arguments: str, typed: str = "") -> str:
        """Run a command on the demo's database and return what it printed."""
        files = ":".join(
            str(one)
            for one in (
                ROOT / "config" / "development.toml",
                self.folder / "secrets.toml",
                self.folder / "demo.toml",
            )
        )
        done = subprocess.run(
            [IDP, *arguments],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "IDP_CONFIG": files, "IDP_OFFICER": "tests"},
            input=typed,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def texts(self, mobile: str) -> list[str]:
        """Return the messages that a phone got, the newest first."""
        messages = Walk().open(f"{self.hub}/dev/inbox").page.articles
        return [text for text in messages if mobile in text]

    def code(self, mobile: str, *, for_what: str) -> str:
        """Wait for a code to the phone, and return the newest one that says what it is for.

        A worker that was killed with the message in hand held it until its lease ran out.
        """
        within = ANSWER_SECONDS + (LEASE_SECONDS if self.was_killed else 0)
        return code_in(lambda: self.texts(mobile), self.secrets, for_what, within)

    def text(self, mobile: str, containing: str, *, seconds: float = ANSWER_SECONDS) -> str:
        """Wait for a message to the phone with these words."""
        return eventually(
            lambda: next((one for one in self.texts(mobile) if containing in one), None),
            what=f"a message with «{containing}»",
            seconds=seconds,
        )

    def hours_later(self, hours: int) -> None:
        """Move the hub's clock by a button of its page: 1 hour or 46."""
        Walk().open(f"{self.hub}/dev/inbox").submit({"hours": str(hours)}, action="/clock")

    def leaks(self) -> list[str]:
        """Return where secrets of this run stand in the log or in the database in clear."""
        files = [self.log, *self.folder.glob("*.sqlite3*")]
        assert len(files) > 1
        return [
            f"{file.name}: {leak}"
            for file in files
            for leak in leaks(self.secrets, file.read_bytes())
        ]

    def _all_answer(self) -> bool | None:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text("utf-8", "replace")
        return all(map(answers, self.addresses())) or None


@contextmanager
def running_demo(folder: Path, *, guide: bool = False) -> Iterator[Demo]:
    """Yield a running demo; afterwards it must stop cleanly, and its log must hold no secret."""
    demo = Demo(folder, free_ports(), guide=guide)
    demo.start()
    try:
        yield demo
    finally:
        code = demo.stop()
    assert code == 0, demo.log.read_text("utf-8", "replace")
    assert not any(map(answers, demo.addresses()))
    found = demo.leaks()
    assert not found, found


def answers(address: str) -> bool:
    """Return whether somebody answers there."""
    try:
        return requests.get(f"{address}/alive", timeout=5).ok
    except requests.RequestException:
        return False


def eventually(
    find: Callable[[], Found | None], *, what: str, seconds: float = ANSWER_SECONDS
) -> Found:
    """Return what ``find`` returns as soon as it is not None."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = find()
        if found is not None:
            return found
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds:.0f} s: {what}")


def code_in(
    texts: Callable[[], list[str]], known: set[str], for_what: str, seconds: float = ANSWER_SECONDS
) -> str:
    """Wait for a code that is not among the ``known`` ones, add it to them, and return it."""

    def find() -> str | None:
        for text in texts():
            code = _CODE.search(text)
            if code and for_what in text and code[1] not in known:
                return code[1]
        return None

    code = eventually(find, what=f"a code for {for_what}", seconds=seconds)
    known.add(code)
    return code


def memory_of(pids: list[int]) -> int:
    """Return the proportional memory of the processes in bytes: shared pages count once."""
    return sum(
        1024 * int(line.split()[1])
        for pid in pids
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        if line.startswith("Pss:")
    )


def resident_memory_of(pids: list[int]) -> int:
    """Return the resident memory of the processes in bytes: shared pages count for each."""
    return sum(
        1024 * int(line.split()[1])
        for pid in pids
        for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        if line.startswith("VmRSS:")
    )


def _below(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [one for child in map(int, children) for one in (child, *_below(child))]
