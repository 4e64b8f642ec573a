"""Persian words for every code that a page can show. Codes are stable, words may change."""

from collections.abc import Mapping

from idp.domain.digits import to_persian
from idp.domain.errors import Invalid

_PAGES = {
    "N01": "تعداد درخواست‌های شما بیش از حد مجاز است. لطفاً چند دقیقه دیگر دوباره تلاش کنید.",
    "N02": "مهلت این صفحه به پایان رسیده است. لطفاً از ابتدا شروع کنید.",
    "N03": "کد ملی باید ۱۰ رقم باشد؛ صفرهای ابتدای آن را هم وارد کنید.",
    "N04": "شماره تلفن همراه باید ۱۱ رقم باشد و با ۰۹ آغاز شود.",
    "N05": "وارد کردن {field} الزامی است.",
    "N06": (
        "نام کاربری یا گذرواژه نادرست است."
        " اگر به تازگی ثبت نام کرده‌اید، تا دریافت پیامک نتیجه منتظر بمانید."
    ),
    "N07": ("به دلیل تلاش‌های ناموفق پیاپی، ورود موقتاً محدود شده است. لطفاً بعداً دوباره تلاش کنید."),
    "N08": "{field} را با حروف فارسی و بدون عدد وارد کنید.",
    "N09": "تاریخ تولد معتبر نیست.",
    "N09.esfand": "اسفند سال {year} ۲۹ روز دارد.",
    "N10": "ثبت نام برای افراد کمتر از {n} سال امکان‌پذیر نیست.",
    "N11": "شماره شناسنامه معتبر نیست. متولدین ۱۳۶۸ به بعد عدد ۰ یا کد ملی خود را وارد کنند.",
    "N12": "سریال (مسلسل) شناسنامه حداکثر ۶ رقم است.",
    "N13": "آدرس ایمیل معتبر نیست.",
    "N14": "گذرواژه و تکرار آن یکسان نیستند.",
    "N15": "این گذرواژه بسیار رایج و قابل حدس است.",
    "N16": "پیش‌شماره با اپراتور انتخاب‌شده هم‌خوان نیست؛ اگر خط را ترابرد کرده‌اید ادامه دهید.",
    "N17": "اطلاعات وارد شده صحیح نیست.",
    "N18": "گذرواژه شما تغییر یافت. اکنون می‌توانید وارد شوید.",
    "N19": "ثبت نام پزشکان از این صفحه انجام نمی‌شود.",
    "N20": (
        "صحت سنجی اطلاعات شما هنوز به پایان نرسیده است."
        " درخواست شما محفوظ است و نتیجه از طریق پیامک به اطلاع شما خواهد رسید."
    ),
    "busy": "در این لحظه درخواست‌ها بسیار است. لطفاً چند لحظه دیگر دوباره تلاش کنید.",
    "unexpected": "خطایی پیش آمد که از سوی شما نیست. لطفاً کمی بعد دوباره تلاش کنید.",
    "working": (
        "برای حفاظت از حساب‌های کاربری، مرورگر شما پیش از ادامه محاسبه کوتاهی انجام می‌دهد."
        " چند ثانیه صبر کنید؛ لازم نیست کاری انجام دهید."
    ),
    "working.by_hand": (
        "آنچه وارد کرده‌اید محفوظ است. اگر این صفحه خود به خود ادامه نیافت،"
        " تا {seconds} ثانیه دیگر دکمه «ادامه» نمایش داده می‌شود."
    ),
    "code.wrong": "کد وارد شده درست نیست. کدی را که آخر از همه دریافت کرده‌اید وارد کنید.",
    "code.dead": "این کد دیگر معتبر نیست. دکمه ارسال دوباره کد را بزنید و کد تازه را وارد کنید.",
    "http_400": "این درخواست قابل پردازش نیست. لطفاً از ابتدا شروع کنید.",
    "http_403": "این فرم از صفحه دیگری آمده یا کهنه شده است. صفحه را دوباره باز کنید.",
    "http_404": "این صفحه وجود ندارد.",
    "http_405": "این نشانی را نمی‌توان به این صورت باز کرد.",
    "http_413": "حجم اطلاعات ارسال شده بیش از اندازه است.",
    "http_429": "تعداد درخواست‌های شما بیش از حد مجاز است. لطفاً چند دقیقه دیگر دوباره تلاش کنید.",
    "http_500": "خطایی پیش آمد که از سوی شما نیست. لطفاً کمی بعد دوباره تلاش کنید.",
    "http_503": "سامانه موقتاً در دسترس نیست. لطفاً کمی بعد دوباره تلاش کنید.",
    "invalid_request": (
        "درخواستی که سامانه مبدأ فرستاده است قابل پردازش نیست. به آن سامانه بازگردید."
    ),
    "unknown_client": "سامانه‌ای که شما را به اینجا فرستاده است شناخته نیست.",
    "client_suspended": "دسترسی سامانه‌ای که شما را به اینجا فرستاده است متوقف شده است.",
    "redirect_uri_missing": "سامانه مبدأ نشانی بازگشت شما را نفرستاده است.",
    "redirect_uri_not_registered": "نشانی بازگشتی که سامانه مبدأ فرستاده است ثبت نشده است.",
}
_ALIASES = {"too_many": "N01", "gone": "N02", "context_lost": "N02"}

