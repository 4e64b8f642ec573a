"""The guide's page: «راهنمای ثبت نام»."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from idp import resources
from idp.deps import deps
from idp.services.messages import Notice
from idp.web import guide_texts
from idp.web.register import carried_context

bp = Blueprint("guide", __name__, url_prefix="/guide")

SMS = (Notice.ACTIVATED, Notice.BRANCH, Notice.MISMATCH)
"""The messages that pages show as they are sent; a page in English says below what they mean."""


@bp.get("")
def show() -> ResponseReturnValue:
    """Print the guide's text as it holds with these settings."""
    texts = guide_texts.guide_page(deps().settings)
    messages = [(texts[f"sms.heading.{notice}"], resources.sms_text(notice)) for notice in SMS]
    return render_template(
        "guide/guide.html", texts=texts, messages=messages, context=carried_context()
    )
