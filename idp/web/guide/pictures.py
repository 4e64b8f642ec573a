"""The guide's screenshots: the file of each, and its alternative text."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from flask import url_for

from idp.web.http.languages import current, gettext, mark

FOLDER = "guide"
"""Below the static files; `make pictures` fills it."""

ALTS: Mapping[str, str] = {
    "S1-register": mark("صفحه ورود به سیستم؛ دور گزینه «ثبت نام» خط کشیده شده است."),
    "S2": mark("گام اول ثبت نام: نکته‌ها، کد ملی، اپراتور، تلفن همراه و دکمه «ثبت نام»."),
    "S3": mark(
        "فرم گام دوم با سه راهنما: کد ملی از مرحله قبل پر شده است، سوال امنیتی انتخاب می‌شود، "
        "گذرواژه حداقل ۸ کاراکتر و شامل شرایط ذکر شده است."
    ),
    "S4": mark(
        "پیغام ثبت درخواست: نتیجه تا ۴۸ ساعت با پیامک اعلام می‌شود؛ شماره پیگیری زیر آن است."
    ),
    "S3-filled": mark("فرم گام دوم که پر شده است؛ کنار هر مورد درست، نشان سبز تأیید است."),
    "S2e1": mark("گام اول با پیغام «کد ملی و یا شماره موبایل معتبر نیست» بالای فرم."),
    "S2e2": mark("گام اول با پیغام «حساب کاربری شما قبلاً ایجاد شده است» بالای فرم."),
    "S5": mark("همان پیغام ثبت درخواست، با شماره پیگیری، تا زمانی که نتیجه برسد."),
    "S1": mark("صفحه ورود به سیستم: نام کاربری، گذرواژه و دکمه «ورود»."),
    "S1-recover": mark("صفحه ورود به سیستم؛ دور گزینه «بازیابی گذرواژه» خط کشیده شده است."),
    "S6": mark("صفحه بازیابی گذرواژه: نام کاربری و دکمه «ادامه»."),
}
"""The alternative text (``alt``) of each picture."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as a page shows it; ``wide`` is its version for wide screens, if any."""

    address: str
    width: int
    height: int
    alt: str
    wide: "Picture | None" = None


def picture(picture_id: str, *, phone_proof: bool) -> Picture:
    """Return a screen's picture in the language of this page, with or without the phone proof.

    Raises KeyError for an unknown id.
    """
    broad = _found(picture_id, phone_proof=phone_proof, wide=True)
    narrow = _found(picture_id, phone_proof=phone_proof, wide=False)
    wide = Picture(**_shown(broad), alt="") if broad else None
    return Picture(**_shown(narrow or ""), alt=gettext(ALTS[picture_id]), wide=wide)


def key_of(picture_id: str, language: str, *, phone_proof: bool, wide: bool) -> str:
    """Return the name of a picture in the manifest, and of its file without the ending."""
    return "-".join(
        (picture_id, language, *(() if phone_proof else ("guide",)), *(("wide",) if wide else ()))
    )


@cache
def manifest() -> dict[str, dict[str, Any]]:
    """Return size and fingerprint of every picture by its name."""
    text = files("idp.web").joinpath("static", FOLDER, "pictures.json").read_text("utf-8")
    taken: dict[str, dict[str, Any]] = json.loads(text)
    return taken


def _found(picture_id: str, *, phone_proof: bool, wide: bool) -> str | None:
    """Return a picture's name; a screen without a picture of its own shares the default one."""
    ways = (phone_proof, True)
    names = (key_of(picture_id, current().value, phone_proof=way, wide=wide) for way in ways)
    return next((name for name in names if name in manifest()), None)


def _shown(name: str) -> dict[str, Any]:
    row = manifest()[name]
    address = url_for("static", filename=f"{FOLDER}/{name}.png", v=row["fingerprint"][:8])
    return {"address": address, "width": row["width"], "height": row["height"]}
