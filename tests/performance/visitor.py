"""A browser or a portal's server, as steps: each yields a request and gets its answer.

Whoever drives the steps decides how requests travel: to a WSGI application in this process
(in_process.py), or by a socket (load.py).
"""

import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from typing import NamedTuple, TypeVar
from urllib.parse import urlencode, urljoin, urlsplit

FORM = "application/x-www-form-urlencoded"
NETWORK = "192.0.2.7"
T = TypeVar("T")


class Unexpected(Exception):
    """The provider answered what the scenario cannot go on with."""


@dataclass(frozen=True)
class Request:
    """One request; ``step`` says in a word what it is for."""

    step: str
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""

    @cached_property
    def wire(self) -> bytes:
        """The request as HTTP/1.1 spells it."""
        lines = [f"{self.method} {self.target} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + self.body


@dataclass(frozen=True)
class Pause(Request):
    """No request: whoever drives the steps goes on with an empty answer after so many seconds."""

    seconds: float = 0.0


def pause(seconds: float) -> Pause:
    """Return a wait for something that no answer tells."""
    return Pause("pause", "", "", {}, seconds=seconds)


class Answer(NamedTuple):
    """What came back; names of headers are in small letters, repeated ones are repeated."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")

    @property
    def leads_to(self) -> str:
        """The address that a browser goes on to by itself; empty for a page that stays."""
        if self.status in {302, 303}:
            return self.header("location")
        when, _, address = self.header("refresh").partition(";url=")
        return address if when == "0" else ""


Steps = Generator[Request, Answer, T]


@dataclass
class Visitor:
    """Keeps cookies by their path and follows redirects within ``origin``."""

    origin: str
    cookies: dict[tuple[str, str], str] = field(default_factory=dict)
    page: str = ""
    """The address of the page that is shown."""

    def get(self, step: str, address: str) -> Steps[Answer]:
        answer = yield self.request(step, "GET", address)
        self._keep_cookies(answer, address)
        return answer

    def submit(self, step: str, page: Answer, **typed: str) -> Steps[Answer]:
        """Send the form of the page that has a field for everything typed."""
        form = form_with(page.body.decode(), set(typed))
        address = urljoin(self.page, form.action)
        body = urlencode({**form.fields, **typed}).encode()
        answer = yield self.request(step, "POST", address, body, Origin=self.origin)
        self._keep_cookies(answer, address)
        self.page = address
        return answer

    def follow(self, step: str, answer: Answer, stop: str = "\0") -> Steps[Answer]:
        """Follow redirects to a page, or to the one that leads to ``stop``."""
        while answer.leads_to and not answer.leads_to.startswith(stop):
            self.page = urljoin(self.page, answer.leads_to)
            answer = yield from self.get(step, self.page)
        return answer

    def open(self, step: str, address: str, stop: str = "\0") -> Steps[Answer]:
        self.page = address
        answer = yield from self.get(step, address)
        return (yield from self.follow(step, answer, stop))

    def request(
        self, step: str, method: str, address: str, body: bytes = b"", **headers: str
    ) -> Request:
        parts = urlsplit(address)
        whole = {"Host": parts.netloc, "X-Forwarded-For": NETWORK, **headers}
        if cookies := self._cookies_for(parts.path):
            whole["Cookie"] = cookies
        if method == "POST":
            whole |= {"Content-Type": FORM, "Content-Length": str(len(body))}
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return Request(step, method, target, whole, body)

    def _cookies_for(self, path: str) -> str:
        return "; ".join(
            f"{name}={value}"
            for (name, below), value in self.cookies.items()
            if path == below or path.startswith(below.rstrip("/") + "/")
        )

    def _keep_cookies(self, answer: Answer, address: str) -> None:
        for line in (value for key, value in answer.headers if key == "set-cookie"):
            pair, _, attributes = line.partition(";")
            name, _, value = pair.strip().partition("=")
            below = re.search(r"path=([^;]*)", attributes, re.IGNORECASE)
            place = below[1] if below else urlsplit(address).path.rpartition("/")[0] or "/"
            self.cookies[name, place] = value
            if not value or re.search(r"max-age=0\b|01.jan.1970", attributes, re.IGNORECASE):
                del self.cookies[name, place]


class Form(HTMLParser):
    """A form of a page: where it goes, and what its fields hold."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action = action
        self.fields: dict[str, str] = {}
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag in {"input", "select", "textarea"} and "name" in has:
            self.names.add(has["name"])
            if has.get("type") == "hidden":
                self.fields[has["name"]] = has.get("value", "")


def form_with(page: str, names: set[str]) -> Form:
    """Return the form that has fields of these names. Raises Unexpected."""
    for attributes, inside in re.findall(r"<form\b([^>]*)>(.*?)</form>", page, re.DOTALL):
        action = re.search(r'action="([^"]*)"', attributes)
        form = Form(action[1].replace("&amp;", "&") if action else "")
        form.feed(inside)
        if names <= form.names:
            return form
    raise Unexpected(f"no form with {sorted(names)} on a page of {len(page)} letters")
