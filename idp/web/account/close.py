"""Closing the own account, with the password and a sentence typed by hand."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.domain.persian.names import name_key
from idp.ports import HashingBusy
from idp.services.protection.owners_counters import TooMany
from idp.web.account.frame import signed_in, username_of
from idp.web.forms import flashes, returned_forms
from idp.web.forms.fields import Required, Secret
from idp.web.forms.page_form import PageForm
from idp.web.forms.returned_forms import WRONG_FIELDS, Refusal, of_busy, send_back
from idp.web.http import cookies, sessions
from idp.web.http.languages import gettext, mark
from idp.web.http.visitors import visitor

bp = Blueprint("account_close", __name__, url_prefix="/account/close")

CLOSED = "closed"
SENTENCE = mark("بستن حساب")
"""The citizen types this: a key held down on a button closes no account (attack X07)."""


class CloseForm(PageForm):
    """The sentence and the password."""

    confirmation = Required(mark("عبارت تأیید"))
    password = Secret(mark("گذرواژه"))

    def validate_confirmation(self, field: Required) -> None:
        """Refuse another sentence than that of the page."""
        if _bare(field.data) != _bare(gettext(SENTENCE)):
            field.refuse(gettext("عبارت را دقیقاً همان گونه که نوشته شده است وارد کنید."))


@bp.get("")
def show() -> ResponseReturnValue:
    """Show what closing means, with the form."""
    session = signed_in()
    shown = returned_forms.shown(CloseForm)
    page = render_template(
        "account/close.html",
        form=shown.form,
        lead=shown.sentence,
        sentence=gettext(SENTENCE),
        username=username_of(session),
    )
    return shown.answer(page)


@bp.post("")
def close() -> ResponseReturnValue:
    """Close the account, and erase the session cookie."""
    session = signed_in()
    form = CloseForm(request.form)
    if not form.validate():
        return _refused(form)
    try:
        is_closed = deps().own.close.close(session, form.password.data, visitor())
    except TooMany as error:
        return _refused(form, of_busy(error, too_many="N07"))
    except HashingBusy as error:
        return _refused(form, of_busy(error))
    if not is_closed:
        form.password.refuse(gettext("گذرواژه نادرست است."))
        return _refused(form)
    told = flashes.leads_to("account_close.closed", CLOSED, of=cookies.browser_id())
    response = make_response(redirect(told, 303))
    sessions.drop(response)
    return response


@bp.get("/closed")
def closed() -> ResponseReturnValue:
    """Say that the account is closed, only in the browser that closed it."""
    if flashes.told(of=cookies.browser_id(), within=None) != CLOSED:
        return redirect(url_for("account.show"), 303)
    return render_template("account/closed.html")


def _bare(text: str) -> str:
    """Return the sentence normalised: without variants of spelling and of letter case."""
    return name_key(text).casefold()


def _refused(form: CloseForm, refusal: Refusal = WRONG_FIELDS) -> ResponseReturnValue:
    return send_back(form, "account_close.show", refusal=refusal)
