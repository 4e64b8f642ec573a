"""The language of a page. Persian is the source of every sentence; English has a catalogue.

A translator edits ``translations/en.po`` and nothing else; it is read when the server starts.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from io import BytesIO
from typing import Any, cast
from urllib.parse import urlencode

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, g, has_request_context, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from jinja2 import pass_context
from jinja2.runtime import Context

from idp import resources
from idp.domain.persian.characters import NBSP
from idp.domain.persian.digits import to_persian
from idp.domain.persian.jalali import TEHRAN, persian_datetime, today_in_tehran
from idp.domain.persian.line_breaks import unbroken
from idp.domain.wire import words
from idp.web.http import cookies

FIELD = "language"
WISH = "ui_locales"
_LANGUAGE = re.compile("[-_]")
"""What ends the language in a tag: BCP 47 has a hyphen, Java and many portals an underscore."""
PROTOCOL = frozenset({"oauth", "old_paths"})
"""The blueprints of the protocol's endpoints, which the switch never redirects."""


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
        """Return the language's name in itself."""
        return "فارسی" if self is Language.PERSIAN else "English"

    @property
    def other(self) -> "Language":
        """Return the language that the switch leads to."""
        return Language.ENGLISH if self is Language.PERSIAN else Language.PERSIAN


def prepare(app: Flask) -> None:
    """Read the catalogue, and give templates ``_`` and ``{% trans %}``.

    ``_`` is for a sentence in the template; it fills placeholders, so a percent sign must be
    doubled. The filter ``translated`` is for text in a variable, and fills none.
    """
    _catalogue(Language.ENGLISH)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    say = _remembering(cast(Callable[..., str], app.jinja_env.globals["gettext"]))
    app.jinja_env.globals.update(_=say, gettext=say)
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    filters: dict[str, Callable[[Any], str]] = {
        "digits": digits,
        "hour": hour,
        "when": when,
        "day": day,
        "translated": gettext,
    }
    app.jinja_env.filters.update((name, _each_time(one)) for name, one in filters.items())
    app.jinja_env.globals.update(switch_link=switch_link, current_language=current, mark=mark)


def current() -> Language:
    """Return the language of this page: that of the cookie, of ``ui_locales``, or Persian.

    It is selected once a request, and again after ``note_wish``. Outside of a request it is the
    source: Persian.
    """
    if not has_request_context():
        return Language.PERSIAN
    # Behind Flask's proxy a name takes six times as long, and each sentence of a page asks.
    kept = g._get_current_object()  # noqa: SLF001 (Werkzeug documents it)
    if "language" not in kept:
        kept.language = _selected()
    return cast(Language, kept.language)


def _selected() -> Language:
    chosen = cookies.every(cookies.LANGUAGE)
    wished = (_LANGUAGE.split(tag)[0].lower() for tag in _ui_locales())
    known = [tag for tag in (*chosen, *wished) if tag in set(Language)]
    return Language(known[0]) if known else Language.PERSIAN


def note_wish(ui_locales: Sequence[str]) -> None:
    """Keep the pending request's ``ui_locales`` (OIDC Core 3.1.2.1) for this page."""
    g.ui_locales = tuple(ui_locales)
    g.pop("language", None)


def is_english_only() -> bool:
    """Return whether Accept-Language has English and no Persian; the switch then stands out."""
    accepted = (tag for tag, quality in request.accept_languages if quality > 0)
    wanted = {tag.partition("-")[0].lower() for tag in accepted}
    return "en" in wanted and "fa" not in wanted


def gettext(sentence: str) -> str:
    """Return ``sentence`` in the language of this page; itself where the catalogue lacks it.

    No line ends between a number and its unit.
    """
    return unbroken(verbatim(sentence))


def verbatim(sentence: str) -> str:
    """Return what ``gettext`` does, but every blank as it is written: the guide's own words."""
    return str(_catalogue(current()).gettext(sentence))


def ngettext(one: str, many: str, count: int) -> str:
    """Return the sentence for ``count`` in the language of this page."""
    return unbroken(str(_catalogue(current()).ngettext(one, many, count)))


