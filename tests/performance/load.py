"""Drives many people's steps against a server: raw sockets, kept alive, in one thread.

The loop of ``run_for`` is closed: each person begins the next operation when the last one has
ended. That of ``run_at`` is open: operations begin when they are due, whatever the server does.
What the driver costs is not in the figures, which are CPU of the server's processes.
"""

import heapq
import os
import selectors
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import count
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit

from tests.performance.visitor import Answer, Pause, Request, Steps, Unexpected

ANSWER_WITHIN = 30.0  # seconds
T = TypeVar("T")
NOTHING = Answer(0, [], b"")


class Unanswered(Unexpected):
    """No answer came, or its line was cut."""


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


def run_at(origin: str, due: Iterable[tuple[float, Callable[[], Steps[None]]]]) -> int:
    """Begin each operation so many seconds from now; return how many have ended after all began.

    An operation that raises, or gets no answer, ends so: its steps say what became of them.
    """
    loop = _OpenLoop(origin)
    loop.run_at(due)
    return loop.operations


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
    awaits: bool = False
    """A request was sent, and its answer has not come."""
    received: bytearray = field(default_factory=bytearray)


class _Loop:
    def __init__(self, origin: str) -> None:
        parts = urlsplit(origin)
        is_tls = parts.scheme == "https"
        self._address = (parts.hostname or "", parts.port or (443 if is_tls else 80))
        self._tls = _trust(os.environ.get("SSL_CERT_FILE", "")) if is_tls else None
        self._selector = selectors.DefaultSelector()
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
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
            self._end(people)

    def _end(self, people: Iterable[_Person]) -> None:
        for person in people:
            self._close(person)
        self._selector.close()

    def _wait(self) -> None:
        ready = self._selector.select(self._until_a_timer())
        if not ready and not self._timers:
            raise Unanswered(f"no answer within {ANSWER_WITHIN} seconds")
        for key, _ in ready:
            self._receive(key.data)
        while self._timers and self._timers[0][0] <= time.perf_counter():
            heapq.heappop(self._timers)[2]()

    def _until_a_timer(self) -> float:
        if not self._timers:
            return ANSWER_WITHIN
        return max(0.0, self._timers[0][0] - time.perf_counter())

    def _at(self, moment: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._timers, (moment, next(self._numbers), act))

    def _begin(self, person: _Person) -> None:
        """Begin operations until one waits for an answer, or none is left."""
        person.steps = next(person.operations, None)
        while person.steps is not None and not self._go_on(person, None):
            self.operations += 1
            person.steps = next(person.operations, None)

    def _answered(self, person: _Person, answer: Answer) -> None:
        """Go on with the answer; where that ends the operation, begin the next."""
        if not self._go_on(person, answer):
            self.operations += 1
            self._begin(person)

    def _go_on(self, person: _Person, answer: Answer | None) -> bool:
        """Send the next request; False: the operation has ended."""
        assert person.steps is not None
        try:
            person.request = person.steps.send(answer)  # type: ignore[arg-type]  # None begins
        except StopIteration:
            return False
        if isinstance(person.request, Pause):
            after = time.perf_counter() + person.request.seconds
            self._at(after, lambda: self._answered(person, NOTHING))
        else:
            self._send(person)
        return True

    def _send(self, person: _Person) -> None:
        assert person.request is not None
        if person.connection is None:
            person.connection = self._connect()
            person.is_kept_alive = False
            self._selector.register(person.connection, selectors.EVENT_READ, person)
        person.received.clear()
        person.awaits = True
        try:
            person.connection.sendall(person.request.wire)
        except OSError:
            self._send_anew(person)

    def _connect(self) -> socket.socket:
        plain = socket.create_connection(self._address, timeout=ANSWER_WITHIN)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return (
            plain
            if self._tls is None
            else self._tls.wrap_socket(plain, server_hostname=self._address[0])
        )

    def _send_anew(self, person: _Person) -> None:
        """Send again on a new connection, after one that the server had kept long enough."""
        if not person.is_kept_alive or person.received:
            came = len(person.received)
            raise Unanswered(
                f"the connection ended {came} bytes into the answer to {_told(person)}"
            )
        self._close(person)
        self._send(person)

    def _receive(self, person: _Person) -> None:
        assert person.connection is not None
        content = _content(person.connection)
        if content is None:
            return
        if not content:
            self._hung_up(person)
            return
        person.received += content
        answer = parsed(person.received)
        if answer is None:
            return
        person.is_kept_alive, person.awaits = True, False
        self.requests += 1
        if answer.header("connection").lower() == "close":
            self._close(person)
        self._answered(person, answer)

    def _hung_up(self, person: _Person) -> None:
        """Send again where an answer is waited for; a pause needs no connection."""
        if person.awaits:
            self._send_anew(person)
        else:
            self._close(person)

    def _close(self, person: _Person) -> None:
        if person.connection is not None:
            self._selector.unregister(person.connection)
            person.connection.close()
            person.connection = None


