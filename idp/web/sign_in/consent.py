"""The consent page, for portals that are not the organisation's own."""

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms.validators import AnyOf

from idp.deps import deps
from idp.domain.sign_in.session import Session
from idp.protocol.core.claims import CLAIMS_BY_SCOPE
from idp.services.sign_in.consent import requested_claims
from idp.web.account.frame import account_of
from idp.web.forms import flashes, whose
from idp.web.forms.fields import Hidden
from idp.web.forms.page_form import PageForm
from idp.web.http import pending, sessions
from idp.web.http.pending import PendingRequest
from idp.web.http.visitors import to_login
from idp.web.oauth import views

bp = Blueprint("consent", __name__, url_prefix="/consent")
ACCEPT, DENY = "accept", "deny"


class ConsentForm(PageForm):
    """Which button was pressed."""

    decision = Hidden(validators=[AnyOf([ACCEPT, DENY])])


@bp.get("")
def show() -> ResponseReturnValue:
    """Show the portal, and the scopes and claims that it asks for."""
    waiting = pending.find()
    if waiting is None:
        abort(400)
    session = sessions.current_session()
    if session is None:
        return to_login(waiting)
    said = {claim for scope in waiting.context.scopes for claim in CLAIMS_BY_SCOPE.get(scope, ())}
    claims = sorted(requested_claims(waiting.context) - said)
    return render_template(
        "consent/consent.html",
        waiting=waiting,
        claims=claims,
        account=account_of(session),
        is_another=flashes.told(of=session.account_id) == whose.ANOTHER,
    )


@bp.post("")
def decide() -> ResponseReturnValue:
    """Store a consent and continue, or answer the portal ``access_denied``.

    A consent on a page that was shown to another account is not stored (attack SE19).
    """
    waiting, form = pending.find(), ConsentForm(request.form)
    if waiting is None or not form.validate():
        abort(400)
    session = sessions.current_session()
    if session is None:
        return to_login(waiting)
    if form.decision.data == DENY:
        return views.deny(waiting)
    if not whose.is_of(session, form):
        return redirect(_of_another(session, waiting), 303)
    deps().consent.give(session, waiting.context, waiting.client)
    return redirect(pending.link("oauth.resume", waiting), 303)


def _of_another(session: Session, waiting: PendingRequest) -> str:
    query = {pending.FIELD: waiting.sealed}
    return flashes.leads_to("consent.show", whose.ANOTHER, of=session.account_id, **query)
