"""The help page: what citizens ask who are stuck, each with its way out."""

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.web.registration.stages import carried_context

bp = Blueprint("help", __name__, url_prefix="/help")


@bp.get("")
def show() -> ResponseReturnValue:
    """Show the questions and answers for these settings; during maintenance too."""
    g.asks_no_database = deps().maintenance.now() is not None
    rules = deps().settings.registration
    return render_template(
        "help/help.html",
        email_required=rules.email_required,
        min_age=rules.min_age,
        recovery_by_code=deps().settings.recovery.sms_code,
        context={} if g.asks_no_database else carried_context(),
    )
