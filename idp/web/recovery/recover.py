"""Password recovery («بازیابی گذرواژه», S6): the same pages with and without an account."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.domain.people.national_id import NationalId
from idp.domain.sign_in.one_time_code import CodeTry
from idp.ports import HashingBusy
from idp.services.recovery.recover import Changed, NewPassword, RecoveryFailed, WeakPassword
from idp.services.recovery.steps import RecoveryStage, RecoveryStanding
from idp.web.forms import flow, proof_of_work, returned_forms
from idp.web.forms.code_words import AGAIN, CodeForm, code_words
from idp.web.forms.fields import Parsed, Required
from idp.web.forms.flow import claimed_id
from idp.web.forms.new_password import NEW_PASSWORD, REPEATED, NewPasswordField, PasswordAgainField
from idp.web.forms.page_form import PageForm
from idp.web.forms.returned_forms import WRONG_FIELDS, Refusal, of_busy, send_back
from idp.web.http import cookies, pending
from idp.web.http.languages import mark
from idp.web.http.pending import PendingRequest
from idp.web.http.visitors import visitor
from idp.web.sign_in.login import gone

bp = Blueprint("recover", __name__, url_prefix="/recover")


class StartForm(PageForm):
    """The user name: the national ID."""

    username = Parsed(mark("نام کاربری"), NationalId.parse)


class RecoverForm(PageForm):
    """The answer to the question, and a new password."""

    answer = Required(mark("پاسخ سوال امنیتی"))
    password = NewPasswordField(NEW_PASSWORD)
    password_again = PasswordAgainField(REPEATED)


@bp.get("")
def show() -> ResponseReturnValue:
    """Ask for the national ID."""
    shown = returned_forms.shown(StartForm)
    is_by_code = deps().settings.recovery.sms_code
    return shown.answer(_page("recover/start.html", shown.form, is_by_code=is_by_code))


@bp.post("")
def start() -> ResponseReturnValue:
    """Begin a recovery; the answer does not depend on whether there is an account."""
    waiting, received = pending.find(), proof_of_work.receive()
    form = StartForm(received.fields)
    if not form.validate():
        return send_back(form, "recover.show", _context(waiting))
    recovery_id = deps().recover.start(form.username.data, visitor(received.work))
    return _onward(recovery_id)


@bp.post("/again")
def send_again() -> ResponseReturnValue:
    """Send the code again, or show that no recovery is under way in this browser."""
    received = proof_of_work.receive()
    deps().recover.send_again(claimed_id(), visitor(received.work))
    return _onward(claimed_id(), **AGAIN)


@bp.get("/code")
def code() -> ResponseReturnValue:
    """Ask for the code, with or without an account; show until when it is good."""
    standing = _standing()
    if standing.stage is not RecoveryStage.CODE or standing.code is None:
        return _onward(claimed_id(), standing)
    shown = returned_forms.shown(CodeForm)
    words = code_words(standing.code)
    return shown.answer(_page("recover/code.html", shown.form, flow_id=claimed_id(), code=words))


@bp.post("/code")
def take_code() -> ResponseReturnValue:
    """Check the code; only a right one leads to the security question."""
    waiting, form = pending.find(), CodeForm(request.form)
    if form.validate():
        tried = deps().recover.prove(claimed_id(), form.code.data, visitor())
        if tried is None or tried is CodeTry.RIGHT:
            return _onward(claimed_id())
        form.code.tell(f"code.{tried}")
    return send_back(form, "recover.code", _carried(waiting))


@bp.get("/password")
def password() -> ResponseReturnValue:
    """Ask the security question, and for a new password."""
    standing = _standing()
    if standing.question is None or standing.national_id is None:
        return _onward(claimed_id(), standing)
    if standing.answers_left == 0:
        return _to_branch()
    shown = returned_forms.shown(RecoverForm)
    page = _page(
        "recover/password.html",
        shown.form,
        flow_id=claimed_id(),
        question=standing.question,
        username=standing.national_id.value,
        answers_left=standing.answers_left,
        is_first_answer=standing.answers_left == deps().settings.limits.recovery_answers.count,
        lead=shown.sentence,
    )
    return shown.answer(page)


@bp.post("/password")
def change() -> ResponseReturnValue:
    """Check the answer, and set the new password."""
    form = RecoverForm(request.form)
    if _standing().stage is not RecoveryStage.PASSWORD:
        return _onward(claimed_id())
    if not form.validate():
        return _back(form)
    new = NewPassword(form.answer.data, form.password.data)
    try:
        result = deps().recover.finish(claimed_id(), new, visitor())
    except HashingBusy as error:
        return _back(form, of_busy(error))
    return _answer(form, result)


def _answer(
    form: RecoverForm, result: Changed | WeakPassword | RecoveryFailed
) -> ResponseReturnValue:
    if isinstance(result, WeakPassword):
        form.password.refuse_weak(result.violations)
        return _back(form)
    if result is RecoveryFailed.WRONG:
        return _wrong(form)
    if result is RecoveryFailed.NO_MORE_ANSWERS:
        return _to_branch()
    return _onward(claimed_id())


def _wrong(form: RecoverForm) -> ResponseReturnValue:
    """Say that it was the answer to who has proven the phone, and to nobody else (D10)."""
    if not deps().settings.recovery.sms_code:
        return _back(form, Refusal("N17"))
    form.answer.tell("answer.wrong")
    return _back(form)


def _to_branch() -> ResponseReturnValue:
    return redirect(url_for("recover.branch", **_carried(pending.find())), 303)


@bp.get("/done")
def done() -> ResponseReturnValue:
    """Say that the password has been changed."""
    standing = _standing()
    if standing.stage is not RecoveryStage.DONE:
        return _onward(claimed_id(), standing)
    return _page("recover/done.html")


@bp.get("/branch")
def branch() -> ResponseReturnValue:
    """Refer a citizen who proved the phone and has no tries of the answer left to the branch."""
    standing = _standing()
    if standing.stage is not RecoveryStage.PASSWORD:
        return _onward(claimed_id(), standing)
    return _page("recover/branch.html")


_PAGES = {
    RecoveryStage.CODE: "recover.code",
    RecoveryStage.GONE: "recover.code",
    RecoveryStage.PASSWORD: "recover.password",
    RecoveryStage.DONE: "recover.done",
}


def _onward(
    flow_id: str, standing: RecoveryStanding | None = None, **again: str
) -> ResponseReturnValue:
    """Redirect to the page of the recovery's stage, with ``again`` in its address."""
    waiting = pending.find()
    standing = standing or deps().recover.standing(flow_id, cookies.browser_id())
    if standing.stage is RecoveryStage.GONE and request.method != "POST":
        begin = pending.link("recover.show", waiting)
        return gone(waiting, again="recover.show") if flow_id else redirect(begin, 303)
    query: dict[str, Any] = {flow.FIELD: flow_id or flow.NOBODYS, **_context(waiting), **again}
    return redirect(url_for(_PAGES[standing.stage], **query), 303)


def _standing() -> RecoveryStanding:
    return deps().recover.standing(claimed_id(), cookies.browser_id())


def _context(waiting: PendingRequest | None) -> dict[str, Any]:
    return {pending.FIELD: waiting.sealed} if waiting else {}


def _carried(waiting: PendingRequest | None) -> dict[str, Any]:
    return {flow.FIELD: claimed_id(), **_context(waiting)}


def _back(form: RecoverForm, refusal: Refusal = WRONG_FIELDS) -> ResponseReturnValue:
    return send_back(form, "recover.password", _carried(pending.find()), refusal)


def _page(template: str, form: PageForm | None = None, **values: object) -> str:
    return render_template(template, form=form, waiting=pending.find(), **values)
