"""The change of the own mobile: a code to the old number, one to the new, then the registry."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.domain.mobile import Mobile
from idp.domain.session import Session
from idp.services.change_mobile import Asked, MobileRefused, Step
from idp.web import messages
from idp.web.account_frame import account_of, fresh, signed_in
from idp.web.forms import Submitted
from idp.web.languages import gettext
from idp.web.visitors import visitor

bp = Blueprint("account_mobile", __name__, url_prefix="/account/mobile")

FLOW = "flow"
LONGEST_FLOW = 2000


@bp.get("")
def show() -> ResponseReturnValue:
    """Ask for the new number, or say what became of the last change."""
    return page(fresh("mobile"), Submitted())


@bp.get("/<any(code, again):_step>")
def begin_again(_step: str) -> ResponseReturnValue:
    """Send who reloads a later page back to the beginning: those pages come by POST only."""
    return redirect(url_for("account_mobile.show"), 303)


@bp.post("")
def start() -> ResponseReturnValue:
    """Take the new number and send a code to the old one."""
    session = fresh("mobile", "mobile")
    form = Submitted(request.form)
    mobile = form.parse("mobile", gettext("شماره تلفن همراه جدید"), Mobile.parse)
    if mobile is None:
        return page(session, form, status=422)
    result = deps().own.mobile.start(session, mobile, visitor())
    if isinstance(result, Step):
        return _code_page(Submitted(), result)
    if result is MobileRefused.SAME:
        form.refuse("mobile", gettext("این شماره همان شماره فعلی حساب شماست."))
        return page(session, form, status=422)
    return redirect(url_for("account_mobile.show"), 303)


@bp.post("/code")
def take_code() -> ResponseReturnValue:
    """Take the code of the step; the password was typed where the change began."""
    session = signed_in()
    form, sealed = Submitted(request.form), _sealed()
    code = form.required("code", gettext("کد پیامک شده"))
    is_old_proven = form.value("proven") == "old"
    if not form.is_good:
        return _code_page(form, Step(sealed, is_old_proven), status=422)
    result = deps().own.mobile.prove(session, sealed, code, visitor())
    if isinstance(result, Step):
        return _code_page(Submitted(), result)
    if result is Asked.ASKED or result is MobileRefused.WAITING:
        return redirect(url_for("account_mobile.show"), 303)
    if result is MobileRefused.EXPIRED:
        return render_template("account/mobile_gone.html"), 400
    form.refuse("code", messages.text("code.wrong"))
    return _code_page(form, Step(sealed, is_old_proven), status=422)


@bp.post("/again")
def send_again() -> ResponseReturnValue:
    """Send the code of the step again."""
    session = signed_in()
    Submitted(request.form)  # refuses what is no form of ours
    result = deps().own.mobile.send_again(session, _sealed(), visitor())
    if isinstance(result, Step):
        return _code_page(Submitted(), result, sent_again=True)
    return render_template("account/mobile_gone.html"), 400


def _sealed() -> str:
    return request.form.get(FLOW, "")[:LONGEST_FLOW]


def page(session: Session, form: Submitted, *, status: int = 200) -> Response:
    """Return the page where a change begins, with the form as it was typed."""
    shown = render_template(
        "account/mobile.html",
        form=form,
        account=account_of(session),
        change=deps().own.mobile.latest(session),
    )
    return make_response(shown, status)


def _code_page(
    form: Submitted, step: Step, *, sent_again: bool = False, status: int = 200
) -> Response:
    page = render_template("account/mobile_code.html", form=form, step=step, sent_again=sent_again)
    return make_response(page, status)
