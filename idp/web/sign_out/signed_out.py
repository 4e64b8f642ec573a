"""The signed-out page: its address carries its content, sealed, so that it can be reloaded.

The session has ended by then: the address alone says which portals are notified and where the
citizen goes next.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Response, make_response, render_template, request, url_for

from idp.deps import deps
from idp.domain.clients.addresses import host_of
from idp.ports import BrokenSeal
from idp.protocol.core.replies import AskReturn, Redirect
from idp.web.http import cookies, languages, pending, security

LEFT, WISH = "left", "request"
PURPOSE = "signed_out"
LIFE = timedelta(hours=1)
"""As long as the seal of a portal's request to sign out."""
GOES_ON_FOR = timedelta(seconds=15)
"""How long after sign-out the page leads on by itself; later it stays, so that Back works."""
FRAME_SECONDS = 2
"""How long the frames of portals may load before the browser is led on."""


@dataclass(frozen=True, slots=True)
class Onward:
    """Where a sign-out leads: to the portal of the sealed ``wish``, or to a page of the hub.

    ``endpoint`` names that page; ``context`` is the pending authorization request. ``was_asked``:
    the citizen signed out by a click.
    """

    wish: str = field(default="", repr=False)
    ui_locales: str = ""
    endpoint: str = ""
    context: str | None = field(default=None, repr=False)
    was_asked: bool = False


@dataclass(frozen=True, slots=True)
class _Left:
    """What the address carries: the ended session, the next page, whether the citizen was asked.

    And whether it is fresh.
    """

    session_id: str = ""
    endpoint: str = ""
    was_asked: bool = False
    is_fresh: bool = False


def address(session_id: str, onward: Onward) -> str:
    """Return the address of the signed-out page for the session that ended, if any."""
    plain = {
        "at": deps().clock().timestamp(),
        "session": session_id,
        "to": onward.endpoint,
        "asked": onward.was_asked,
    }
    sealed = deps().vault.seal(
        json.dumps(plain).encode(), purpose=PURPOSE, bound_to=cookies.browser_id()
    )
    carried: dict[str, Any] = {
        LEFT: sealed,
        WISH: onward.wish or None,
        languages.WISH: onward.ui_locales or None,
        pending.FIELD: onward.context,
    }
    return url_for("logout.done", **carried)


def page() -> Response:
    """Return the signed-out page of this address; just after sign-out it leads on by itself."""
    left = _read(request.args.get(LEFT, ""))
    portals = deps().sign_out.visited(left.session_id)
    frames = deps().provider.logout_frames(portals, left.session_id)
    for frame in frames:
        security.allow_frame(frame)
    back = _back(left)
    answer = back.response if isinstance(back, AskReturn) else back
    uri = answer.uri if answer else ""
    response = make_response(
        render_template(
            "logout/signed_out.html",
            portals=portals,
            frames=frames,
            back=uri,
            is_ours=bool(left.endpoint),
            stranger=back.client if isinstance(back, AskReturn) else None,
            is_reviewed=isinstance(back, AskReturn) and back.client.is_reviewed,
            host=host_of(uri) or urlsplit(uri).scheme,
        )
    )
    if isinstance(back, Redirect) and left.is_fresh:
        # Not a redirect: the page gives the frames FRAME_SECONDS to load, without a script.
        response.headers["Refresh"] = f"{FRAME_SECONDS if frames else 0};url={uri}"
    return response


def _back(left: _Left) -> Redirect | AskReturn | None:
    pending.peek()  # sets the page's language, by ``ui_locales``
    if left.endpoint:
        return Redirect(pending.link_to(left.endpoint, request.args.get(pending.FIELD)))
    wish = request.args.get(WISH, "")
    return deps().provider.signed_out(wish, None, was_asked=left.was_asked)


def _read(sealed: str) -> _Left:
    """Return what the address carries; nothing in another browser or after ``LIFE``."""
    try:
        plain = deps().vault.open(sealed, purpose=PURPOSE, bound_to=cookies.browser_id())
    except BrokenSeal:
        return _Left()
    told = json.loads(plain)
    age = deps().clock() - datetime.fromtimestamp(told["at"], UTC)
    if age >= LIFE:
        return _Left()
    # A process of the version before seals no "asked".
    was_asked = told.get("asked", False)
    return _Left(told["session"], told["to"], was_asked, is_fresh=age < GOES_ON_FOR)
