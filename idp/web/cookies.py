"""Cookies: ``__Host-`` names, host only, Lax.

Over http on loopback (development) the prefix drops.
"""

import re
from dataclasses import dataclass
from datetime import timedelta

from flask import Response, g, request

from idp.deps import deps

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
LANGUAGE_LIFE = timedelta(days=365)


def is_secure() -> bool:
    """Tell whether the issuer is https; cookies are then ``Secure`` and carry the prefix."""
    return deps().settings.server.issuer.startswith("https:")


def read(name: CookieName) -> str | None:
    """Return the cookie's value; None when it is absent or was sent twice (attack X10)."""
    values = re.findall(
        rf"(?:^|;)\s*{re.escape(name.full())}=([^;]*)", request.headers.get("Cookie", "")
    )
    return values[0] if len(values) == 1 else None


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


def erase(response: Response, name: CookieName) -> None:
    """Remove the cookie."""
    response.delete_cookie(name.full(), path="/", secure=is_secure(), httponly=True, samesite="Lax")


def browser_id() -> str:
    """Return the id that binds this browser to its forms and flows; made when it has none yet."""
    if "browser_id" not in g:
        known = read(BROWSER)
        g.browser_is_new = known is None or not TOKEN.fullmatch(known)
        g.browser_id = deps().chance.token() if g.browser_is_new else known
    return str(g.browser_id)


def keep_browser_id(response: Response) -> Response:
    """Send the browser its new id (after each request)."""
    if g.get("browser_is_new"):
        write(response, BROWSER, g.browser_id)
    return response
