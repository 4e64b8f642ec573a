"""The hub session of the current request, and its cookie."""

from typing import cast

from flask import Response, g

from idp.deps import deps
from idp.domain.sign_in.session import Session
from idp.web.http import browser_state, cookies


def current_session() -> Session | None:
    """Return the live session of this browser, or None; looked up once a request.

    The lookup counts as use of the session, and so restarts its idle time.
    """
    if "hub_session" not in g:
        g.hub_session = None  # an unavailable database is not waited for twice
        token = _token()
        g.hub_session = deps().sessions.find_live(token) if token else None
        browser_state.note(g.hub_session)
    return cast(Session | None, g.hub_session)


def seen_session() -> Session | None:
    """Return the session as ``current_session``, for a portal; the lookup is no use of it.

    It also runs, and takes as long, for a browser without a session: a portal may be refused
    without a page, and must not learn whether somebody is signed in (attack R16).
    """
    if "hub_session" not in g:
        g.hub_session = None
        g.hub_session = deps().sessions.peek(_token())
        browser_state.note(g.hub_session)
    return cast(Session | None, g.hub_session)


def seen_session_if_any() -> Session | None:
    """Return the session as ``seen_session`` does, without a lookup where there is no token.

    For a browser that gets a page: who sees the login page knows that nobody is signed in.
    """
    if _tokens():
        return seen_session()
    browser_state.note(None)
    return None


def _tokens() -> tuple[str, ...]:
    return tuple(one for one in cookies.every(cookies.SESSION) if cookies.TOKEN.fullmatch(one))


def _token() -> str | None:
    """Return the session token; of several, the only one whose session is alive.

    A sibling host may have set the others. When two sessions are alive, neither counts: the hub
    cannot know which of them is this citizen's (attack X15).
    """
    tokens = _tokens()
    if len(tokens) > 1:
        tokens = deps().sessions.living(tokens, at_most=2)
    return tokens[0] if len(tokens) == 1 else None


def _end_others() -> None:
    """End all sessions whose tokens came, if several did: else the new one would not count."""
    tokens = _tokens()
    for token in deps().sessions.living(tokens) if len(tokens) > 1 else ():
        other = deps().sessions.peek(token)
        if other is not None:
            deps().sign_out.sign_out(other)


def keep(response: Response, token: str) -> None:
    """Set the session cookie to the new session's token, in place of an earlier one (SE01)."""
    _end_others()
    cookies.write(response, cookies.SESSION, token)
    g.pop("hub_session", None)


def drop(response: Response) -> None:
    """Erase the session cookie."""
    cookies.erase(response, cookies.SESSION)
    g.pop("hub_session", None)
    browser_state.note(None)
