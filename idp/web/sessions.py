"""The hub session of the current request, and its cookie."""

from typing import cast

from flask import Response, g

from idp.deps import deps
from idp.domain.session import Session
from idp.web import browser_state, cookies


def current_session() -> Session | None:
    """Return the live session of this browser, or None; looked up once a request."""
    if "hub_session" not in g:
        g.hub_session = None  # a database that is away is not waited for twice
        token = cookies.read(cookies.SESSION)
        alive = token is not None and cookies.TOKEN.fullmatch(token)
        g.hub_session = deps().sessions.find_live(token) if alive and token else None
        browser_state.note(g.hub_session)
    return cast(Session | None, g.hub_session)


def keep(response: Response, token: str) -> None:
    """Give the browser the token of its new session; any earlier one is replaced (attack SE01)."""
    cookies.write(response, cookies.SESSION, token)
    g.pop("hub_session", None)


def drop(response: Response) -> None:
    """Take the session cookie from the browser."""
    cookies.erase(response, cookies.SESSION)
    g.pop("hub_session", None)
    browser_state.note(None)
