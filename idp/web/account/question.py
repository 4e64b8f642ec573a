"""The change of the own security question and its answer."""

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.domain.people.questions import SecurityQuestion, answer_key
from idp.ports import HashingBusy
from idp.web.account.frame import account_of, fresh
from idp.web.forms import flashes, returned_forms
from idp.web.forms.fields import Parsed
from idp.web.forms.page_form import PageForm
from idp.web.forms.returned_forms import of_busy, send_back
from idp.web.http.languages import mark
from idp.web.http.visitors import to_login
from idp.web.registration.choices import QUESTION_OPTIONS

bp = Blueprint("account_question", __name__, url_prefix="/account/security/question")

CHANGED = "question"


class AnswerField(Parsed[str]):
    """The answer: like a password, it is never kept, nor written back into a page."""

    is_kept = False


class QuestionForm(PageForm):
    """The question, and its answer."""

    question = Parsed(mark("سوال امنیتی"), SecurityQuestion.parse)
    answer = AnswerField(mark("پاسخ سوال امنیتی"), answer_key)


@bp.get("")
def show() -> ResponseReturnValue:
    """Show the present question with the form; the answer is nowhere in readable form."""
    session = fresh("question")
    shown = returned_forms.shown(QuestionForm)
    page = render_template(
        "account/question.html",
        form=shown.form,
        lead=shown.sentence,
        now=account_of(session).credentials.question,
        questions=QUESTION_OPTIONS,
    )
    return shown.answer(page)


@bp.post("")
def change() -> ResponseReturnValue:
    """Save question and answer."""
    session = fresh("question", QuestionForm)
    form = QuestionForm(request.form)
    if not form.validate():
        return send_back(form, "account_question.show")
    try:
        is_changed = deps().own.answer.change(session, form.question.data, form.answer.data)
    except HashingBusy as error:
        return send_back(form, "account_question.show", refusal=of_busy(error))
    if not is_changed:
        return to_login()
    told = flashes.leads_to("account_security.show", CHANGED, of=session.account_id)
    return redirect(told, 303)
