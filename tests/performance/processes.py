"""Processes of servers: started, waited for, and the CPU that they use, children included."""

import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

START_LIMIT = 60  # seconds, on a busy machine
TICKS = os.sysconf("SC_CLK_TCK")
Command = Sequence[str | Path]


class NotStarted(Exception):
    """The server does not answer; the message has the end of its log."""


@contextmanager
def started(
    command: Command, port: int, log: Path, environment: Mapping[str, str]
) -> Iterator[int]:
    """Run a server until the block ends; yield its process id once the port answers."""
    with running(command, log, environment) as process:
        _wait_for(lambda: _listens(port), process, log)
        yield process.pid


class Start(NamedTuple):
    """Seconds from the command to the first answer: by the clock, and of CPU."""

    seconds: float
    cpu: float


def first_answer(command: Command, url: str, log: Path, environment: Mapping[str, str]) -> Start:
    """Start a server, wait until ``url`` is answered 200, and stop it."""
    begun = time.perf_counter()
    with running(command, log, environment) as process:
        _wait_for(lambda: _answers(url), process, log)
        return Start(time.perf_counter() - begun, cpu_seconds([process.pid]))


@contextmanager
def running(
    command: Command, log: Path, environment: Mapping[str, str]
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a program until the block ends, without waiting for anything."""
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, stdout=output, stderr=output, env={**os.environ, **environment}
        ) as process,
    ):
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)


def _wait_for(is_ready: Callable[[], bool], process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + START_LIMIT
    while not is_ready():
        if process.poll() is not None or time.monotonic() > until:
            raise NotStarted(log.read_text("utf-8", "replace")[-2000:])
        time.sleep(0.01)


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _answers(url: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(url, timeout=5) as answer:
        return bool(answer.status == HTTPStatus.OK)
    return False


class Memory(NamedTuple):
    """MiB of a process: all that is resident, and with shared pages divided among who shares."""

    resident: float
    proportional: float


def memory(process: int) -> Memory:
    """Return what a process has in memory (proc(5): smaps_rollup)."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
    kib = {line.split()[0]: int(line.split()[1]) for line in lines}
    return Memory(kib["Rss:"] / 1024, kib["Pss:"] / 1024)


def children(process: int) -> list[int]:
    """Return the processes that a process has started and that run."""
    return [one for one, (parent, _) in _processes() if parent == process]


def cpu_seconds(roots: Sequence[int]) -> float:
    """Return the CPU seconds of these processes and all below them, ended children too."""
    known = dict(_processes())
    below: dict[int, list[int]] = {}
    for process, (parent, _) in known.items():
        below.setdefault(parent, []).append(process)
    found, waiting = set(), list(roots)
    while waiting:
        process = waiting.pop()
        if process in known and process not in found:
            found.add(process)
            waiting += below.get(process, [])
    return sum(known[process][1] for process in found) / TICKS


def machine_seconds() -> float:
    """Return the CPU seconds of all processes since the machine started (proc(5): /proc/stat)."""
    first = Path("/proc/stat").read_text().splitlines()[0]
    user, nice, system, _idle, _iowait, irq, softirq = map(int, first.split()[1:8])
    return (user + nice + system + irq + softirq) / TICKS


def _processes() -> Iterator[tuple[int, tuple[int, int]]]:
    """Yield id, parent and ticks of every process (proc(5): utime, stime, cutime, cstime)."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with suppress(OSError):
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                yield int(folder.name), (int(fields[1]), sum(map(int, fields[11:15])))
