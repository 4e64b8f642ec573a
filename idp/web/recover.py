"""«بازیابی گذرواژه» (S6): the same pages, whoever asks."""

from math import ceil

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.domain.national_id import NationalId
from idp.domain.password import password_violations
from idp.domain.questions import SecurityQuestion
from idp.ports import HashingBusy
from idp.services.recover import Changed, NewPassword, RecoveryFailed, WeakPassword
from idp.web import messages, pending
from idp.web.forms import Submitted
from idp.web.languages import gettext, mark
from idp.web.login import gone
from idp.web.register_forms import password_sentences
from idp.web.visitors import visitor

bp = Blueprint("recover", __name__, url_prefix="/recover")
USER_LABEL, CODE_LABEL = mark("نام کاربری"), mark("کد پیامک شده")
ANSWER_LABEL = mark("پاسخ سوال امنیتی")
PASSWORD_LABEL, REPEAT_LABEL = mark("گذرواژه جدید"), mark("تکرار گذرواژه جدید")


@bp.get("")
def show() -> ResponseReturnValue:
    """Ask for the national ID."""
    return _page("recover/start.html", Submitted())


@bp.get("/<any(code, again, password):_step>")
def begin_again(_step: str) -> ResponseReturnValue:
    """Send who reloads a later page back to the beginning: those pages come by POST only (RC7)."""
    return redirect(pending.link("recover.show", pending.find()), 303)


@bp.post("")
def start() -> ResponseReturnValue:
    """Begin a recovery; the answer does not depend on whether there is an account."""
    form = Submitted(request.form)
    national_id = form.parse("username", gettext(USER_LABEL), NationalId.parse)
    if national_id is None:
        return _page("recover/start.html", form, status=422)
    recovery_id = deps().recover.start(national_id, visitor())
    if deps().settings.recovery.sms_code:
        return _code_page(Submitted(), recovery_id)
    question = deps().recover.question(recovery_id, visitor())
    return _password_page(Submitted(), recovery_id, question)


@bp.post("/again")
def send_again() -> ResponseReturnValue:
    """Send the code again, or say that nothing is under way here."""
    recovery_id = Submitted(request.form).value("recovery")
    if not deps().recover.send_again(recovery_id, visitor()):
        return gone(pending.find())
    return _code_page(Submitted(), recovery_id, sent_again=True)


@bp.post("/code")
def take_code() -> ResponseReturnValue:
    """Take the code; only then the question is shown."""
    form = Submitted(request.form)
    recovery_id = form.value("recovery")
    code = form.required("code", gettext(CODE_LABEL))
    if not form.is_good:
        return _code_page(form, recovery_id, status=422)
    result = deps().recover.prove(recovery_id, code, visitor())
    if isinstance(result, SecurityQuestion):
        return _password_page(Submitted(), recovery_id, result)
    if result is RecoveryFailed.EXPIRED:
        return gone(pending.find())
    form.refuse("code", messages.text("code.wrong"))
    return _code_page(form, recovery_id, status=422)


@bp.post("/password")
def change() -> ResponseReturnValue:
    """Take answer and new password."""
    form = Submitted(request.form)
    recovery_id = form.value("recovery")
    question = deps().recover.question(recovery_id, visitor())
    if question is None:
        return gone(pending.find())
    new = _new_password(form)
    if new is None:
        return _password_page(form, recovery_id, question, status=422)
    try:
        result = deps().recover.finish(recovery_id, new, visitor())
    except HashingBusy as error:
        page = _password_page(form, recovery_id, question, lead="busy", status=503)
        page.headers["Retry-After"] = str(ceil(error.retry_after.total_seconds()))
        return page
    return _answer(form, recovery_id, question, result)


def _answer(
    form: Submitted,
    recovery_id: str,
    question: SecurityQuestion,
    result: Changed | WeakPassword | RecoveryFailed,
) -> ResponseReturnValue:
    if result is Changed.CHANGED:
        return _page("recover/done.html", form)
    if result is RecoveryFailed.EXPIRED:
        return gone(pending.find())
    if result is RecoveryFailed.NO_MORE_ANSWERS:
        return _page("recover/branch.html", form, status=429)
    if isinstance(result, WeakPassword):
        _refuse_weak(form, result.violations)
        return _password_page(form, recovery_id, question, status=422)
    return _password_page(form, recovery_id, question, lead="N17", status=422)


def _new_password(form: Submitted) -> NewPassword | None:
    answer = form.required("answer", gettext(ANSWER_LABEL))
    password = form.required("password", gettext(PASSWORD_LABEL))
    repeated = form.required("password_again", gettext(REPEAT_LABEL))
    if password:  # told at once with all else; names and national ID are the use case's to judge
        _refuse_weak(form, password_violations(password, given="", family="", national_id=""))
    if password and repeated and password != repeated:
        form.refuse("password_again", messages.text("N14"))
    return NewPassword(answer, password) if form.is_good else None


def _refuse_weak(form: Submitted, violations: tuple[str, ...]) -> None:
    if violations:
        for sentence in password_sentences(form.value("password"), violations):
            form.refuse("password", sentence)


def _code_page(
    form: Submitted, recovery_id: str, *, sent_again: bool = False, status: int = 200
) -> Response:
    return _page(
        "recover/code.html", form, recovery_id=recovery_id, sent_again=sent_again, status=status
    )


def _password_page(
    form: Submitted,
    recovery_id: str,
    question: SecurityQuestion | None,
    *,
    lead: str = "",
    status: int = 200,
) -> Response:
    return _page(
        "recover/password.html",
        form,
        recovery_id=recovery_id,
        question=question,
        lead=lead,
        status=status,
    )


def _page(template: str, form: Submitted, *, status: int = 200, **values: object) -> Response:
    waiting = pending.find()
    return make_response(render_template(template, form=form, waiting=waiting, **values), status)
