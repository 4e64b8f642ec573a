"""Who sends the current request, as the use cases know it."""

from flask import redirect, request
from flask.typing import ResponseReturnValue

from idp.services.password_tries import Visitor
from idp.services.sign_in import Attempt
from idp.web import cookies, pending, sessions
from idp.web.pending import PendingRequest


def visitor(*, has_worked: bool = False) -> Visitor:
    """Return the browser's id, its address and the device cookie that it brought."""
    return Visitor(
        browser=cookies.browser_id(),
        address=request.remote_addr or "",
        device=cookies.read(cookies.DEVICE),
        has_worked=has_worked,
    )


def attempt(waiting: PendingRequest | None, *, has_worked: bool = False) -> Attempt:
    """Return who tries to sign in, with the session that this browser has and the portal's name."""
    portal = waiting.client.name if waiting else None
    return Attempt(visitor(has_worked=has_worked), sessions.current_session(), portal)


def to_login(waiting: PendingRequest | None = None) -> ResponseReturnValue:
    """Send the browser to the login page, with the request that waits."""
    return redirect(pending.link("login.show", waiting), 303)
