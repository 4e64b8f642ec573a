"""Drives many people's steps against a server: raw sockets, kept alive, in one thread.

The loop is closed: each person begins the next operation when the last one has ended. What the
driver costs is not in the figures, which are CPU of the server's processes.
"""

import selectors
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit

from tests.performance.visitor import Answer, Request, Steps, Unexpected

ANSWER_WITHIN = 30.0  # seconds
T = TypeVar("T")


class Done(NamedTuple):
    """What a window saw."""

    operations: int
    requests: int
    seconds: float


def run(origin: str, steps: Steps[T]) -> T:
    """Do all steps at ``origin`` and return their result."""
    results: list[T] = []

    def keep() -> Steps[None]:
        results.append((yield from steps))

    _Loop(origin).run([iter([keep()])])
    return results[0]


def run_for(origin: str, seconds: float, operations: Sequence[Callable[[], Steps[None]]]) -> Done:
    """Let each person do one operation after the other; who is at one then ends it.

    Raises Unexpected for the first answer that a scenario cannot go on with.
    """
    loop, begun = _Loop(origin), time.perf_counter()
    until = begun + seconds
    loop.run([_again(operation, until) for operation in operations])
    return Done(loop.operations, loop.requests, time.perf_counter() - begun)


def _again(operation: Callable[[], Steps[None]], until: float) -> Iterator[Steps[None]]:
    while time.perf_counter() < until:
        yield operation()


@dataclass(eq=False)
class _Person:
    """Whose connection it is, and what they do now."""

    operations: Iterator[Steps[None]]
    steps: Steps[None] | None = None
    request: Request | None = None
    connection: socket.socket | None = None
    is_kept_alive: bool = False
    """The connection has carried an answer: the server may have closed it meanwhile."""
    received: bytearray = field(default_factory=bytearray)


class _Loop:
    def __init__(self, origin: str) -> None:
        parts = urlsplit(origin)
        self._address = (parts.hostname or "", parts.port or 80)
        self._selector = selectors.DefaultSelector()
        self.operations = 0
        self.requests = 0

    def run(self, each: Sequence[Iterator[Steps[None]]]) -> None:
        people = [_Person(operations) for operations in each]
        try:
            for person in people:
                self._begin(person)
            while any(person.steps for person in people):
                self._wait()
        finally:
            for person in people:
                self._close(person)
            self._selector.close()

    def _wait(self) -> None:
        ready = self._selector.select(ANSWER_WITHIN)
        if not ready:
            raise Unexpected(f"no answer within {ANSWER_WITHIN} seconds")
        for key, _ in ready:
            self._receive(key.data)

    def _begin(self, person: _Person) -> None:
        """Begin operations until one waits for an answer, or none is left."""
        person.steps = next(person.operations, None)
        while person.steps is not None and not self._go_on(person, None):
            self.operations += 1
            person.steps = next(person.operations, None)

    def _go_on(self, person: _Person, answer: Answer | None) -> bool:
        """Send the next request; False: the operation has ended."""
        assert person.steps is not None
        try:
            person.request = person.steps.send(answer)  # type: ignore[arg-type]  # None begins
        except StopIteration:
            return False
        self._send(person)
        return True

    def _send(self, person: _Person) -> None:
        assert person.request is not None
        if person.connection is None:
            person.connection = socket.create_connection(self._address, timeout=ANSWER_WITHIN)
            person.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            person.is_kept_alive = False
            self._selector.register(person.connection, selectors.EVENT_READ, person)
        person.received.clear()
        try:
            person.connection.sendall(person.request.wire)
        except OSError:
            self._send_anew(person)

    def _send_anew(self, person: _Person) -> None:
        """Send again on a new connection, after one that the server had kept long enough."""
        if not person.is_kept_alive or person.received:
            raise Unexpected("the connection ended before the answer")
        self._close(person)
        self._send(person)

    def _receive(self, person: _Person) -> None:
        assert person.connection is not None
        try:
            content = person.connection.recv(1 << 18)
        except OSError:
            content = b""
        if not content:
            self._send_anew(person)
            return
        person.received += content
        answer = parsed(person.received)
        if answer is None:
            return
        person.is_kept_alive = True
        self.requests += 1
        if answer.header("connection").lower() == "close":
            self._close(person)
        if not self._go_on(person, answer):
            self.operations += 1
            self._begin(person)

    def _close(self, person: _Person) -> None:
        if person.connection is not None:
            self._selector.unregister(person.connection)
            person.connection.close()
            person.connection = None


def parsed(received: bytearray) -> Answer | None:
    """Return the answer once it is whole; its body has a length or comes in chunks."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return None
    first, *lines = bytes(received[:end]).decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    answer = Answer(
        int(first.split(" ", 2)[1]),
        [(name.lower(), value.strip()) for name, _, value in pairs],
        b"",
    )
    body = bytes(received[end + 4 :])
    if answer.header("transfer-encoding") == "chunked":
        whole = _unchunked(body)
    else:
        length = int(answer.header("content-length") or 0)
        whole = body if len(body) >= length else None
    return None if whole is None else answer._replace(body=whole)


def _unchunked(body: bytes) -> bytes | None:
    parts: list[bytes] = []
    place = 0
    while (end := body.find(b"\r\n", place)) >= 0:
        size = int(body[place:end].split(b";")[0], 16)
        place = end + 2 + size + 2
        if len(body) < place:
            return None
        if size == 0:
            return b"".join(parts)
        parts.append(body[end + 2 : end + 2 + size])
    return None
