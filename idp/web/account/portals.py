"""The portals that know the citizen, what each got, and the way to cut one off."""

from collections.abc import Sequence

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.protocol.authorize.authorization_response import with_query
from idp.services.sign_in.consent import Portal
from idp.web.account.frame import signed_in
from idp.web.forms.fields import Hidden
from idp.web.forms.page_form import PageForm

bp = Blueprint("account_portals", __name__, url_prefix="/account/portals")


class RevokeForm(PageForm):
    """Which portal is cut off."""

    client_id = Hidden()


@bp.get("")
def show() -> ResponseReturnValue:
    """List the portals."""
    portals = deps().consent.portals(signed_in())
    starts = starts_of(portals)
    return render_template("account/portals.html", portals=portals, starts=starts)


def starts_of(portals: Sequence[Portal]) -> dict[str, str | None]:
    """Return where each portal is entered, by client id; None where it names no address."""
    return {one.client_id: _start(one) for one in portals}


def _start(portal: Portal) -> str | None:
    """Return the address at which the portal begins a sign-in here (OIDC Core 4), else its own."""
    if portal.initiate_login_uri is None:
        return portal.client_uri
    return with_query(portal.initiate_login_uri, {"iss": deps().settings.server.issuer})


@bp.post("/revoke")
def revoke() -> ResponseReturnValue:
    """Take a portal's access back; a second click finds nothing to take and is no error."""
    session = signed_in()
    client_id = RevokeForm(request.form).client_id.data
    if not deps().consent.revoke(session, client_id) and deps().consent.client(client_id) is None:
        abort(404)
    return redirect(url_for("account_portals.show"), 303)
