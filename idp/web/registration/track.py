"""Tracking a request («پیگیری درخواست»): the same pages for every number and phone typed."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.domain.people.mobile import Mobile
from idp.domain.registration.tracking_number import TrackingNumber
from idp.domain.sign_in.one_time_code import CodeTry
from idp.services.registration.track import Tracked
from idp.web.forms import proof_of_work, returned_forms
from idp.web.forms.code_words import AGAIN, CodeForm, code_words
from idp.web.forms.fields import Parsed
from idp.web.forms.page_form import PageForm
from idp.web.forms.returned_forms import Refusal, send_back
from idp.web.http import cookies, pending
from idp.web.http.languages import mark
from idp.web.http.visitors import visitor
from idp.web.registration.progress import RECEIPT
from idp.web.words.guide_texts import source

bp = Blueprint("track", __name__, url_prefix="/track")

FIELD = "tracking"
"""The pair that was typed, sealed for this browser, in addresses and forms of its pages."""
TOO_OLD = Refusal("N02", status=200)


class TrackForm(PageForm):
    """The tracking number, and the mobile of the registration."""

    tracking_number = Parsed(mark("شماره پیگیری"), TrackingNumber.parse)
    mobile = Parsed(source("field.mobile"), Mobile.parse)


@bp.get("")
def show() -> ResponseReturnValue:
    """Ask for tracking number and mobile."""
    shown = returned_forms.shown(TrackForm)
    page = _page("track/start.html", shown.form, lead=shown.sentence)
    return shown.answer(page)


@bp.post("")
def start() -> ResponseReturnValue:
    """Begin; the answer does not depend on whether a case has this number and mobile."""
    received = proof_of_work.receive()
    form = TrackForm(received.fields)
    if not form.validate():
        return send_back(form, "track.show", _context())
    tracked = Tracked(form.tracking_number.data, form.mobile.data)
    return _to_code(deps().track.start(tracked, visitor(received.work)))


@bp.get("/code")
def code() -> ResponseReturnValue:
    """Ask for the code, whether or not one was sent; after a right one show the case."""
    tracked = _tracked()
    if tracked is None:
        return _again()
    standing = deps().track.standing(tracked, cookies.browser_id())
    if standing.case is not None:
        receipt = deps().receipts.give_tracked(standing.case, cookies.browser_id())
        return redirect(url_for("progress.show", **{RECEIPT: receipt, **_context()}), 303)
    shown = returned_forms.shown(CodeForm)
    page = _page("track/code.html", shown.form, tracking=_claimed(), code=code_words(standing.code))
    return shown.answer(page)


@bp.post("/code")
def take_code() -> ResponseReturnValue:
    """Check the code."""
    tracked = _tracked()
    if tracked is None:
        return _again()
    form = CodeForm(request.form)
    if form.validate():
        tried = deps().track.prove(tracked, cookies.browser_id(), form.code.data)
        if tried is CodeTry.RIGHT:
            return _to_code(_claimed())
        form.code.tell(f"code.{tried}")
    return send_back(form, "track.code", {FIELD: _claimed(), **_context()})


@bp.post("/again")
def send_again() -> ResponseReturnValue:
    """Send the code again, if one was sent; the answer does not show it."""
    received = proof_of_work.receive()
    sealed = received.fields.get(FIELD, "")
    tracked = deps().track.opened(sealed, cookies.browser_id())
    if tracked is None:
        return _again()
    deps().track.send_again(tracked, visitor(received.work))
    return _to_code(sealed, **AGAIN)


def _tracked() -> Tracked | None:
    return deps().track.opened(_claimed(), cookies.browser_id())


def _claimed() -> str:
    return request.form.get(FIELD, "") or request.args.get(FIELD, "")


def _to_code(sealed: str, **again: str) -> ResponseReturnValue:
    query: dict[str, Any] = {FIELD: sealed, **_context(), **again}
    return redirect(url_for("track.code", **query), 303)


def _again() -> ResponseReturnValue:
    """Redirect to the first page; it says that this one was too old, if there was one."""
    if not _claimed():
        return redirect(url_for("track.show", **_context()), 303)
    return send_back(TrackForm(), "track.show", _context(), TOO_OLD)


def _context() -> dict[str, Any]:
    waiting = pending.peek()
    return {pending.FIELD: waiting.sealed} if waiting else {}


def _page(template: str, form: PageForm, **values: object) -> str:
    return render_template(template, form=form, waiting=pending.peek(), **values)
