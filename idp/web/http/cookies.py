"""Cookies: ``__Host-`` names, host only, Lax.

Over http on loopback (development) the prefix is ``hub_``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import cast
from urllib.parse import urlsplit

from flask import Response, g, request

from idp.deps import deps
from idp.domain.wire import BLANKS, LARGEST_HEADER_LINE, trimmed

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_HOST_PREFIX = "__Host-"


@dataclass(frozen=True, slots=True)
class CookieName:
    """One cookie of the hub."""

    bare: str

    def full(self) -> str:
        """Return the name as browsers see it."""
        return f"{_HOST_PREFIX}{self.bare}" if is_secure() else f"hub_{self.bare}"


BROWSER = CookieName("browser")
SESSION = CookieName("session")
DEVICE = CookieName("device")
LANGUAGE = CookieName("language")
COPY = CookieName("copy")
OWN = (BROWSER, SESSION, DEVICE, LANGUAGE, COPY)
MOST_STEPS = 4
"""Path segments for which ``sweep`` erases cookies; no page of the hub has more."""
DIGITS = frozenset("0123456789")
LANGUAGE_LIFE = timedelta(days=365)


def is_secure() -> bool:
    """Return whether the issuer is https; cookies are then ``Secure`` and carry the prefix."""
    return deps().settings.server.issuer.startswith("https:")


def every(name: CookieName) -> tuple[str, ...]:
    """Return the distinct values of the cookie, in the order of the request.

    Browsers that do not know ``__Host-`` let a sibling host set a cookie of the same name: callers
    must find out which is the hub's, and may neither take a foreign one nor refuse all because of
    one (attack X15). Cookies of longer paths come first, so the hub's may be the last of as many as
    a header line holds, some hundreds. Names are compared byte for byte (attacks X10, X14).

    Source: RFC 6265 4.2.1 and 5.4; blanks: ``wire``.
    """
    return tuple(dict.fromkeys(_received().get(name.full(), ())))


def read(name: CookieName) -> str | None:
    """Return the cookie's value; None when it is absent or came with different values."""
    values = every(name)
    return values[0] if len(values) == 1 else None


def _received() -> Mapping[str, Sequence[str]]:
    """Return all values by cookie name, in the order of the request; parsed once a request."""
    if "received_cookies" not in g:
        g.received_cookies = _parsed(request.headers.get("Cookie", "")[:LARGEST_HEADER_LINE])
    return cast(Mapping[str, Sequence[str]], g.received_cookies)


def _parsed(header: str) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for one in header.split(";"):
        name, is_set, value = one.lstrip(BLANKS).partition("=")
        if is_set:
            found.setdefault(name, []).append(trimmed(value))
    return found


def write(
    response: Response, name: CookieName, value: str, *, max_age: timedelta | None = None
) -> None:
    """Set the cookie for this host only; without ``max_age`` it ends with the browser."""
    response.set_cookie(
        name.full(),
        value,
        max_age=max_age,
        path="/",
        secure=is_secure(),
        httponly=True,
        samesite="Lax",
    )


def keep_device(response: Response, value: str) -> None:
    """Set the device cookie to its next value, for ``signin.device_days``."""
    days = timedelta(days=deps().settings.signin.device_days)
    write(response, DEVICE, value, max_age=days)


def erase(response: Response, name: CookieName) -> None:
    """Remove the cookie."""
    response.delete_cookie(name.full(), path="/", secure=is_secure(), httponly=True, samesite="Lax")


def browser_ids() -> tuple[str, ...]:
    """Return the browser ids of the request; more than one when a sibling host has set some."""
    return tuple(one for one in every(BROWSER) if TOKEN.fullmatch(one))


def settle_browser(browser: str) -> None:
    """Note which of ``browser_ids`` is the hub's: the form's token or the sealed request fits."""
    g.browser_id = browser


def browser_id() -> str:
    """Return the id that binds this browser to its forms and flows; made when it has none yet."""
    if "browser_id" not in g:
        known = browser_ids()
        g.browser_is_new = not known
        g.browser_id = known[0] if known else deps().randomness.token()
    return str(g.browser_id)


def keep_browser_id(response: Response) -> Response:
    """Set the browser cookie when its id is new (after each request)."""
    if g.get("browser_is_new"):
        write(response, BROWSER, g.browser_id)
    return response


def sweep(response: Response) -> Response:
    """Erase a sibling host's cookies when one of the hub's names came twice (after each request).

    The hub's cookies are for its host alone. A sibling's are for a parent domain, and for a path
    above this page: else the browser would not have sent them.
    """
    received = _received()
    twice = [name for name in OWN if len(received.get(name.full(), ())) > 1] if received else ()
    for name in twice:
        for domain in _domains_above():
            for path in _paths_to(request.path):
                response.delete_cookie(name.full(), path=path, domain=domain, secure=is_secure())
    return response


def _domains_above() -> list[str]:
    """Return the parent domains of the issuer's host that a browser may keep cookies for."""
    host = urlsplit(deps().settings.server.issuer).hostname or ""
    labels = host.split(".")
    if ":" in host or (labels[-1].isascii() and labels[-1][-1:] in DIGITS):
        return []  # an IP address has no parent domain
    return [".".join(labels[at:]) for at in range(1, len(labels) - 1)]


def _paths_to(path: str) -> list[str]:
    parts = path.split("/")[1 : MOST_STEPS + 1]
    below = ["/" + "/".join(parts[: at + 1]) for at in range(len(parts)) if parts[at]]
    return ["/", *below, *(f"{one}/" for one in below if f"{one}/" in path)]