def mark(sentence: str) -> str:
    """Return ``sentence`` unchanged: the mark puts it into the catalogue, pages translate it."""
    return sentence


def inside_a_sentence(label: str) -> str:
    """Return a field's label for use inside a sentence: the first letter small."""
    return label[:1].lower() + label[1:]


def digits(number: object) -> str:
    """Return a number for prose, in the digits of this page's language."""
    text = str(number)
    return to_persian(text) if current() is Language.PERSIAN else text


def when(moment: datetime) -> str:
    """Return an aware time as Tehran's day and hour: Jalali in Persian, Gregorian in English."""
    if current() is Language.PERSIAN:
        return persian_datetime(moment)
    return f"{day(moment)}, {moment.astimezone(TEHRAN):%H:%M}"


def day(moment: datetime) -> str:
    """Return an aware time as its day in Tehran, in the calendar of this page's language."""
    if current() is Language.PERSIAN:
        return today_in_tehran(moment).in_words()
    local = moment.astimezone(TEHRAN)
    return f"{local.day}{NBSP}{local:%B %Y}"


def hour(moment: datetime) -> str:
    """Return an aware time as Tehran's hour and minute."""
    return digits(f"{moment.astimezone(TEHRAN):%H:%M}")


def switch_link() -> str:
    """Return the address of this page in the other language.

    Empty for a POST, for an address without a route, and for the protocol's endpoints.
    """
    return _address((FIELD, current().other.value)) if _is_page() else ""


def _each_time(say: Callable[[Any], str]) -> Callable[[Context, Any], str]:
    """Return a filter that Jinja calls at each rendering.

    Jinja applies a filter without a context to a constant only once, when it compiles the template:
    the result would be the same in all languages.
    """
    return pass_context(lambda _context, value: say(value))


def _remembering(say: Callable[..., str]) -> Callable[..., str]:
    """Return Jinja's ``gettext``, which makes each sentence without placeholders once a language.

    A page has some seventy of them, and Jinja takes five calls to make the markup of one.
    """
    made: dict[tuple[str, Language, bool], str] = {}

    @pass_context
    def said(context: Context, sentence: str, /, **placeholders: object) -> str:
        if placeholders:
            return say(context, sentence, **placeholders)
        key = sentence, current(), context.eval_ctx.autoescape
        if key not in made:
            made[key] = say(context, sentence)
        return made[key]

    return said


def switch() -> ResponseReturnValue | None:
    """Keep the language that a page's address names in the cookie; redirect without it."""
    wanted = request.args.get(FIELD)
    if wanted not in set(Language) or not _is_page():
        return None
    response = make_response(redirect(_address(), 303))
    cookies.write(response, cookies.LANGUAGE, wanted, max_age=cookies.LANGUAGE_LIFE)
    return response


def _is_page() -> bool:
    return request.method == "GET" and request.blueprint not in {None, *PROTOCOL}


def _address(*more: tuple[str, str]) -> str:
    """Return the path and query of this page, with ``more`` in place of its language parameter.

    Not by ``url_for`` alone: it takes ``_scheme``, ``_external`` and the like as its own options.
    """
    path = url_for(request.endpoint or "", **(request.view_args or {}))
    kept = ((name, value) for name, value in request.args.items(multi=True) if name != FIELD)
    query = urlencode([*kept, *more])
    return f"{path}?{query}" if query else path


def _ui_locales() -> tuple[str, ...]:
    """Return the ``ui_locales`` of the pending request; else those of the address."""
    if "ui_locales" in g:
        return tuple(g.ui_locales)
    return words(request.args.get(WISH, ""))


@cache
def _catalogue(language: Language) -> NullTranslations:
    if language is Language.PERSIAN:
        return NullTranslations()
    with resources.catalogue(language.value).open("rb") as file:
        written, compiled = read_po(file, locale=language.value), BytesIO()
    write_mo(compiled, written)
    compiled.seek(0)
    return Translations(compiled)
