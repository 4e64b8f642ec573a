"""The browser state, in a cookie that the frame of Session Management can read.

The session cookie cannot serve for that: it is ``HttpOnly`` and ``Lax``, and the frame lies in a
portal's page, often of another site. The browser state is a keyed digest and gives no right.
"""

import re

from flask import Response, g

from idp.deps import deps
from idp.domain.sign_in.session import Session
from idp.web.http import cookies

COOKIE = cookies.CookieName("browser_state")
_STATE = re.compile("[0-9a-f]{64}")


def note(session: Session | None) -> None:
    """Set the browser state for ``session``, or for a browser where nobody is signed in.

    In a frame of another site the browser sends no ``Lax`` cookie, so that nobody seems signed in:
    there the state that the browser sent stays.
    """
    if not deps().settings.openid.session_management:
        return
    came = _received()
    is_withheld = came is not None and not cookies.every(cookies.BROWSER)
    g.browser_state = came if is_withheld else _state_of(session)


def current() -> str:
    """Return the state that ``session_state`` is made of; empty when ``note`` has set none."""
    return str(g.get("browser_state", ""))


def _state_of(session: Session | None) -> str:
    whose = f"nobody {cookies.browser_id()}" if session is None else f"session {session.id}"
    return deps().vault.digest(whose, purpose="browser_state")


def _received() -> str | None:
    value = cookies.read(COOKIE)
    return value if value is not None and _STATE.fullmatch(value) else None


def keep(response: Response) -> Response:
    """Set the cookie when the browser state has changed (after each request)."""
    state = current()
    if state and state != _received():
        # Browsers refuse SameSite=None over http; on loopback all ports are one site.
        response.set_cookie(
            COOKIE.full(),
            state,
            path="/",
            secure=cookies.is_secure(),
            httponly=False,
            samesite="None" if cookies.is_secure() else "Lax",
        )
    return response
