"""Jinja's configuration, and the values that every template gets."""

from flask import Flask, g
from jinja2 import StrictUndefined

from idp.deps import deps
from idp.ports import DatabaseUnavailable
from idp.web.compiled_templates import COMPILED
from idp.web.forms import whose
from idp.web.forms.blank_parts import BlankParts
from idp.web.forms.page_form import ButtonForm
from idp.web.http import languages, pending, security, sessions
from idp.web.http.own_addresses import OwnAddresses
from idp.web.words import branch_words, branding, guide_texts, messages, portal_names


def prepare(app: Flask) -> None:
    """Make undefined names an error, and add the globals and context values of all templates."""
    app.jinja_env.bytecode_cache = COMPILED
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        message=messages.text,
        message_title=messages.title,
        guide=guide_texts.screen,
        password_rule_ids=guide_texts.PASSWORD_RULES,
        button_form=ButtonForm,
        account_mark=whose.mark_of_page,
        around_branch=branch_words.around_branch,
        while_blank=BlankParts(),
        link=pending.link,
        url_for=OwnAddresses(),
        is_named_in_english=portal_names.is_named_in_english,
        name_of_portal=portal_names.portal_name,
    )
    app.context_processor(_shared)


def _shared() -> dict[str, object]:
    pages = deps().settings.pages
    return {
        "pages": pages,
        "brand": branding.names(),
        "signed_in": _is_signed_in(),
        "development": deps().settings.is_development,
        "language": languages.current(),
        "is_english_only": languages.is_english_only(),
    }


def _is_signed_in() -> bool:
    """Return whether the page shows the sign-out button «خروج».

    False without the database, and beside a form that posts to a portal (``form-action``).
    """
    if g.get("asks_no_database") or security.forms_lead_anywhere():
        return False
    try:
        return sessions.current_session() is not None
    except DatabaseUnavailable:
        return False
