"""One HTTP exchange under one deadline: name look-up, handshake, sending and every byte read.

The time-outs of HTTP clients start again with each byte that arrives: a server that sends one byte
every four seconds holds its caller for hours. Here, the time-out of each read is what is left of
the deadline. Redirects, proxies, cookies and compressed bodies are not supported.
"""

import io
import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from idp.domain.wire import trimmed
from idp.telemetry import spans

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

DEFAULT_PORTS = {"https": 443, "http": 80}
LOWEST_PRINTABLE = "!"

NEVER_SENT = frozenset({"bad_url", "unresolved", "unreachable", "tls"})

Resolve = Callable[[str, int], Sequence[str]]
"""Returns the addresses of a host name as text; raises OSError."""


class ExchangeFailed(Exception):
    """No complete answer arrived; ``code`` is the reason, without content of request or answer.

    With a code of ``NEVER_SENT`` the server cannot have received the request.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Address:
    """Where to connect, and the host name and target to request."""

    scheme: str
    host: str
    port: int
    target: str = field(repr=False)

    @classmethod
    def parse(cls, url: str) -> "Address":
        """Return the parts of an http or https ``url``.

        Raises:
            ExchangeFailed: ``bad_url`` for blanks, control or non-ASCII characters, a backslash,
                user names, a fragment, another scheme or an impossible port: parsers disagree
                about these, and every disagreement is a way around a check.
        """
        parts = _split(url)
        if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
            raise ExchangeFailed("bad_url")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(parts.scheme, parts.hostname, parts.port or DEFAULT_PORTS[parts.scheme], target)

    @property
    def host_header(self) -> str:
        """The ``Host`` header, with the port unless it is the scheme's default (RFC 9110, 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def _split(url: str) -> SplitResult:
    if not url.isascii() or "\\" in url or any(c < LOWEST_PRINTABLE or c == "\x7f" for c in url):
        raise ExchangeFailed("bad_url")
    try:
        parts = urlsplit(url)
        odd = "@" in parts.netloc or "#" in url or parts.port == 0
    except ValueError as error:
        raise ExchangeFailed("bad_url") from error
    if odd:
        raise ExchangeFailed("bad_url")
    return parts


@dataclass(frozen=True, slots=True)
class Request:
    """A request; ``Host``, ``Content-Length`` and ``Accept-Encoding`` are added.

    ``only_status``: the answer's body is not read.
    """

    method: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    only_status: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer. ``media_type`` is lower case, without parameters."""

    status: int
    media_type: str
    body: bytes = field(repr=False)


class Deadline:
    """The time by which an exchange must have ended."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """The deadline is ``seconds`` from now on a monotonic ``clock``."""
        self._clock = clock
        self._end = clock() + seconds

    def left(self) -> float:
        """Return the seconds left, more than 0. Raises TimeoutError when none are."""
        left = self._end - self._clock()
        if left <= 0:
            raise TimeoutError
        return left


@cache
def default_tls() -> ssl.SSLContext:
    """Return a context with the system's trust store; cached, because loading it takes time."""
    return ssl.create_default_context()


