"""A WSGI middleware in front of the real hub that answers portals wrongly, as a case asks it to."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from idp.protocol.core import endpoints
from idp.tester.forge import Claims, claims_of, is_readable

MakeIdToken = Callable[[Claims], str | None]
"""Returns the ID token to send in place of the one with these claims, or None to send none."""
ChangeClaims = Callable[[Claims], Claims]


@dataclass(frozen=True, slots=True, kw_only=True)
class Misbehaviour:
    """What the hub does wrong for the time of a case; by default nothing.

    ``statuses``, ``delays`` and ``silent`` are by path: an error in place of the answer, a wait
    before it, a connection that is closed without one.
    """

    id_token: MakeIdToken | None = None
    userinfo: ChangeClaims | None = None
    statuses: Mapping[str, int] = field(default_factory=dict)
    delays: Mapping[str, timedelta] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()


@dataclass(slots=True)
class Seen:
    """What the portal asked the hub for during a case."""

    paths: list[str] = field(default_factory=list)
    encrypted: bool = False
    """An answer is encrypted to the portal or is signed userinfo: the hub could not change it."""

    def asked(self, path: str) -> bool:
        """Return whether the portal asked there."""
        return path in self.paths


class HostileHub:
    """The real hub, whose answers to the portal can be changed."""

    def __init__(self, app: WSGIApplication, pause: Callable[[timedelta], None]) -> None:
        self._app = app
        self._pause = pause
        self._does = Misbehaviour()
        self.seen = Seen()
        self.issued: dict[str, Any] = {}
        """The claims of the newest ID token, as the real hub issued it."""

    @contextmanager
    def misbehaving(self, does: Misbehaviour) -> Iterator[Seen]:
        """Misbehave for a while; yields what the portal asks for meanwhile."""
        self._does, self.seen = does, Seen()
        try:
            yield self.seen
        finally:
            self._does = Misbehaviour()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as the real hub, but for what the present case changes."""
        path, does = environ["PATH_INFO"], self._does
        self.seen.paths.append(path)
        if path in does.delays:
            self._pause(does.delays[path])
        if path in does.silent:
            # wsgiref then closes the connection without an answer.
            raise ConnectionAbortedError
        if path in does.statuses:
            return _error(does.statuses[path], start_response)
        if path not in {endpoints.TOKEN, endpoints.USERINFO}:
            return self._app(environ, start_response)
        return self._changed(environ, start_response, does)

    def _changed(
        self, environ: WSGIEnvironment, start_response: StartResponse, does: Misbehaviour
    ) -> Iterable[bytes]:
        answer = _Captured(self._app, environ)
        change = self._token if environ["PATH_INFO"] == endpoints.TOKEN else self._userinfo
        return answer.send(start_response, change(answer, does))

    def _token(self, answer: "_Captured", does: Misbehaviour) -> bytes:
        document = answer.document()
        id_token = document.get("id_token", "")
        if not is_readable(id_token):
            self.seen.encrypted |= bool(id_token)
            return answer.body
        self.issued = claims_of(id_token)
        if does.id_token is None:
            return answer.body
        changed = does.id_token(self.issued)
        document = {name: value for name, value in document.items() if name != "id_token"}
        return _json(document | ({} if changed is None else {"id_token": changed}))

    def _userinfo(self, answer: "_Captured", does: Misbehaviour) -> bytes:
        claims = answer.document()
        self.seen.encrypted |= answer.is_a("jwt")
        return _json(does.userinfo(claims)) if claims and does.userinfo else answer.body


class _Captured:
    """An answer of the real hub, held back."""

    def __init__(self, app: WSGIApplication, environ: WSGIEnvironment) -> None:
        self.status, self.headers = "", list[tuple[str, str]]()
        chunks = app(environ, self._start)
        try:
            self.body = b"".join(chunks)
        finally:
            getattr(chunks, "close", lambda: None)()

    def _start(
        self, status: str, headers: list[tuple[str, str]], _error: object = None, /
    ) -> Callable[[bytes], object]:
        self.status, self.headers = status, headers
        return lambda _data: None

    def is_a(self, kind: str) -> bool:
        """Return whether it is a good answer whose media type has this word."""
        types = [value for name, value in self.headers if name.lower() == "content-type"]
        return self.status.startswith("200") and any(kind in one for one in types)

    def document(self) -> dict[str, Any]:
        """Return the JSON object of a good answer, else an empty one."""
        if not self.is_a("json"):
            return {}
        found: dict[str, Any] = json.loads(self.body)
        return found

    def send(self, start_response: StartResponse, body: bytes) -> list[bytes]:
        """Answer with this body in place of the real one."""
        kept = [pair for pair in self.headers if pair[0].lower() != "content-length"]
        start_response(self.status, [*kept, ("Content-Length", str(len(body)))])
        return [body]


def _json(document: Claims) -> bytes:
    return json.dumps(dict(document), ensure_ascii=False).encode()


def _error(status: int, start_response: StartResponse) -> list[bytes]:
    body = b'{"error": "temporarily_unavailable"}'
    length = ("Content-Length", str(len(body)))
    start_response(f"{status} Unavailable", [("Content-Type", "application/json"), length])
    return [body]
