"""The portals that know the citizen, the claims that each got, and revoking their access."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.domain.authorization.release import all_in_one
from idp.domain.clients.addresses import host_of
from idp.protocol.authorize.authorization_response import with_query
from idp.services.sign_in.consent import Portal
from idp.web.account.frame import signed_in
from idp.web.forms.fields import Hidden
from idp.web.forms.page_form import PageForm

bp = Blueprint("account_portals", __name__, url_prefix="/account/portals")


class RevokeForm(PageForm):
    """The portal whose access is revoked."""

    client_id = Hidden()


@bp.get("")
def show() -> ResponseReturnValue:
    """List the portals; where there are none, the organisation's ones, to be entered."""
    session = signed_in()
    portals = deps().consent.portals(session)
    services = () if portals else deps().consent.services(session)
    return render_template(
        "account/portals.html",
        portals=portals,
        services=services,
        starts=starts_of([*portals, *services]),
        got={one.client_id: all_in_one(one.released) for one in portals},
    )


@dataclass(frozen=True, slots=True)
class Start:
    """Where a citizen enters a portal; ``host`` is the part of the address that pages show."""

    address: str
    host: str


def starts_of(portals: Sequence[Portal]) -> dict[str, Start | None]:
    """Return the start of each portal by client id; None when it has registered no address."""
    return {one.client_id: _start(one) for one in portals}


def _start(portal: Portal) -> Start | None:
    """Return the portal's ``initiate_login_uri`` (OIDC Core 4), else its ``client_uri``."""
    address = portal.client_uri
    if portal.initiate_login_uri is not None:
        issuer = deps().settings.server.issuer
        address = with_query(portal.initiate_login_uri, {"iss": issuer})
    return Start(address, host_of(address) or "") if address is not None else None


@bp.post("/revoke")
def revoke() -> ResponseReturnValue:
    """Revoke a portal's access, also pressed twice; 404 for what is no client."""
    session = signed_in()
    client_id = RevokeForm(request.form).client_id.data
    if not deps().consent.revoke(session, client_id) and not deps().consent.is_client(client_id):
        abort(404)
    return redirect(url_for("account_portals.show"), 303)
