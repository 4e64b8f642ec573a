"""The hub session of the current request, and its cookie."""

from typing import cast

from flask import Response, g

from idp.deps import deps
from idp.domain.session import Session
from idp.web import browser_state, cookies


def current_session() -> Session | None:
    """Return the live session of this browser, or None; looked up once a request.

    Looking is a use of it: it does not fall idle meanwhile.
    """
    if "hub_session" not in g:
        g.hub_session = None  # a database that is away is not waited for twice
        token = _token()
        g.hub_session = deps().sessions.find_live(token) if token else None
        browser_state.note(g.hub_session)
    return cast(Session | None, g.hub_session)


def seen_session() -> Session | None:
    """Return the session as ``current_session``, for a portal that may be refused silently.

    It is no use of the session yet, and costs the same where there is none (attack R16).
    """
    if "hub_session" not in g:
        g.hub_session = None
        g.hub_session = deps().sessions.peek(_token())
        browser_state.note(g.hub_session)
    return cast(Session | None, g.hub_session)


def _token() -> str | None:
    token = cookies.read(cookies.SESSION)
    return token if token is not None and cookies.TOKEN.fullmatch(token) else None


def keep(response: Response, token: str) -> None:
    """Give the browser the token of its new session; any earlier one is replaced (attack SE01)."""
    cookies.write(response, cookies.SESSION, token)
    g.pop("hub_session", None)


def drop(response: Response) -> None:
    """Take the session cookie from the browser."""
    cookies.erase(response, cookies.SESSION)
    g.pop("hub_session", None)
    browser_state.note(None)
