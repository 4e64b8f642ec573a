"""The guide's page: «راهنمای ثبت نام»."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from idp import resources
from idp.deps import deps
from idp.services.messages.messages import Notice
from idp.web.guide import pictures
from idp.web.registration.stages import carried_context
from idp.web.words import guide_texts

bp = Blueprint("guide", __name__, url_prefix="/guide")

SMS = (Notice.ACTIVATED, Notice.BRANCH, Notice.MISMATCH)
"""SMS that pages quote in Persian, as they are sent; an English page has the meaning below."""


@bp.get("")
def show() -> ResponseReturnValue:
    """Show the guide's texts and pictures for these settings."""
    settings = deps().settings
    texts = guide_texts.guide_page(settings)
    way = settings.registration.phone_proof
    shown = {
        text_id: pictures.picture(picture_id, phone_proof=way)
        for text_id, picture_id in guide_texts.PICTURES.items()
    }
    messages = [(texts[f"sms.heading.{notice}"], resources.sms_text(notice)) for notice in SMS]
    return render_template(
        "guide/guide.html",
        texts=texts,
        pictures=shown,
        messages=messages,
        context=carried_context(),
    )
