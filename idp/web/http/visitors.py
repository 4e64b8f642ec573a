"""The sender of the current request, as the use cases get it."""

from dataclasses import replace

from flask import redirect, request
from flask.typing import ResponseReturnValue

from idp.domain.protection.rate_limits import NO_WORK, WorkDone
from idp.domain.sign_in.origin import origin_of
from idp.services.protection.password_tries import Visitor
from idp.services.sign_in.entering import Attempt
from idp.web.http import addresses, cookies, pending, sessions
from idp.web.http.pending import PendingRequest


def visitor(work: WorkDone = NO_WORK) -> Visitor:
    """Return the browser's id, IP address, device cookie and origin, with its proof of work."""
    address = addresses.of_visitor()
    return Visitor(
        browser=cookies.browser_id(),
        address=address,
        device=" ".join(cookies.every(cookies.DEVICE)) or None,
        work=work,
        origin=origin_of(request.user_agent.string, address),
    )


def attempt(waiting: PendingRequest | None, work: WorkDone = NO_WORK, *, form: str = "") -> Attempt:
    """Return an attempt to sign in: visitor, this browser's session, the portal's name for SMS.

    ``form``: the key of the form, where the use case finds out whether it is repeated.
    """
    portal = waiting.client.sms_name if waiting else None
    sender = replace(visitor(work), form=form)
    return Attempt(sender, sessions.current_session(), portal)


def to_login(waiting: PendingRequest | None = None) -> ResponseReturnValue:
    """Redirect to the login page, with the pending request."""
    return redirect(pending.link("login.show", waiting), 303)
