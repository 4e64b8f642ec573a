"""The overview of the signed-in citizen's own account."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.web.account_frame import SECTIONS, account_of, signed_in

bp = Blueprint("account", __name__, url_prefix="/account")


@bp.get("")
def show() -> ResponseReturnValue:
    """Show who is signed in, masked, and the portals that know."""
    session = signed_in()
    return render_template(
        "account/account.html",
        account=account_of(session),
        portals=deps().consent.portals(session),
        notices=(),
    )


@bp.app_context_processor
def _sections() -> dict[str, object]:
    return {"account_sections": SECTIONS}