class _OpenLoop(_Loop):
    """People come when they are due; whoever has ended lends the connection to the next."""

    def __init__(self, origin: str) -> None:
        super().__init__(origin)
        self._people: set[_Person] = set()
        self._idle: set[_Person] = set()
        self._coming = 0

    def run_at(self, due: Iterable[tuple[float, Callable[[], Steps[None]]]]) -> None:
        begun = time.perf_counter()
        for after, operation in due:
            self._coming += 1
            self._at(begun + after, partial(self._come, operation))
        try:
            while self._coming or any(person.steps for person in self._people):
                self._wait()
        finally:
            self._end(self._people)

    def _come(self, operation: Callable[[], Steps[None]]) -> None:
        self._coming -= 1
        person = self._idle.pop() if self._idle else _Person(iter(()))
        self._people.add(person)
        person.operations = iter([operation()])
        self._begin(person)

    def _begin(self, person: _Person) -> None:
        super()._begin(person)
        if person.steps is None:
            self._idle.add(person)

    def _send(self, person: _Person) -> None:
        request = person.request
        self._at(time.perf_counter() + ANSWER_WITHIN, lambda: self._give_up(person, request))
        try:
            super()._send(person)
        except OSError as error:
            self._fail(person, str(error))

    def _send_anew(self, person: _Person) -> None:
        try:
            super()._send_anew(person)
        except Unanswered as error:
            self._fail(person, str(error))

    def _give_up(self, person: _Person, request: Request | None) -> None:
        if person.awaits and person.request is request:
            self._fail(person, f"no answer within {ANSWER_WITHIN} seconds")

    def _fail(self, person: _Person, why: str) -> None:
        """Tell the operation that no answer came, which ends it."""
        self._close(person)
        person.awaits = False
        assert person.steps is not None
        with suppress(StopIteration):
            person.steps.throw(Unanswered(why))
        self.operations += 1
        self._begin(person)


def _told(person: _Person) -> str:
    """Return method and path; a query may hold a code."""
    request = person.request
    return f"{request.method} {request.target.partition('?')[0]}" if request else "nothing"


@cache
def _trust(_authority: str) -> ssl.SSLContext:
    """Return what trusts the authorities that OpenSSL finds: ``SSL_CERT_FILE`` first."""
    return ssl.create_default_context()


def _content(connection: socket.socket) -> bytes | None:
    """Return what has come, b"" after the end; None: nothing but records of TLS's own."""
    connection.settimeout(0)
    try:
        content = connection.recv(1 << 18)
        while isinstance(connection, ssl.SSLSocket) and connection.pending():
            content += connection.recv(1 << 18)
    except (ssl.SSLWantReadError, BlockingIOError):
        return None
    except OSError:
        return b""
    else:
        return content
    finally:
        connection.settimeout(ANSWER_WITHIN)


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
