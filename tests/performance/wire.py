"""Counts what the hub says to PostgreSQL and Redis, on the wire.

The hub's drivers talk to a proxy that passes every byte on and reads along: it counts the same
whichever layer sends a statement, and notices a layer that goes past another.
"""

import re
import selectors
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

SETTLED_WITHIN = 2.0
"""Seconds; what is sent without waiting for an answer is answered meanwhile."""
_CONTROL = re.compile(rb"(BEGIN|START TRANSACTION|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b")
_WRITES = re.compile(
    rb"\b(INSERT|UPDATE|DELETE|MERGE|TRUNCATE|FOR (NO KEY |KEY )?(UPDATE|SHARE))\b", re.IGNORECASE
)
"""Row locks too: they get a transaction id, and the commit goes to the log."""


Address = str | tuple[str, int]
"""A Unix socket, or host and port."""
A = TypeVar("A", str, tuple[str, int])


class Reader(Protocol):
    """Reads one connection along."""

    def sent(self, content: bytes) -> None:
        """Read what the client sent."""

    def answered(self, content: bytes) -> None:
        """Read what the server answered."""


@dataclass
class PostgresTally:
    """What was said to PostgreSQL since the last ``reset``."""

    statements: int = 0
    """Executed, without BEGIN, COMMIT and their like."""
    reading: int = 0
    writing: int = 0
    """Transactions that were ended; a look outside of one is none."""

    def reader(self) -> Reader:
        return _PostgresReader(self)


@dataclass
class RedisTally:
    """Nothing but the round trips is counted."""

    def reader(self) -> Reader:
        return _Silent()


class _Silent:
    def sent(self, content: bytes) -> None:
        pass

    def answered(self, content: bytes) -> None:
        pass


@dataclass
class _PostgresReader:
    """Reads protocol 3.0: simple and extended queries, prepared statements, pipelines.

    Source: PostgreSQL documentation, "Message Formats".
    """

    tally: PostgresTally
    _from_client: bytearray = field(default_factory=bytearray)
    _from_server: bytearray = field(default_factory=bytearray)
    _has_started: bool = False
    _prepared: dict[bytes, bytes] = field(default_factory=dict)
    _portals: dict[bytes, bytes] = field(default_factory=dict)
    _texts: list[bytes] = field(default_factory=list)
    """Of the transaction that is open."""

    def sent(self, content: bytes) -> None:
        self._from_client += content
        if not self._has_started:
            self._has_started = _take(self._from_client, header=4) is not None
        while self._has_started and (message := _take(self._from_client, header=5)):
            self._read_request(*message)

    def answered(self, content: bytes) -> None:
        self._from_server += content
        while message := _take(self._from_server, header=5):
            self._read_answer(*message)

    def _read_request(self, kind: bytes, body: bytes) -> None:
        words = body.split(b"\0", 2)
        match kind:
            case b"Q":
                self._texts.append(words[0])
            case b"P":
                self._prepared[words[0]] = words[1]
            case b"B":
                self._portals[words[0]] = self._prepared.get(words[1], b"")
            case b"E":
                self._texts.append(self._portals.get(words[0], b""))

    def _read_answer(self, kind: bytes, body: bytes) -> None:
        match kind:
            case b"C" if not (_CONTROL.match(body) or self._commits()):
                self.tally.statements += 1
            case b"E" if self._texts:  # a statement that failed
                self.tally.statements += 1
            case b"Z" if body == b"I" and self._texts:
                self._transaction_ended()

    def _commits(self) -> bool:
        """Return whether the last message is a commit, which may bring its wait for the disk."""
        return bool(self._texts) and self._texts[-1].startswith(b"COMMIT")

    def _transaction_ended(self) -> None:
        if any(_WRITES.search(text) for text in self._texts):
            self.tally.writing += 1
        elif len(self._texts) > 1:  # a look without BEGIN is no transaction
            self.tally.reading += 1
        self._texts.clear()


def _take(buffer: bytearray, *, header: int) -> tuple[bytes, bytes] | None:
    """Take the first whole message, as its kind and its body; the first of all has no kind."""
    if len(buffer) < header:
        return None
    (length,) = struct.unpack_from("!I", buffer, header - 4)
    end = header - 4 + length
    if len(buffer) < end:
        return None
    message = bytes(buffer[: header - 4]), bytes(buffer[header:end])
    del buffer[:end]
    return message


@dataclass(eq=False)
class _Line:
    client: socket.socket
    server: socket.socket
    reader: Reader
    waits: bool = False
    """The client spoke last."""


@dataclass
class Proxy:
    """Passes connections on, in one thread of its own, and counts round trips."""

    upstream: Address
    tally: PostgresTally | RedisTally
    round_trips: int = 0
    _lines: list[_Line] = field(default_factory=list)
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    @contextmanager
    def listening(self, at: A) -> Iterator[A]:
        """Listen there while the block runs, and yield the address."""
        over, wake = socket.socketpair()
        with over, wake, _socket(at) as listener:
            listener.bind(at)
            listener.listen()
            self._selector.register(listener, selectors.EVENT_READ, self._accept)
            self._selector.register(over, selectors.EVENT_READ, None)
            thread = threading.Thread(target=self._run, name="proxy")
            thread.start()
            try:
                yield listener.getsockname()
            finally:
                wake.send(b".")
                thread.join()

    def settle(self) -> None:
        """Wait until everything that was sent is answered."""
        until = time.monotonic() + SETTLED_WITHIN
        while any(line.waits for line in list(self._lines)) and time.monotonic() < until:
            time.sleep(0.001)

    def _run(self) -> None:
        with ExitStack() as stack:
            stack.callback(self._selector.close)
            stack.callback(self._end_all)
            while True:
                for key, _ in self._selector.select():
                    if key.data is None:
                        return
                    key.data(key.fileobj)

    def _accept(self, listener: socket.socket) -> None:
        client, _ = listener.accept()
        server = _socket(self.upstream)
        server.connect(self.upstream)
        line = _Line(client, server, self.tally.reader())
        self._lines.append(line)
        self._selector.register(client, selectors.EVENT_READ, lambda _: self._request(line))
        self._selector.register(server, selectors.EVENT_READ, lambda _: self._answer(line))

    def _request(self, line: _Line) -> None:
        content = _received(line.client)
        if not content:
            self._end(line)
            return
        self.round_trips += not line.waits
        line.waits = True
        line.reader.sent(content)
        line.server.sendall(content)

    def _answer(self, line: _Line) -> None:
        content = _received(line.server)
        if not content:
            self._end(line)
            return
        line.reader.answered(content)
        line.waits = False
        line.client.sendall(content)

    def _end_all(self) -> None:
        for line in list(self._lines):
            self._end(line)

    def _end(self, line: _Line) -> None:
        if line not in self._lines:  # both ends closed at once
            return
        self._lines.remove(line)
        for end in (line.client, line.server):
            self._selector.unregister(end)
            end.close()


def _received(end: socket.socket) -> bytes:
    try:
        return end.recv(1 << 16)
    except OSError:
        return b""


def _socket(address: Address) -> socket.socket:
    if isinstance(address, str):
        return socket.socket(socket.AF_UNIX)
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return made


def postgres_socket(folder: str | Path) -> str:
    """Return the path of PostgreSQL's socket in the folder that a URL names as its host."""
    return str(Path(folder) / ".s.PGSQL.5432")
