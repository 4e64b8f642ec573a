"""A citizen's browser over plain HTTP: cookies and redirects, no scripts."""

import copy
from collections.abc import Collection, Mapping, Sequence
from email.message import Message
from html import escape
from http.client import HTTPException
from http.cookiejar import Cookie as StoredCookie
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import (
    HTTPCookieProcessor,
    HTTPRedirectHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    build_opener,
)

from idp.tester.addresses import absolute, origin
from idp.tester.api import Answer
from idp.tester.browser import Cookie, Page, PortalAway

MOST_REDIRECTS = 12
LARGEST_PAGE = 2_000_000
REDIRECTS = frozenset({301, 302, 303, 307, 308})
KEEPS_METHOD = frozenset({307, 308})
HEADERS = {
    "User-Agent": "Mozilla/5.0 (portal acceptance tester)",
    "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    "Accept-Language": "fa,en;q=0.5",
}


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_arguments: object) -> None:
        """Follow no redirect: the browser does, and stops where it leaves the portal."""


class HttpBrowser:
    """Opens pages of some origins and stops at the first address of another."""

    def __init__(self, origins: Collection[str], patience: float) -> None:
        """``patience``: seconds that an answer may take."""
        self._origins = frozenset(origins)
        self._patience = patience
        # Browsers take loopback for secure, and send it cookies that are `Secure`.
        secure = DefaultCookiePolicy(secure_protocols=("https", "http"))
        self._jar = CookieJar(secure)
        self._opener = self._new_opener()

    def _new_opener(self) -> OpenerDirector:
        # No proxy: what is asked for is on this machine or the developer's.
        return build_opener(ProxyHandler({}), _Stay, HTTPCookieProcessor(self._jar))

    def open(self, address: str) -> Page:
        """Return where the browser arrives. Raises PortalAway."""
        return self._go(address, None)

    def post(self, address: str, fields: Mapping[str, str]) -> Page:
        """Send a form and return where the browser arrives. Raises PortalAway."""
        return self._go(address, urlencode(fields).encode())

    def press(self, words: Sequence[str]) -> Page | None:
        """Return None: links are opened by their addresses, and no script runs."""

    def fork(self) -> "HttpBrowser":
        """Return another browser with the same cookies."""
        other = HttpBrowser(self._origins, self._patience)
        for cookie in self._jar:
            other._jar.set_cookie(copy.copy(cookie))
        return other

    def cookies(self) -> Sequence[Cookie]:
        """Return the portal's cookies."""
        return [
            Cookie(
                one.name, one.value or "", _has(one, "httponly"), one.secure, _of(one, "samesite")
            )
            for one in self._jar
        ]

    def forget(self, name: str) -> None:
        """Delete the cookies of this name."""
        for cookie in list(self._jar):
            if cookie.name == name:
                self._jar.clear(cookie.domain, cookie.path, cookie.name)

    def _go(self, address: str, data: bytes | None) -> Page:
        for _ in range(MOST_REDIRECTS):
            if origin(address) not in self._origins:
                return Page(address=address, status=0, left=True)
            status, headers, body = self._send(address, data)
            onward = _onward(status, headers)
            if onward is None:
                return Page(address=address, status=status, text=_shown(headers, body))
            address = absolute(onward, address)
            data = data if status in KEEPS_METHOD else None
        return Page(address=address, status=310, text="")

    def _send(self, address: str, data: bytes | None) -> tuple[int, Message, bytes]:
        request = Request(address.partition("#")[0], data=data, headers=HEADERS)  # noqa: S310 (http or https by `origin`)
        try:
            with self._opener.open(request, timeout=self._patience) as answer:
                return answer.status, answer.headers, answer.read(LARGEST_PAGE)
        except HTTPError as error:
            with error:
                return error.code, error.headers, error.read(LARGEST_PAGE)
        except (OSError, HTTPException) as error:
            raise PortalAway(f"{urlsplit(address).netloc}: {error}") from error


def ask_with(patience: float, address: str, token: str | None) -> Answer:
    """Return an API's answer to a GET with the token, or without one. Raises PortalAway."""
    bearer = {"Authorization": f"Bearer {token}"} if token is not None else {}
    request = Request(address, headers=HEADERS | {"Accept": "application/json"} | bearer)  # noqa: S310 (the developer's own)
    try:
        with build_opener(ProxyHandler({}), _Stay).open(request, timeout=patience) as answer:
            return Answer(answer.status, "")
    except HTTPError as error:
        with error:
            return Answer(error.code, error.headers.get("WWW-Authenticate", ""))
    except (OSError, HTTPException) as error:
        raise PortalAway(f"{urlsplit(address).netloc}: {error}") from error


def _shown(headers: Message, body: bytes) -> str:
    """Return the page as HTML; browsers show other kinds of text as text, and run nothing in it."""
    text = body.decode("utf-8", "replace")
    return text if "html" in headers.get("Content-Type", "html") else escape(text)


def _onward(status: int, headers: Message) -> str | None:
    """Return where the answer leads: by ``Location``, or by ``Refresh`` at once."""
    if status in REDIRECTS:
        return headers.get("Location")
    at_once, _, onward = headers.get("Refresh", "").partition(";url=")
    return onward if at_once.strip() == "0" and onward else None


def _of(cookie: StoredCookie, name: str) -> str:
    """Return an attribute that ``http.cookiejar`` does not know, whatever its capitals."""
    spellings = {"samesite": ("SameSite", "samesite", "Samesite"), "httponly": ("HttpOnly",)}
    found = [cookie.get_nonstandard_attr(one) for one in spellings[name]]
    return next((one for one in found if one), "")


def _has(cookie: StoredCookie, name: str) -> bool:
    spellings = {"httponly": ("HttpOnly", "httponly", "Httponly", "HTTPOnly")}
    return any(cookie.has_nonstandard_attr(one) for one in spellings[name])
