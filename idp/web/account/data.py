"""The citizen's own data with their sources; all of them as a file and as a page to print."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.domain.people.physician import Profession
from idp.domain.persian.jalali import JalaliDate
from idp.domain.sign_in.session import Session
from idp.services.account.own_record import Fact
from idp.web.account.frame import account_of, fresh
from idp.web.account.history import in_words
from idp.web.account.residence import CHANGED as MOVED
from idp.web.forms import flashes
from idp.web.forms.page_form import ButtonForm
from idp.web.http.languages import Language, current, gettext, mark, when
from idp.web.http.visitors import visitor
from idp.web.registration import countries

bp = Blueprint("account_data", __name__, url_prefix="/account/data")

FILE_NAME = "account.json"
NAMES: Mapping[str, str] = {
    "given_name": mark("نام"),
    "family_name": mark("نام خانوادگی"),
    "national_id": mark("کد ملی"),
    "birth": mark("تاریخ تولد"),
    "gender": mark("جنسیت"),
    "mobile": mark("تلفن همراه"),
    "residence": mark("محل سکونت"),
    "email": mark("آدرس ایمیل"),
    "question": mark("سوال امنیتی"),
    "roles": mark("عنوان نزد سازمان"),
    "profession": mark("حرفه"),
    "council_number": mark("شماره نظام پزشکی"),
    "claimed_profession": mark("حرفه در حال بررسی"),
    "claimed_council_number": mark("شماره نظام پزشکی در حال بررسی"),
    "state": mark("وضعیت حساب"),
    "identity_confirmed_at": mark("زمان تأیید هویت"),
    "created_at": mark("زمان فعال شدن حساب"),
    "password_changed_at": mark("آخرین تغییر گذرواژه"),
}
SOURCES: Mapping[str, str] = {
    "registry": mark("از ثبت احوال"),
    "branch": mark("از مدارکی که شعبه دید"),
    "you": mark("شما وارد کرده‌اید"),
    "insurance_file": mark("از پرونده بیمه‌ای"),
    "medical_council": mark("از پایگاه سازمان نظام پزشکی"),
    "hub": mark("از همین سامانه"),
}
CONFIRMED: Mapping[str, str] = {
    "registry": mark("ثبت احوال تأیید کرده است"),
    "ownership": mark("مالکیت آن بررسی شده است"),
    "branch": mark("شعبه تأیید کرده است"),
    "link": mark("با لینکی که به آن ارسال شد تأیید شده است"),
}
_WORDS: Mapping[str, str] = {
    "male": mark("مرد"),
    "female": mark("زن"),
    "active": mark("فعال"),
    "insured": mark("بیمه شده"),
    "pensioner": mark("مستمری بگیر"),
    "employer": mark("کارفرما"),
    **{profession.value: profession.label for profession in Profession},
}
_TIMES = ("identity_confirmed_at", "created_at", "password_changed_at")
LEFT_TO_RIGHT = ("national_id", "mobile", "email", "council_number", "claimed_council_number")
PERSIAN = ("given_name", "family_name")
"""Fields whose values stay Persian on English pages."""


@bp.get("")
def show() -> ResponseReturnValue:
    """Show every field, unmasked, with its source; requires a recent reauthentication."""
    session = fresh("data")
    facts = _facts(session)
    is_moved = flashes.told(of=session.account_id) == MOVED
    done = gettext("محل سکونت شما تغییر یافت.") if is_moved else ""
    return render_template("account/data.html", facts=facts, done=done)


@bp.post("/download")
def download() -> ResponseReturnValue:
    """Send everything as one JSON file."""
    session = fresh("data")
    ButtonForm(request.form)  # 400 for a field that was sent twice
    whole = deps().own.record.download(session, visitor())
    response = Response(
        json.dumps(whole, ensure_ascii=False, indent=2), mimetype="application/json"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{FILE_NAME}"'
    return response


@bp.get("/print")
def show_all() -> ResponseReturnValue:
    """Show everything on one page, to be printed."""
    session = fresh("print")
    whole = deps().own.record.download(session, visitor())
    facts = _facts(session)
    rows = [
        in_words(datetime.fromisoformat(one["at"]), one["event"], one["by"], one["details"])
        for one in whole["history"]
    ]
    return render_template(
        "account/print.html",
        whole=whole,
        facts=facts,
        rows=rows,
        moment=datetime.fromisoformat,
        host=urlsplit(deps().settings.server.issuer).netloc,
    )


def _facts(session: Session) -> list[dict[str, Any]]:
    """Return all facts in words."""
    home = account_of(session).residence
    rules = deps().settings.registration
    country = countries.residence_name(rules, home.country) if home else ""
    return [_described(one, country) for one in deps().own.record.facts(session)]


def _described(fact: Fact, country: str) -> dict[str, Any]:
    value, persian = _value(fact, country)
    return {
        "id": fact.name,
        "name": gettext(NAMES[fact.name]),
        "value": value,
        "persian": persian,
        "ltr": fact.name in LEFT_TO_RIGHT,
        "source": gettext(SOURCES[fact.source]),
        "confirmed": gettext(CONFIRMED[fact.confirmed_by]) if fact.confirmed_by else "",
    }


def _value(fact: Fact, country: str) -> tuple[str, str]:
    """Return the value in the language of the page, and what of it is Persian in every language."""
    if fact.name == "residence":
        return f"{country}{gettext('،')} ", fact.value[-1]
    return ("", fact.value) if fact.name in PERSIAN else (_words(fact), "")


def _words(fact: Fact) -> str:
    if fact.name in _TIMES:
        return when(datetime.fromisoformat(fact.value))
    if isinstance(fact.value, list):
        return f"{gettext('،')} ".join(map(_word, fact.value)) or gettext("ثبت نشده است")
    return _birth(fact.value) if fact.name == "birth" else _word(fact.value)


def _birth(written: str) -> str:
    """Return the day of birth as other days are written here, in English with the card's own."""
    day = JalaliDate.of(*map(int, written.split("/")))
    if current() is Language.PERSIAN:
        return day.in_words()
    return f"{day.to_gregorian():%-d %B %Y} ({written})"


def _word(value: str) -> str:
    return gettext(_WORDS.get(value, value))
