"""The frame of Session Management: its script tells portals whether the browser state changed.

The only page of the hub that needs JavaScript, and the only one that other origins may frame: those
of the clients that use Session Management (attack X06). Source: Session Management 1.0, 3 and 4.
"""

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.protocol.core import endpoints
from idp.web.http import security
from idp.web.http.browser_state import COOKIE

bp = Blueprint("check_session", __name__)
PAGE = """<!DOCTYPE html>
<html lang="en" data-cookie="{cookie}">
<meta charset="utf-8">
<title>check_session</title>
<script type="module" src="{script}"></script>
</html>
"""


@bp.get(endpoints.CHECK_SESSION)
def show() -> ResponseReturnValue:
    """Return the frame, the same for every browser: only its script reads the cookie."""
    script = url_for("static", filename="js/check_session.js")
    security.allow_framing(deps().provider.frame_ancestors())
    return Response(PAGE.format(cookie=COOKIE.full(), script=script), mimetype="text/html")
