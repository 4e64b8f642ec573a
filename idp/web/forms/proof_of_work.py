"""The proof-of-work page: the form is held, sealed, until the browser's work or wait is done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from urllib.parse import urlencode

from flask import Flask, Response, g, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from idp.deps import deps
from idp.domain.protection.rate_limits import NO_WORK, WorkDone
from idp.services.protection.proof_of_work import HeldForm
from idp.services.protection.shared_marks import WorkNeeded
from idp.services.protection.turns import TurnNeeded
from idp.web.forms import flow
from idp.web.forms.fields import refuse_doubled
from idp.web.http import pending
from idp.web.http.languages import digits
from idp.web.http.security import CSRF_FIELD
from idp.web.http.visitors import visitor

HELD, SOLUTION = "held", "altcha"
WORK = "work"
"""Parameter of a page whose form is held: the form's name, or ``NOBODYS`` when it is gone."""
CARRIED = (pending.FIELD, flow.FIELD)
"""Parameters that pages read before the form: they stay outside the seal."""
MINUTE = LONG = timedelta(minutes=1)
STEPS = (10, 20, 30, 60, 120)
"""Seconds after which the stylesheet can show the button."""


@dataclass(frozen=True, slots=True)
class Received:
    """The fields of a posted form, and the proof of work that they come with."""

    fields: MultiDict[str, str]
    work: WorkDone


class StillHeld(HTTPException):
    """The form came back before its work was done or its wait over. Nothing was refused."""

    code = 200

    def __init__(self, held: HeldForm) -> None:
        super().__init__()
        self.held = held


class HeldFormGone(HTTPException):
    """The held form is too old or another browser's; ``is_taken``: it was released before."""

    code = 410

    def __init__(self, *, is_taken: bool) -> None:
        super().__init__()
        self.is_taken = is_taken


def receive() -> Received:
    """Return the form that was posted, or the one that was held until its work was done.

    Raises StillHeld, HeldFormGone.
    """
    refuse_doubled(request.form)
    sealed = request.form.get(HELD)
    if sealed is None:
        return Received(request.form, NO_WORK)
    solution = request.form.get(SOLUTION, "")
    released = deps().proof_of_work.release(sealed, solution, request.path, visitor())
    if released is None:
        taken = deps().proof_of_work.was_released(sealed, request.path, visitor())
        raise HeldFormGone(is_taken=taken)
    if isinstance(released, HeldForm):
        raise StillHeld(released)
    g.released = released
    return Received(MultiDict(released.fields), released.work)


def register_handlers(app: Flask) -> None:
    """Register the handlers that hold a form when a use case needs work or a turn first."""
    app.register_error_handler(WorkNeeded, _hold)
    app.register_error_handler(TurnNeeded, _hold_for_turn)
    app.register_error_handler(StillHeld, lambda error: _to_page(error.held))
    app.register_error_handler(HeldFormGone, _gone)


def show_held() -> ResponseReturnValue | None:
    """Show the held form that the address names (before each request).

    When it is held no more, the view of the address answers and shows the flow's stage.
    """
    if request.method != "GET" or WORK not in request.args:
        return None
    if request.args[WORK] == flow.NOBODYS:
        return _gone_page()
    held = deps().proof_of_work.look(request.args[WORK], request.path, visitor())
    return None if held is None else _page(held)


def give_back() -> None:
    """Let a released form be sent once more: its use case could not run (HashingBusy)."""
    if HELD in request.form:
        deps().proof_of_work.give_back(request.form[HELD], request.path, visitor())


def _gone(error: HeldFormGone) -> ResponseReturnValue:
    """Redirect to the flow's page when the form was released before, else to ``_gone_page``."""
    work = {} if error.is_taken else {WORK: flow.NOBODYS}
    return redirect(_address(work), 303)


def _gone_page() -> ResponseReturnValue:
    """Return the page of a gone form: the portal's name, and a link to the empty form."""
    page = render_template("working_gone.html", waiting=pending.peek(), again=_address({}))
    return page, HeldFormGone.code


def _hold(error: WorkNeeded) -> ResponseReturnValue:
    done = g.released.work if "released" in g else NO_WORK
    held = deps().proof_of_work.hold(_fields(), request.path, visitor(done), error)
    return _to_page(held)


def _hold_for_turn(error: TurnNeeded) -> ResponseReturnValue:
    held = deps().proof_of_work.hold_for_turn(_fields(), request.path, visitor(), error.wait)
    return _to_page(held)


def _fields() -> dict[str, str]:
    """Return the fields to hold, as they were typed, also of a form that was held before."""
    form = g.released.fields if "released" in g else request.form
    outside = {CSRF_FIELD, *CARRIED}
    return {name: value for name, value in form.items() if name not in outside}


def _to_page(held: HeldForm) -> ResponseReturnValue:
    """Redirect to the held form's page, which can be reloaded; show it when it was not kept."""
    name = deps().proof_of_work.keep(held)
    if name is None:
        return _page(held)
    return redirect(_address({WORK: name}), 303)


def _page(held: HeldForm) -> Response:
    pending.peek()  # sets the page's language, by ``ui_locales``
    seconds = max(1, ceil(held.wait.total_seconds()))
    page = render_template(
        "working.html",
        held=held,
        action=request.path,
        carried=_carried(),
        seconds=seconds,
        minutes=ceil(seconds / 60),
        kind=_kind(held),
        work_minutes=digits(ceil(held.work / MINUTE)),
        shown_after=_step(seconds),
    )
    return make_response(page, StillHeld.code)


def _address(work: Mapping[str, str]) -> str:
    """Return the address of this form's page, with the parameters of ``CARRIED`` and ``work``."""
    query = urlencode({**_carried(), **work})
    return f"{request.path}?{query}" if query else request.path


def _kind(held: HeldForm) -> str:
    """Return the message code: short work, work of a minute or more, or waiting for a turn."""
    if held.puzzle is None:
        return "working.turn"
    return "working" if held.work < LONG else "working.long"


def _carried() -> dict[str, str]:
    sent = request.form or request.args
    return {name: sent[name] for name in CARRIED if name in sent}


def _step(seconds: int) -> int:
    """Return the seconds after which the stylesheet shows the button: one of ``STEPS``.

    When the wait is longer than the last step, the button appears before its end; a press that is
    too early shows this page with the time left.
    """
    return next((step for step in STEPS if seconds <= step), STEPS[-1])
