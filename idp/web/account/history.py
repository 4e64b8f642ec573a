"""The history of the own account, page by page."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.domain.sign_in.origin import BROWSERS, PLATFORMS
from idp.ports import AuditEntry
from idp.services.account.own_history import shown_actor
from idp.web.account.frame import signed_in
from idp.web.http.languages import gettext, mark

bp = Blueprint("account_history", __name__, url_prefix="/account/history")

_NUMBER = re.compile("[0-9]{1,4}")

EVENTS: Mapping[str, str] = {
    "signed_in": mark("ورود به حساب"),
    "sign_in.code_needed": mark("گذرواژه درست در دستگاه ناآشنا وارد شد و کد پیامک شد"),
    "sign_in.refused": mark("گذرواژه نادرست در دستگاه آشنا"),
    "password_refused": mark("گذرواژه نادرست در صفحه حساب کاربری"),
    "sessions.ended": mark("پایان ورود"),
    "device_forgotten": mark("دستگاهی حذف شد"),
    "not_me": mark("«من نبودم»: همه ورودها پایان یافت و همه دستگاه‌ها حذف شد"),
    "password_changed": mark("گذرواژه تغییر کرد"),
    "password_recovered": mark("گذرواژه بازیابی شد"),
    "email_changed": mark("آدرس ایمیل تغییر کرد"),
    "email_confirmed": mark("آدرس ایمیل شما تأیید شد"),
    "answer_changed": mark("سوال امنیتی و پاسخ آن تغییر کرد"),
    "residence_changed": mark("محل سکونت تغییر کرد"),
    "mobile_change_asked": mark("درخواست تغییر تلفن همراه، پس از تأیید هر دو شماره"),
    "mobile_changed": mark("تغییر تلفن همراه پس از بررسی مالکیت"),
    "mobile_unchanged": mark("تلفن همراه تغییر نکرد: مالکیت شماره جدید تأیید نشد"),
    "account_closed": mark("حساب به درخواست شما بسته شد"),
    "account.opened": mark("فعال شدن حساب پس از صحت سنجی اطلاعات هویتی"),
    "account.roles": mark("بررسی پرونده بیمه‌ای"),
    "consent.given": mark("اجازه به سامانه"),
    "consent.revoked": mark("قطع دسترسی سامانه"),
    "account.sessions_ended": mark("پایان دادن به همه ورودها توسط شعبه"),
    "account.mobile_code_sent": mark("کد تغییر تلفن همراه توسط شعبه ارسال شد"),
    "account.mobile_changed": mark("تلفن همراه تغییر کرد"),
    "account.recovery_opened": mark("شعبه بازیابی گذرواژه را باز کرد"),
    "account.suspended": mark("شعبه حساب را متوقف کرد"),
    "account.active": mark("شعبه حساب را دوباره فعال کرد"),
    "account.closed": mark("بسته شدن حساب"),
    "data_downloaded": mark("دریافت همه اطلاعات حساب"),
    "message.sent": mark("پیام ارسال شد"),
}
MESSAGES: Mapping[str, str] = {
    "code_sign_in": mark("کد ورود"),
    "code_recovery": mark("کد بازیابی گذرواژه"),
    "code_change_mobile": mark("کد تغییر تلفن همراه"),
    "owner_notice": mark("اطلاع از ثبت نام دیگری با کد ملی شما"),
    "password_changed": mark("اطلاع از تغییر گذرواژه"),
    "answer_changed": mark("اطلاع از تغییر سوال امنیتی"),
    "residence_changed": mark("اطلاع از تغییر محل سکونت"),
    "new_device": mark("اطلاع از ورود با دستگاه جدید"),
    "mobile_changed_old": mark("اطلاع از تغییر تلفن همراه، به شماره قبلی"),
    "mobile_changed_new": mark("اطلاع از تغییر تلفن همراه، به شماره جدید"),
    "recovery_opened": mark("اطلاع از باز شدن بازیابی گذرواژه"),
    "code_leave_mobile": mark("کد تأیید شماره فعلی"),
    "mobile_unchanged": mark("اطلاع از تغییر نکردن تلفن همراه"),
    "recovery_held": mark("اطلاع از بسته بودن بازیابی گذرواژه تا ۷۲ ساعت"),
    "account_closed": mark("اطلاع از بسته شدن حساب"),
    "mail_mobile_unchanged": mark("ایمیل اطلاع از تغییر نکردن تلفن همراه"),
    "mail_account_closed": mark("ایمیل اطلاع از بسته شدن حساب"),
    "mail_email_confirm": mark("ایمیل تأیید آدرس"),
    "mail_email_changed": mark("ایمیل اطلاع از تغییر آدرس، به آدرس قبلی"),
    "mail_password_changed": mark("ایمیل اطلاع از تغییر گذرواژه"),
    "mail_answer_changed": mark("ایمیل اطلاع از تغییر سوال امنیتی"),
    "mail_residence_changed": mark("ایمیل اطلاع از تغییر محل سکونت"),
    "mail_new_device": mark("ایمیل اطلاع از ورود با دستگاه جدید"),
    "mail_mobile_changed_new": mark("ایمیل اطلاع از تغییر تلفن همراه"),
    "mail_recovery_opened": mark("ایمیل اطلاع از باز شدن بازیابی گذرواژه"),
}
_ANSWERS: Mapping[str, str] = {
    "registry": mark("ثبت احوال: مطابقت داشت"),
    "ownership": mark("مالکیت تلفن همراه: مطابقت داشت"),
    "branch": mark("با تأیید شعبه"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """An event in words."""

    at: datetime
    what: str
    about: str


@bp.get("")
def show() -> ResponseReturnValue:
    """Show a page of the history, the newest event first."""
    asked = request.args.get("page", "")
    number = int(asked) if _NUMBER.fullmatch(asked) else 1
    page = deps().own.history.page(signed_in(), number)
    return render_template(
        "account/history.html", rows=[row_of(entry) for entry in page.entries], page=page
    )


def row_of(entry: AuditEntry) -> Row:
    """Return the audit entry in words; for an officer it names the branch, never the person."""
    return in_words(entry.at, entry.action, shown_actor(entry), entry.details)


def in_words(at: datetime, action: str, by: str, told: Mapping[str, str]) -> Row:
    """Return an event as a row; ``told`` are its details."""
    return Row(at, gettext(EVENTS[action]), f"{gettext('؛')} ".join(filter(None, _parts(by, told))))


def _parts(by: str, told: Mapping[str, str]) -> list[str]:
    parts = [_origin(told), _message(told), told.get("client_name", "")]
    answers = (_ANSWERS.get(told.get(key, "")) for key in ("identity", "mobile"))
    parts += [gettext(answer) for answer in answers if answer]
    if by == "branch":
        parts.append(gettext("شعبه: %(branch)s") % {"branch": told.get("branch", "")})
    return list(dict.fromkeys(parts))


def _origin(told: Mapping[str, str]) -> str:
    if told.get("browser") not in BROWSERS or told.get("platform") not in PLATFORMS:
        return ""
    words = render_template("account/origin.txt", of=told)
    return " ".join(words.split())


def _message(told: Mapping[str, str]) -> str:
    if "message" not in told:
        return ""
    name = MESSAGES.get(told["message"])
    return gettext(name) if name else told["message"]
