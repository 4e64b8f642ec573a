"""Development only: every component of the design system once, in its states."""

from datetime import timedelta

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.web.forms.code_words import CODE, CodeWords
from idp.web.forms.fields import Secret, Text
from idp.web.forms.options import Options
from idp.web.forms.page_form import PageForm
from idp.web.words import guide_texts

bp = Blueprint("styleguide", __name__, url_prefix="/styleguide")

ALERTS = ("error", "done", "care")
BUTTONS = ("primary", "quiet", "danger", "link")
WAITS = 60
"""Seconds that the button of a new code counts down, as after a code that went just now."""

OPTIONS = Options(lambda: [("male", guide_texts.screen("step2.gender.value"))])


class ExampleForm(PageForm):
    """A field of each kind and state."""

    plain = Text(guide_texts.source("field.nid"))
    right = Text(guide_texts.source("field.nid"))
    wrong = Text(guide_texts.source("field.nid"))
    list = Text(guide_texts.source("step2.gender"))
    code = Secret(CODE)
    secret = Secret(guide_texts.source("login.password"))


@bp.get("")
def show() -> ResponseReturnValue:
    """Show the components, each by the macro or the class that pages use."""
    now = deps().clock()
    return render_template(
        "styleguide/styleguide.html",
        form=_form(),
        alerts=ALERTS,
        buttons=BUTTONS,
        options=OPTIONS,
        code=CodeWords(now, is_fresh=True, minutes_left=5, again_in=WAITS),
        now=now,
        until=now + timedelta(hours=48),
    )


def _form() -> ExampleForm:
    form = ExampleForm(right="9994863177", wrong="123")
    form.right.approve()
    form.wrong.tell("N03")
    return form