def system_resolve(host: str, port: int) -> list[str]:
    """Return the addresses of ``host`` in the system's order of preference. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """Sends a request and returns the complete answer, or raises ExchangeFailed.

    ``choose`` gets the addresses of the host and returns the one to connect to; it may refuse by
    raising. The name is resolved once, so the checked address is the one connected to.
    """

    seconds: float
    longest_body: int
    choose: Callable[[Address, Sequence[str]], str] = lambda _address, found: found[0]
    resolve: Resolve = system_resolve
    tls: ssl.SSLContext | None = None
    """Replaces the system's trust store, which is loaded for the first server with TLS only."""
    loopback_tls: ssl.SSLContext | None = None
    """Replaces ``tls`` for servers on this machine."""

    def __call__(self, url: str, request: Request) -> Reply:
        """Return the answer of ``url``, whatever its status.

        Raises:
            ExchangeFailed: ``bad_url``, ``unresolved``, ``unreachable``, ``timeout``, ``tls``,
                ``network``, ``protocol``, ``too_large`` or ``encoded``.
        """
        address = Address.parse(url)
        told = {"http.request.method": request.method, "server.address": address.host}
        with spans.span(request.method, "client", told) as span:
            reply = self._answer(address, request)
            span.note("http.response.status_code", reply.status)
            return reply

    def _answer(self, address: Address, request: Request) -> Reply:
        try:
            return self._exchange(address, request, Deadline(self.seconds))
        except TimeoutError as error:
            raise ExchangeFailed("timeout") from error
        except OSError as error:
            raise ExchangeFailed("network") from error
        except (HTTPException, ValueError) as error:
            raise ExchangeFailed("protocol") from error

    def _exchange(self, address: Address, request: Request, deadline: Deadline) -> Reply:
        found = _within(deadline, lambda: self.resolve(address.host, address.port))
        if not found:
            raise ExchangeFailed("unresolved")
        connection = HTTPConnection(address.host, address.port)
        with self._connected(address, self.choose(address, found), deadline) as line:
            connection.sock = _DeadlineSocket(line, deadline)
            return self._talk(connection, address, request)

    def _connected(self, address: Address, chosen: str, deadline: Deadline) -> socket.socket:
        try:
            line = socket.create_connection((chosen, address.port), timeout=deadline.left())
        except OSError as error:
            raise ExchangeFailed("unreachable") from error
        if address.scheme == "http":
            return line
        try:
            line.settimeout(deadline.left())
            return self._tls_for(chosen).wrap_socket(line, server_hostname=address.host)
        except (OSError, ValueError) as error:
            line.close()
            raise ExchangeFailed("tls") from error

    def _tls_for(self, chosen: str) -> ssl.SSLContext:
        return (is_loopback(chosen) and self.loopback_tls) or self.tls or default_tls()

    def _talk(self, connection: HTTPConnection, address: Address, request: Request) -> Reply:
        headers = {
            "Host": address.host_header,
            "Accept-Encoding": "identity",
            "Connection": "close",
            **request.headers,
        }
        connection.request(request.method, address.target, request.body, headers)
        with connection.getresponse() as answer:
            body = b"" if request.only_status else self._body(answer)
            media_type = trimmed(answer.getheader("Content-Type", "").partition(";")[0]).lower()
            return Reply(answer.status, media_type, body)

    def _body(self, answer: HTTPResponse) -> bytes:
        if trimmed(answer.getheader("Content-Encoding", "identity")).lower() != "identity":
            raise ExchangeFailed("encoded")
        if (answer.length or 0) > self.longest_body:
            raise ExchangeFailed("too_large")
        body = answer.read(self.longest_body + 1)
        if len(body) > self.longest_body:
            raise ExchangeFailed("too_large")
        # http.client's read(n) returns a cut body without an error; ``length`` has what is missing.
        if answer.length:
            raise ExchangeFailed("network")
        return body


def is_loopback(text: str) -> bool:
    """Return whether ``text`` is a loopback address."""
    try:
        return ipaddress.ip_address(text).is_loopback
    except ValueError:
        return False


def any_certificate() -> ssl.SSLContext:
    """Return a context that accepts every certificate: for suites on this machine only."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _within(deadline: Deadline, look_up: Callable[[], Sequence[str]]) -> Sequence[str]:
    """Look up within the deadline, in a thread: getaddrinfo(3) itself takes no time-out."""
    results: queue.SimpleQueue[Sequence[str] | OSError] = queue.SimpleQueue()

    def run() -> None:
        try:
            results.put(look_up())
        except (OSError, UnicodeError):
            results.put(OSError("unresolved"))

    threading.Thread(target=run, daemon=True, name="resolve").start()
    try:
        result = results.get(timeout=deadline.left())
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(result, OSError):
        raise ExchangeFailed("unresolved")
    return result


class _DeadlineSocket:
    """The part of a socket that http.client uses; each operation ends by the deadline."""

    def __init__(self, line: socket.socket, deadline: Deadline) -> None:
        self._line = line
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        self._line.settimeout(self._deadline.left())
        self._line.sendall(data)

    def makefile(self, *_: object) -> io.BufferedReader:
        return io.BufferedReader(_DeadlineReader(self._line, self._deadline))

    def close(self) -> None:
        """Do nothing: the socket's own ``with`` block closes it."""


class _DeadlineReader(io.RawIOBase):
    def __init__(self, line: socket.socket, deadline: Deadline) -> None:
        self._line = line
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        self._line.settimeout(self._deadline.left())
        return self._line.recv_into(buffer)
