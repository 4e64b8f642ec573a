"""The page after signing out: its address carries, sealed, what it tells, and can be loaded again.

The session is over by then: which portals are being told of its end, and where the citizen goes
next, is known from the address alone.
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
"""As long as a portal's wish to sign somebody out."""
GOES_ON_FOR = timedelta(seconds=15)
"""The page leads on by itself for so long; then it stays, and Back is no trap."""
FRAME_SECONDS = 2
"""How long the frames of portals may take before the browser goes on."""


@dataclass(frozen=True, slots=True)
class Onward:
    """Where a sign-out leads: back to the portal of a sealed ``wish``, or to a page of ours.

    ``endpoint`` is that page's, ``context`` the request that waits for it.
    """

    wish: str = field(default="", repr=False)
    ui_locales: str = ""
    endpoint: str = ""
    context: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class _Left:
    """What the address tells: whose portals hear of the end, what comes next, and how new it is."""

    session_id: str = ""
    endpoint: str = ""
    is_fresh: bool = False


def address(session_id: str, onward: Onward) -> str:
    """Return where the page stands that tells the portals of this session, if any."""
    plain = {"at": deps().clock().timestamp(), "session": session_id, "to": onward.endpoint}
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
    """Return the page of this address; just after the sign-out it leads on by itself."""
    left = _read(request.args.get(LEFT, ""))
    portals = deps().sign_out.visited(left.session_id)
    frames = deps().provider.logout_frames(portals, left.session_id)
    for frame in frames:
        security.allow_frame(frame)
    back = _back(left.endpoint)
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
            host=host_of(uri) or urlsplit(uri).scheme,
        )
    )
    if isinstance(back, Redirect) and left.is_fresh:
        # A page, and not a redirect at once: the frames are given a moment, without a script.
        response.headers["Refresh"] = f"{FRAME_SECONDS if frames else 0};url={uri}"
    return response


def _back(endpoint: str) -> Redirect | AskReturn | None:
    pending.peek()  # for the language that the portal wishes
    if endpoint:
        return Redirect(pending.link_to(endpoint, request.args.get(pending.FIELD)))
    return deps().provider.signed_out(request.args.get(WISH, ""), None)


def _read(sealed: str) -> _Left:
    """Return what the address tells; nothing in another browser, or when it is too old."""
    try:
        plain = deps().vault.open(sealed, purpose=PURPOSE, bound_to=cookies.browser_id())
    except BrokenSeal:
        return _Left()
    told = json.loads(plain)
    age = deps().clock() - datetime.fromtimestamp(told["at"], UTC)
    return _Left(told["session"], told["to"], is_fresh=age < GOES_ON_FOR) if age < LIFE else _Left()
