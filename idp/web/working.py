"""The page that lets the browser work before a form is taken; nothing has to be typed twice."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from urllib.parse import urlencode

from flask import Flask, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from idp.deps import deps
from idp.services.proof_of_work import WAITS, HeldForm
from idp.services.throttle import WorkNeeded
from idp.web import kept_form, pending
from idp.web.forms import Submitted
from idp.web.security import CSRF_FIELD
from idp.web.visitors import visitor

HELD, SOLUTION = "held", "altcha"
FLOW = "flow"
CARRIED = (pending.FIELD, FLOW, kept_form.FIELD)
"""What pages read from the request before its form: it stays outside the seal."""


@dataclass(frozen=True, slots=True)
class Received:
    """A posted form, and whether it comes with its proof of work."""

    form: Submitted
    has_worked: bool


class StillHeld(HTTPException):
    """The form came back before its work was done or its wait over."""

    code = 429

    def __init__(self, held: HeldForm) -> None:
        super().__init__()
        self.held = held


class HeldFormGone(HTTPException):
    """The held form is too old, was taken before, or is another browser's."""

    code = 400


def receive() -> Received:
    """Return the form that was posted, or the one that was held until its work was done.

    Raises StillHeld, HeldFormGone.
    """
    posted = Submitted(request.form)
    sealed = request.form.get(HELD)
    if sealed is None:
        return Received(posted, has_worked=False)
    solution = request.form.get(SOLUTION, "")
    released = deps().proof_of_work.release(sealed, solution, request.path, visitor())
    if released is None:
        raise HeldFormGone
    if isinstance(released, HeldForm):
        raise StillHeld(released)
    return Received(Submitted(MultiDict(released)), has_worked=True)


def register_handlers(app: Flask) -> None:
    """Show the page wherever a use case asks for work first."""
    app.register_error_handler(WorkNeeded, _hold)
    app.register_error_handler(StillHeld, lambda error: _page(error.held))
    app.register_error_handler(HeldFormGone, _gone)


def give_back() -> None:
    """Let a held form be sent once more: what it was taken for could not be done."""
    if HELD in request.form:
        deps().proof_of_work.give_back(request.form[HELD], request.path, visitor())


def _gone(_error: HeldFormGone) -> ResponseReturnValue:
    """Say so, and lead to the empty form of the same page."""
    again = f"{request.path}?{urlencode(_carried())}"
    return render_template("working_gone.html", again=again), HeldFormGone.code


def _hold(_error: WorkNeeded) -> ResponseReturnValue:
    outside = {CSRF_FIELD, *CARRIED}
    fields = {name: value for name, value in request.form.items() if name not in outside}
    return _page(deps().proof_of_work.hold(fields, request.path, visitor()))


def _page(held: HeldForm) -> Response:
    pending.peek()  # for the language that the portal wishes
    page = render_template(
        "working.html",
        held=held,
        action=request.path,
        carried=_carried(),
        shown_after=_step(held.wait),
    )
    answer = make_response(page, StillHeld.code)
    answer.headers["Retry-After"] = str(ceil(held.wait.total_seconds()))
    return answer


def _carried() -> dict[str, str]:
    return {name: request.form[name] for name in CARRIED if name in request.form}


def _step(wait: timedelta) -> int:
    """Return the seconds after which the stylesheet shows the button: a step that it knows."""
    return next(int(step.total_seconds()) for step in WAITS if wait <= step)
