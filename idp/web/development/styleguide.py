"""Development only: every component of the design system once, in its states."""

from datetime import timedelta

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from idp.deps import deps
from idp.web.forms.code_words import CodeWords
from idp.web.forms.fields import Submitted
from idp.web.words import guide_texts, messages

bp = Blueprint("styleguide", __name__, url_prefix="/styleguide")

ALERTS = ("error", "done", "care")
BUTTONS = ("primary", "quiet", "danger", "link")
WAITS = 60
"""Seconds that the button of a new code counts down, as after a code that went just now."""


@bp.get("")
def show() -> ResponseReturnValue:
    """Print the components, each by the macro or the class that pages use."""
    now = deps().clock()
    return render_template(
        "styleguide/styleguide.html",
        empty=Submitted(),
        good=_good(),
        wrong=_wrong(),
        alerts=ALERTS,
        buttons=BUTTONS,
        code=CodeWords(now, is_fresh=True, minutes_left=5, again_in=WAITS, closed_until=None),
        now=now,
        until=now + timedelta(hours=48),
    )


def _good() -> Submitted:
    form = Submitted(MultiDict({"right": "9994863177"}))
    form.approve("right")
    return form


def _wrong() -> Submitted:
    form = Submitted(MultiDict({"wrong": "123"}))
    form.text("wrong", guide_texts.screen("field.nid"))
    form.refuse("wrong", messages.text("N03"))
    return form
