"""The browser's state at the hub, in a cookie that the frame of Session Management can read.

It stands in for the session's cookie, which is ``HttpOnly`` and ``Lax``: the frame lies in a
portal's page, often of another site. It gives no right: a keyed digest that tells nothing.
"""

import re

from flask import Response, g

from idp.deps import deps
from idp.domain.sign_in.session import Session
from idp.web.http import cookies

COOKIE = cookies.CookieName("browser_state")
_STATE = re.compile("[0-9a-f]{64}")


def note(session: Session | None) -> None:
    """Note who is signed in from now on: the state changes with the session, and back to nobody's.

    Not in a frame of another site, where ``Lax`` cookies stay at home and everybody looks like
    nobody: the state that came along stays.
    """
    if not deps().settings.openid.session_management:
        return
    came = _received()
    is_withheld = came is not None and not cookies.every(cookies.BROWSER)
    g.browser_state = came if is_withheld else _state_of(session)


def current() -> str:
    """Return the state that ``session_state`` is made of; empty while nobody was looked for."""
    return str(g.get("browser_state", ""))


def _state_of(session: Session | None) -> str:
    whose = f"nobody {cookies.browser_id()}" if session is None else f"session {session.id}"
    return deps().vault.digest(whose, purpose="browser_state")


def _received() -> str | None:
    value = cookies.read(COOKIE)
    return value if value is not None and _STATE.fullmatch(value) else None


def keep(response: Response) -> Response:
    """Send the browser its state when it is another now (after each request)."""
    state = current()
    if state and state != _received():
        # Over http on loopback browsers take no SameSite=None; other ports are the same site there.
        response.set_cookie(
            COOKIE.full(),
            state,
            path="/",
            secure=cookies.is_secure(),
            httponly=False,
            samesite="None" if cookies.is_secure() else "Lax",
        )
    return response
