"""The change of the own mobile: a code to the old number, one to the new, then the registry."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.domain.people.mobile import Mobile
from idp.domain.sign_in.one_time_code import CodeStanding
from idp.domain.sign_in.session import Session
from idp.services.account.change_mobile import MobileRefused, MobileStanding, Proven, Step
from idp.web.account.frame import account_of, fresh, signed_in
from idp.web.forms import flow, returned_forms
from idp.web.forms.code_words import CodeForm, code_words, replaced
from idp.web.forms.fields import Parsed
from idp.web.forms.page_form import ButtonForm, PageForm
from idp.web.forms.returned_forms import send_back
from idp.web.http.languages import gettext, mark

bp = Blueprint("account_mobile", __name__, url_prefix="/account/mobile")

CODE_ERRORS = {MobileRefused.CODE_WRONG: "code.wrong", MobileRefused.CODE_DEAD: "code.dead"}
LONGEST_FLOW = 2000


class MobileForm(PageForm):
    """The new number."""

    mobile = Parsed(mark("شماره تلفن همراه جدید"), Mobile.parse)


@bp.get("")
def show() -> ResponseReturnValue:
    """Ask for the new number, and show the result of the last change or that it is pending."""
    session = fresh("mobile")
    shown = returned_forms.shown(MobileForm)
    return shown.answer(page(session, shown.form))


@bp.post("")
def start() -> ResponseReturnValue:
    """Take the new number and send a code to the old one."""
    session = fresh("mobile", MobileForm)
    form = MobileForm(request.form)
    if not form.validate():
        return send_back(form, "account_mobile.show")
    result = deps().own.mobile.start(session, form.mobile.data)
    if isinstance(result, Step):
        return _to_code(result)
    if result is MobileRefused.SAME:
        form.mobile.refuse(gettext("این شماره همان شماره فعلی حساب شماست."))
        return send_back(form, "account_mobile.show")
    return redirect(url_for("account_mobile.show"), 303)


@bp.get("/code")
def code() -> ResponseReturnValue:
    """Ask for the code of the change's current step; Back never shows a finished step."""
    session = signed_in()
    standing = deps().own.mobile.standing(session, _sealed())
    if standing is MobileRefused.EXPIRED:
        return render_template("account/mobile_gone.html"), 410
    if not isinstance(standing, MobileStanding):
        return redirect(url_for("account_mobile.show"), 303)
    shown = returned_forms.shown(CodeForm)
    words = code_words(standing.code)
    page = render_template(
        "account/mobile_code.html",
        form=shown.form,
        step=standing.step,
        current=account_of(session).mobile,
        code=words,
    )
    return shown.answer(page)


@bp.post("/code")
def take_code() -> ResponseReturnValue:
    """Check the code of the step; the start of the change required the reauthentication."""
    session = signed_in()
    form, sealed = CodeForm(request.form), _sealed()
    if form.validate():
        result = deps().own.mobile.prove(session, sealed, form.code.data)
        if isinstance(result, Step):
            return _to_code(result)
        if result is Proven.BOTH or result is MobileRefused.WAITING:
            return redirect(url_for("account_mobile.show"), 303)
        if result not in CODE_ERRORS:
            return _gone()
        form.code.tell(CODE_ERRORS[result])
    return send_back(form, "account_mobile.code", {flow.FIELD: sealed})


@bp.post("/again")
def send_again() -> ResponseReturnValue:
    """Send the code of the step again; its page shows whether one was sent."""
    session = signed_in()
    ButtonForm(request.form)  # 400 for a field that was sent twice
    before = _code_of(session)
    result = deps().own.mobile.send_again(session, _sealed())
    if result is MobileRefused.WAITING:
        return redirect(url_for("account_mobile.show"), 303)
    if not isinstance(result, Step):
        return _gone()
    return _to_code(result, **replaced(before, _code_of(session)))


def _code_of(session: Session) -> CodeStanding | None:
    standing = deps().own.mobile.standing(session, _sealed())
    return standing.code if isinstance(standing, MobileStanding) else None


def _to_code(step: Step, **again: str) -> ResponseReturnValue:
    query: dict[str, Any] = {flow.FIELD: step.sealed, **again}
    return redirect(url_for("account_mobile.code", **query), 303)


def _gone() -> ResponseReturnValue:
    """Redirect to the page that shows that the change is gone, and that can be reloaded."""
    return redirect(url_for("account_mobile.code"), 303)


def _sealed() -> str:
    return (request.form.get(flow.FIELD, "") or request.args.get(flow.FIELD, ""))[:LONGEST_FLOW]


def page(session: Session, form: MobileForm) -> str:
    """Return the page where a change begins, with the form as it was typed."""
    return render_template(
        "account/mobile.html",
        form=form,
        account=account_of(session),
        change=deps().own.mobile.latest(session),
    )
