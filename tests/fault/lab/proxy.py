"""A proxy between the hub and a store that delays, drops and cuts, and kills whoever it serves."""

import os
import signal
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

Address = str | tuple[str, int]
"""A Unix socket, or host and port."""
_CREDENTIALS = struct.Struct("3i")
_CUT_AFTER = 3
"""Bytes of an answer that go through before the line ends."""


class Mode(Enum):
    """What happens to what is said."""

    PASS = "pass"
    SLOW = "slow"
    """Each answer comes after ``delay`` seconds."""
    HOLD = "hold"
    """Half-open: everything is taken and nothing is passed on."""
    CUT = "cut"
    """An answer begins, and the line ends."""
    REFUSE = "refuse"
    """Nobody listens."""


class Point(Enum):
    """Where in a transaction the hub's process is killed."""

    BEFORE_COMMIT = "before COMMIT reaches the database"
    AFTER_COMMIT = "after COMMIT, before its answer"


@dataclass
class Trap:
    """Kills the process behind the next COMMIT that it may kill; ``sprung`` once it has."""

    point: Point
    may_kill: Callable[[int], bool]
    sprung: threading.Event = field(default_factory=threading.Event)

    def spring(self, process: int) -> bool:
        """Kill the process, once and if it is one of those."""
        if self.sprung.is_set() or not self.may_kill(process):
            return False
        self.sprung.set()
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        return True


class FaultProxy:
    """Listens at ``at`` and passes on to ``upstream``; two threads a connection."""

    def __init__(self, at: Address, upstream: Address) -> None:
        self._at = at
        self._upstream = upstream
        self.mode = Mode.PASS
        self.delay = 0.0
        self.trap: Trap | None = None
        self._lines: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None
        self._listen()

    @property
    def address(self) -> Address:
        """Where it listens."""
        return self._at

    def set(self, mode: Mode, delay: float = 0.0) -> None:
        """Change what happens from now on; connections that were cut or held end."""
        was, self.mode, self.delay = self.mode, mode, delay
        if mode is Mode.REFUSE:
            self._deafen()
        if mode is Mode.REFUSE or was is Mode.HOLD:
            self._end_all()
        if was is Mode.REFUSE and mode is not Mode.REFUSE:
            self._listen()

    def close(self) -> None:
        """End all."""
        self._deafen()
        self._end_all()

    def _listen(self) -> None:
        if isinstance(self._at, str):
            Path(self._at).unlink(missing_ok=True)
            listener = socket.socket(socket.AF_UNIX)
        else:
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(self._at)
        listener.listen(64)
        self._at = listener.getsockname()
        self._listener = listener
        threading.Thread(target=self._accept, args=[listener], daemon=True).start()

    def _deafen(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
            listener.close()

    def _end_all(self) -> None:
        with self._lock:
            lines = list(self._lines)
        for line in lines:
            _end(line)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self._join(client)

    def _join(self, client: socket.socket) -> None:
        server = socket.socket(
            socket.AF_UNIX if isinstance(self._upstream, str) else socket.AF_INET
        )
        try:
            server.connect(self._upstream)
        except OSError:
            server.close()
            client.close()
            return
        line = _Line(client, server, _process_behind(client))
        with self._lock:
            self._lines |= {client, server}
        for pump in (self._ask, self._answer):
            threading.Thread(target=self._pump, args=[pump, line], daemon=True).start()

    def _pump(self, pump: "Callable[[_Line], None]", line: "_Line") -> None:
        with suppress(OSError):
            pump(line)
        for end in (line.client, line.server):
            _end(end)
        with self._lock:
            self._lines -= {line.client, line.server}

    def _ask(self, line: "_Line") -> None:
        while content := line.client.recv(1 << 16):
            if self.mode is Mode.HOLD:
                continue
            trap = self.trap
            if trap and b"COMMIT" in content:
                if trap.point is Point.BEFORE_COMMIT and trap.spring(line.process):
                    return
                line.commits = trap.point is Point.AFTER_COMMIT
            line.server.sendall(content)

    def _answer(self, line: "_Line") -> None:
        while content := line.server.recv(1 << 16):
            trap = self.trap
            if line.commits and trap and trap.spring(line.process):
                return
            line.commits = False
            if not self._passes(content, line):
                return

    def _passes(self, content: bytes, line: "_Line") -> bool:
        """Pass an answer on as the mode says; False ends the line."""
        match self.mode:
            case Mode.CUT:
                line.client.sendall(content[:_CUT_AFTER])
                return False
            case Mode.SLOW:
                time.sleep(self.delay)
                line.client.sendall(content)
            case Mode.PASS:
                line.client.sendall(content)
            case Mode.HOLD | Mode.REFUSE:
                pass
        return True


@dataclass(eq=False)
class _Line:
    client: socket.socket
    server: socket.socket
    process: int
    """Of the hub; 0 where the connection does not say."""
    commits: bool = False
    """A COMMIT went through and is not answered."""


def _process_behind(client: socket.socket) -> int:
    if client.family != socket.AF_UNIX:
        return 0
    said = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    process: int = _CREDENTIALS.unpack(said)[0]
    return process


def _end(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()
