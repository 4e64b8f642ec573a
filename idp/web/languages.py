"""The language of a page. Persian is the source of every sentence; English has a catalogue.

A translator edits ``translations/en.po`` and nothing else; it is read when the server starts.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from idp import resources
from idp.domain.digits import to_persian
from idp.domain.jalali import TEHRAN, persian_datetime, today_in_tehran
from idp.web import cookies

FIELD = "language"


class Language(StrEnum):
    """What pages are written in."""

    PERSIAN = "fa"
    ENGLISH = "en"

    @property
    def direction(self) -> str:
        """Return the direction of its script, for ``dir``."""
        return "rtl" if self is Language.PERSIAN else "ltr"

    @property
    def own_name(self) -> str:
        """Return what it is called by those who read it."""
        return "فارسی" if self is Language.PERSIAN else "English"

    @property
    def other(self) -> "Language":
        """Return the one that the page can be switched to."""
        return Language.ENGLISH if self is Language.PERSIAN else Language.PERSIAN


def prepare(app: Flask) -> None:
    """Read the catalogue, give templates ``_`` and ``{% trans %}``, and take the switch."""
    _catalogue(Language.ENGLISH)
    app.before_request(_switch)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.filters["digits"] = digits
    app.jinja_env.filters["when"] = when
    app.jinja_env.globals.update(switch_link=switch_link)


def current() -> Language:
    """Return the language of this page: chosen here before, asked for by the portal, or Persian."""
    chosen = cookies.read(cookies.LANGUAGE)
    wished = (tag.partition("-")[0].lower() for tag in _ui_locales())
    known = [tag for tag in (chosen, *wished) if tag in set(Language)]
    return Language(known[0]) if known else Language.PERSIAN


def note_wish(ui_locales: Sequence[str]) -> None:
    """Keep what the waiting portal wishes (OIDC Core 3.1.2.1, ``ui_locales``), for this page."""
    g.ui_locales = tuple(ui_locales)


def is_english_only() -> bool:
    """Tell whether the browser reads English and no Persian; the switch then stands out."""
    wanted = {tag.partition("-")[0].lower() for tag in request.accept_languages.values()}
    return "en" in wanted and "fa" not in wanted


def gettext(sentence: str) -> str:
    """Return ``sentence`` in the language of this page; itself where the catalogue lacks it."""
    return str(_catalogue(current()).gettext(sentence))


def ngettext(one: str, many: str, count: int) -> str:
    """Return the sentence for ``count`` in the language of this page."""
    return str(_catalogue(current()).ngettext(one, many, count))


def mark(sentence: str) -> str:
    """Return ``sentence`` as it is: it is translated where it is shown, and collected here."""
    return sentence


def digits(number: object) -> str:
    """Return a number for prose, in the digits of this page's language."""
    text = str(number)
    return to_persian(text) if current() is Language.PERSIAN else text


def when(moment: datetime) -> str:
    """Return an aware time as Tehran's day and hour: Jalali in Persian, Gregorian in English."""
    if current() is Language.PERSIAN:
        return persian_datetime(moment)
    return f"{moment.astimezone(TEHRAN):%-d %B %Y, %H:%M}"


def day(moment: datetime) -> str:
    """Return the day that an aware time is in Tehran, in the calendar of the language."""
    if current() is Language.PERSIAN:
        return today_in_tehran(moment).in_words()
    return f"{moment.astimezone(TEHRAN):%-d %B %Y}"


def switch_link() -> str:
    """Return the address of this page in the other language; empty where it came by POST."""
    if request.method != "GET" or request.endpoint is None:
        return ""
    query = {**request.args.to_dict(flat=True), FIELD: current().other.value}
    return url_for(request.endpoint, **{**query, **(request.view_args or {})})


def _switch() -> ResponseReturnValue | None:
    """Remember the language that a page's address names, and lead to the address without it."""
    wanted = request.args.get(FIELD)
    is_page = request.method == "GET" and request.blueprint not in {None, "oauth"}
    if wanted not in set(Language) or not is_page or request.endpoint is None:
        return None
    query = {name: value for name, value in request.args.to_dict().items() if name != FIELD}
    target = url_for(request.endpoint, **{**query, **(request.view_args or {})})
    response = make_response(redirect(target, 303))
    cookies.write(response, cookies.LANGUAGE, wanted, max_age=cookies.LANGUAGE_LIFE)
    return response


def _ui_locales() -> tuple[str, ...]:
    return tuple(g.get("ui_locales", ()))


@cache
def _catalogue(language: Language) -> NullTranslations:
    if language is Language.PERSIAN:
        return NullTranslations()
    with resources.catalogue(language.value).open("rb") as file:
        written, compiled = read_po(file, locale=language.value), BytesIO()
    write_mo(compiled, written)
    compiled.seek(0)
    return Translations(compiled)