_TITLES = {
    "N02": "مهلت به پایان رسید",
    "N19": "ثبت نام پزشکان",
    "working": "یک لحظه صبر کنید",
    "too_many": "درخواست بیش از حد",
    "gone": "مهلت به پایان رسید",
    "busy": "سامانه پرکار است",
    "unexpected": "خطای سامانه",
    "http_400": "درخواست نادرست",
    "http_403": "فرم نامعتبر",
    "http_404": "صفحه پیدا نشد",
    "http_405": "روش نادرست",
    "http_413": "حجم بیش از اندازه",
    "http_429": "درخواست بیش از حد",
    "http_500": "خطای سامانه",
    "http_503": "سامانه در دسترس نیست",
    "invalid_request": "درخواست نادرست",
    "context_lost": "مهلت به پایان رسید",
}
OTHER_TITLE = "خطا"

_FIELDS = {
    "characters": "{field} نویسه‌ای دارد که پذیرفته نمی‌شود.",
    "too_long": "متن {field} بیش از اندازه بلند است.",
    "choice": "{field} را از فهرست انتخاب کنید.",
    "name.length": "{field} باید بین ۲ تا ۵۰ حرف باشد.",
    "series.letter": "بخش حرفی سری شناسنامه معتبر نیست.",
    "series.number": "بخش عددی سری شناسنامه باید عددی از ۱ تا ۹۹ باشد.",
    "birth.year": "تاریخ تولد معتبر نیست. سال را چهار رقمی و شمسی وارد کنید.",
    "national_id.digits": _PAGES["N03"] + " رقم‌ها را با کارت ملی خود مقایسه کنید.",
    "mobile.range": _PAGES["N04"] + " این پیش‌شماره به تلفن همراه تعلق ندارد.",
    "serial.zero": "سریال (مسلسل) شناسنامه نمی‌تواند صفر باشد.",
    "answer.short": "پاسخ باید دست کم ۲ حرف داشته باشد.",
    "answer.long": "پاسخ باید حداکثر ۱۰۰ نویسه باشد.",
    "city.text": "نام شهر را با حروف و حداکثر ۸۰ نویسه وارد کنید.",
    "keyboard": "توجه داشته باشید صفحه کلید به زبان انگلیسی (EN) باشد.",
    "charset": "فقط کاراکترهای لاتین حرف و عدد و & % $ # ! مجاز می باشند.",
    "start_letter": "باید با یک حرف آغاز شود.",
    "classes": "باید حداقل شامل یک حرف بزرگ، یک حرف کوچک و یک عدد باشد.",
    "too_short": "طول گذرواژه نباید کمتر از ۸ کاراکتر باشد.",
    "contains_name": "گذرواژه نباید شامل نام، نام خانوادگی و کد ملی باشد.",
    "contains_nid": "گذرواژه نباید شامل نام، نام خانوادگی و کد ملی باشد.",
    "password.too_long": "طول گذرواژه نباید بیشتر از ۱۲۸ کاراکتر باشد.",
    "common": _PAGES["N15"],
}
_TEXTS = {**_FIELDS, **_PAGES, **{alias: _PAGES[code] for alias, code in _ALIASES.items()}}

_OF_FIELDS: dict[str, dict[str, str]] = {
    "InvalidNationalId": {
        "repeated": "national_id.digits",
        "serial_zero": "national_id.digits",
        "checksum": "national_id.digits",
        "": "N03",
    },
    "InvalidMobile": {"unallocated": "mobile.range", "": "N04"},
    "InvalidOperator": {"": "choice"},
    "InvalidName": {"digit": "N08", "script": "N08", "length": "name.length"},
    "InvalidCertificateNumber": {"": "N11"},
    "InvalidSerial": {"zero": "serial.zero", "": "N12"},
    "InvalidSeries": {"letter": "series.letter", "number": "series.number"},
    "InvalidDate": {
        "date": "N09",
        "year": "birth.year",
        "esfand_29": "N09.esfand",
        "too_young": "N10",
        "too_old": "birth.year",
    },
    "InvalidGender": {"": "choice"},
    "InvalidQuestion": {"": "choice"},
    "InvalidAnswer": {"length": "answer.short", "characters": "characters"},
    "InvalidEmail": {"persian": "keyboard", "": "N13"},
    "InvalidPlace": {
        "country_unknown": "choice",
        "city_unknown": "choice",
        "city_text": "city.text",
        "country_empty": "N05",
        "city_empty": "N05",
    },
}
"""Code of the words for an error of a value type; ``""`` stands for all its other codes."""


def text(code: str, **params: str) -> str:
    """Return the Persian sentence of ``code``; unknown ``http_…`` codes get their class's sentence.

    Raises:
        KeyError: no such code, or a blank of the sentence was not given.
    """
    if code.startswith("http_") and code not in _TEXTS:
        code = "http_500" if code.startswith("http_5") else "http_400"
    words = _TEXTS[code]
    return words.format_map(params) if "{" in words else words


def title(code: str) -> str:
    """Return the heading of an error page."""
    return _TITLES.get(code, OTHER_TITLE)


def of_field(error: Invalid, field: str) -> str:
    """Return the sentence for a wrong field, whose Persian label is ``field``."""
    codes: Mapping[str, str] = _OF_FIELDS[type(error).__name__]
    if error.code == "empty":
        return text("N05", field=field)
    return text(codes.get(error.code) or codes[""], field=field, **_in_persian(error.params))


def _in_persian(params: Mapping[str, str]) -> dict[str, str]:
    return {name: to_persian(value) for name, value in params.items()}
