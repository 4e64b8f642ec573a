"""Words for every code that a page can show. Codes are stable, words may change.

Persian is the source; a sentence is translated when it is shown, then its placeholders are filled.
"""

from collections.abc import Mapping

from idp.domain.errors import Invalid
from idp.web.http.languages import digits, gettext, inside_a_sentence, mark

_PAGES = {
    "N01": mark("تعداد درخواست‌های شما بیش از حد مجاز است. لطفاً {wait} دوباره تلاش کنید."),
    "N02": mark("مهلت این صفحه به پایان رسیده است. لطفاً از ابتدا شروع کنید."),
    "N03": mark("کد ملی باید ۱۰ رقم باشد؛ صفرهای ابتدای آن را هم وارد کنید."),
    "N04": mark("شماره تلفن همراه باید ۱۱ رقم باشد و با ۰۹ آغاز شود."),
    "N05": mark("وارد کردن {field} الزامی است."),
    "N06": mark(
        "نام کاربری یا گذرواژه نادرست است."
        " اگر به تازگی ثبت نام کرده‌اید، تا دریافت پیامک نتیجه منتظر بمانید."
    ),
    "N07": mark(
        "به دلیل تلاش‌های ناموفق پیاپی، ورود موقتاً محدود شده است. لطفاً {wait} دوباره تلاش کنید."
    ),
    "N08": mark("{field} را با حروف فارسی و بدون عدد وارد کنید."),
    "N09": mark("تاریخ تولد معتبر نیست."),
    "N09.esfand": mark("اسفند سال {year} ۲۹ روز دارد."),
    "N10": mark("ثبت نام برای افراد کمتر از {n} سال امکان‌پذیر نیست."),
    "N11": mark("شماره شناسنامه معتبر نیست. متولدین ۱۳۶۸ به بعد عدد ۰ یا کد ملی خود را وارد کنند."),
    "N12": mark("مسلسل شناسنامه حداکثر ۶ رقم است."),
    "N13": mark("آدرس ایمیل معتبر نیست."),
    "N14": mark("گذرواژه و تکرار آن یکسان نیستند."),
    "N15": mark("این گذرواژه بسیار رایج و قابل حدس است."),
    "N16": mark("پیش‌شماره با اپراتور انتخاب‌شده هم‌خوان نیست؛ اگر خط را ترابرد کرده‌اید ادامه دهید."),
    "N17": mark("اطلاعات وارد شده صحیح نیست."),
    "N18": mark("گذرواژه شما تغییر یافت. اکنون می‌توانید وارد شوید."),
    "N19": mark("ثبت نام پزشکان از این صفحه انجام نمی‌شود."),
    "N20": mark(
        "صحت سنجی اطلاعات شما هنوز به پایان نرسیده است."
        " درخواست شما محفوظ است و نتیجه از طریق پیامک به اطلاع شما خواهد رسید."
    ),
    "busy": mark("سامانه در حال حاضر شلوغ است. لطفاً چند لحظه دیگر دوباره تلاش کنید."),
    "unexpected": mark("خطایی در سامانه رخ داده است. لطفاً کمی بعد دوباره تلاش کنید."),
    "working": mark(
        "برای حفاظت از حساب‌های کاربری، مرورگر شما پیش از ادامه محاسبه کوتاهی انجام می‌دهد."
        " چند ثانیه صبر کنید؛ لازم نیست کاری انجام دهید."
    ),
    "working.long": mark(
        "با این کد ملی گذرواژه‌های بسیاری امتحان می‌شود. برای حفاظت از حساب، مرورگر شما پیش از"
        " ادامه محاسبه می‌کند: در بیشتر تلفن‌ها حدود {minutes} دقیقه. این صفحه را باز بگذارید؛ به"
        " طور خودکار ادامه می‌یابد. با دستگاهی که قبلاً با آن وارد شده‌اید، یا با اینترنت دیگری"
        " (مثلاً اینترنت همراه به جای وای‌فای)، زودتر وارد می‌شوید."
    ),
    "working.by_hand": mark(
        "اطلاعاتی که وارد کرده‌اید محفوظ است. اگر این صفحه به طور خودکار ادامه نیافت، تا"
        " {seconds} ثانیه دیگر دکمه «ادامه» نمایش داده می‌شود."
    ),
    "working.by_hand_later": mark(
        "اطلاعاتی که وارد کرده‌اید محفوظ است. اگر این صفحه به طور خودکار ادامه نیافت، حدود"
        " {minutes} دقیقه دیگر دکمه «ادامه» را بزنید."
    ),
    "working.turn": mark(
        "برای حفاظت از این حساب کاربری، درخواست‌های ورود به نوبت بررسی می‌شوند. این صفحه در نوبت"
        " شما به طور خودکار ادامه می‌یابد؛ لازم نیست کاری انجام دهید."
    ),
    "code.wrong": mark("کد وارد شده درست نیست. کدی را که آخر از همه دریافت کرده‌اید وارد کنید."),
    "code.dead": mark("این کد دیگر معتبر نیست. کد جدیدی دریافت کنید و آن را وارد کنید."),
    "http_400": mark("این درخواست قابل پردازش نیست. لطفاً از ابتدا شروع کنید."),
    "no_cookies": mark(
        "مرورگر شما کوکی این سامانه را نمی‌پذیرد یا پاک کرده است. ورود و ثبت نام بدون کوکی ممکن"
        " نیست. در تنظیمات مرورگر، کوکی را برای این آدرس مجاز کنید و صفحه را دوباره باز کنید."
    ),
    "cookies_full": mark(
        "سایت‌های دیگر کوکی‌های بسیار بزرگی در این مرورگر گذاشته‌اند و درخواست شما خوانده نشد."
        " دکمه زیر را بزنید. اگر دوباره همین صفحه را دیدید، در تنظیمات مرورگر همه کوکی‌ها را پاک"
        " کنید."
    ),
    "http_403": mark("این فرم از صفحه دیگری آمده یا منقضی شده است. صفحه را دوباره باز کنید."),
    "http_404": mark("شاید آدرس آن اشتباه وارد شده یا تغییر کرده است. آدرس را بررسی کنید."),
    "http_405": mark("این آدرس را نمی‌توان به این صورت باز کرد."),
    "http_413": mark("حجم اطلاعات ارسال شده بیش از اندازه است."),
    "http_500": mark("خطایی در سامانه رخ داده است. لطفاً کمی بعد دوباره تلاش کنید."),
    "http_503": mark("سامانه موقتاً در دسترس نیست. لطفاً کمی بعد دوباره تلاش کنید."),
    "invalid_request": mark("درخواستی که آن سامانه ارسال کرده است درست نیست یا منقضی شده است."),
    "unknown_client": mark("سامانه‌ای که شما را به اینجا فرستاده است شناخته‌شده نیست."),
    "client_suspended": mark("دسترسی سامانه‌ای که شما را به اینجا فرستاده است متوقف شده است."),
    "redirect_uri_missing": mark("آن سامانه نگفته است که پس از ورود به کجا بازگردید."),
    "redirect_uri_not_registered": mark(
        "آدرسی که آن سامانه برای بازگشت شما ارسال کرده است ثبت نشده است."
    ),
}
_ALIASES = {"too_many": "N01", "gone": "N02", "context_lost": "N02"}

FAULT_OF_PORTAL = mark("مشکل از سامانه‌ای است که از آن آمده‌اید")
_TITLES = {
    "N02": mark("این صفحه دیگر قابل استفاده نیست"),
    "N19": mark("ثبت نام پزشکان"),
    "working": mark("یک لحظه صبر کنید"),
    "working.long": mark("لطفاً صبر کنید"),
    "working.turn": mark("لطفاً صبر کنید"),
    "too_many": mark("درخواست بیش از حد"),
    "gone": mark("این صفحه دیگر قابل استفاده نیست"),
    "busy": mark("سامانه شلوغ است"),
    "unexpected": mark("خطای سامانه"),
    "http_400": mark("درخواست نادرست"),
    "no_cookies": mark("کوکی پذیرفته نشد"),
    "cookies_full": mark("کوکی بیش از اندازه"),
    "http_403": mark("فرم نامعتبر"),
    "http_404": mark("صفحه پیدا نشد"),
    "http_405": mark("روش نادرست"),
    "http_413": mark("حجم بیش از اندازه"),
    "http_500": mark("خطای سامانه"),
    "http_503": mark("سامانه در دسترس نیست"),
    "invalid_request": FAULT_OF_PORTAL,
    "unknown_client": FAULT_OF_PORTAL,
    "client_suspended": FAULT_OF_PORTAL,
    "redirect_uri_missing": FAULT_OF_PORTAL,
    "redirect_uri_not_registered": FAULT_OF_PORTAL,
    "context_lost": mark("این صفحه دیگر قابل استفاده نیست"),
}
OTHER_TITLE = mark("خطا")

_FIELDS = {
    "characters": mark("{field} کاراکتر غیرمجاز دارد."),
    "too_long": mark("متن {field} بیش از اندازه طولانی است."),
    "choice": mark("{field} را از فهرست انتخاب کنید."),
    "city.empty": mark("نام {field} را وارد کنید."),
    "name.length": mark("{field} باید بین ۲ تا ۵۰ حرف باشد."),
    "series.letter": mark("حرف سری شناسنامه را از فهرست انتخاب کنید."),
    "series.letter_number": mark(
        "عددی که در سری شناسنامه به جای حرف آمده است باید از ۱ تا ۹۹ باشد."
    ),
    "series.number": mark("بخش عددی سری شناسنامه باید عددی از ۱ تا ۹۹ باشد."),
    "birth.year": mark("تاریخ تولد معتبر نیست. سال را ۴ رقمی و شمسی وارد کنید."),
    "birth.old": mark(
        "ثبت نام برای افراد بیش از {n} سال از این صفحه انجام نمی‌شود. سال تولد را بررسی کنید."
    ),
    "national_id.digits": mark("این کد ملی معتبر نیست؛ رقم‌ها را با کارت ملی خود مقایسه کنید."),
    "mobile.range": mark(
        "شماره تلفن همراه باید ۱۱ رقم باشد و با ۰۹ آغاز شود. این پیش‌شماره متعلق به تلفن همراه نیست."
    ),
    "serial.zero": mark("مسلسل شناسنامه نمی‌تواند صفر باشد."),
    "answer.short": mark("پاسخ باید حداقل ۲ حرف داشته باشد."),
    "answer.wrong": mark("پاسخ سوال امنیتی درست نیست."),
    "answer.long": mark("پاسخ باید حداکثر ۱۰۰ کاراکتر باشد."),
    "tracking.length": mark("شماره پیگیری باید ۱۰ رقم باشد."),
    "tracking.digits": mark(
        "این شماره پیگیری درست نیست؛ رقم‌ها را با شماره‌ای که پس از ثبت درخواست دیدید مقایسه کنید."
    ),
    "tracking.of_person": mark(
        "این کد ملی یا تلفن همراه است."
        " شماره پیگیری ۱۰ رقم دیگری است که پس از ثبت درخواست نمایش داده شد."
    ),
    "council_number": mark(
        "{field} معتبر نیست. آن را همان گونه که در کارت نظام پزشکی آمده است وارد کنید:"
        " رقم، حرف و خط تیره، حداکثر ۲۰ کاراکتر."
    ),
    "city.text": mark("نام شهر را با حروف و حداکثر ۸۰ کاراکتر وارد کنید."),
    "keyboard": mark("توجه داشته باشید صفحه کلید به زبان انگلیسی (EN) باشد."),
    "charset": mark("فقط کاراکترهای لاتین حرف و عدد و & % $ # ! مجاز می باشند."),
    "start_letter": mark("باید با یک حرف آغاز شود."),
    "classes": mark("باید حداقل شامل یک حرف بزرگ، یک حرف کوچک و یک عدد باشد."),
    "too_short": mark("طول گذرواژه نباید کمتر از ۸ کاراکتر باشد."),
    "contains_name": mark("گذرواژه نباید شامل نام، نام خانوادگی و کد ملی باشد."),
    "contains_nid": mark("گذرواژه نباید شامل نام، نام خانوادگی و کد ملی باشد."),
    "password.too_long": mark("طول گذرواژه نباید بیشتر از ۱۲۸ کاراکتر باشد."),
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
    "InvalidTrackingNumber": {
        "of_person": "tracking.of_person",
        "check_digit": "tracking.digits",
        "": "tracking.length",
    },
    "InvalidOperator": {"": "choice"},
    "InvalidName": {"digit": "N08", "script": "N08", "length": "name.length"},
    "InvalidCertificateNumber": {"": "N11"},
    "InvalidSerial": {"zero": "serial.zero", "": "N12"},
    "InvalidSeries": {
        "letter": "series.letter",
        "letter_number": "series.letter_number",
        "number": "series.number",
    },
    "InvalidDate": {
        "date": "N09",
        "year": "birth.year",
        "esfand_29": "N09.esfand",
        "too_young": "N10",
        "too_old": "birth.old",
    },
    "InvalidGender": {"": "choice"},
    "InvalidProfession": {"": "choice"},
    "InvalidCouncilNumber": {"": "council_number"},
    "InvalidQuestion": {"": "choice"},
    "InvalidAnswer": {
        "length": "answer.short",
        "too_long": "answer.long",
        "characters": "characters",
    },
    "InvalidEmail": {"persian": "keyboard", "": "N13"},
    "InvalidPlace": {
        "country_unknown": "choice",
        "city_unknown": "choice",
        "city_text": "city.text",
        "country_empty": "choice",
        "city_empty": "city.empty",
    },
}
"""Message code by error code of each value type; ``""`` is for all its other error codes."""


def text(code: str, **params: str) -> str:
    """Return the sentence of ``code``; unknown ``http_…`` codes get that of 500 or of 400.

    Raises:
        KeyError: no such code, or a placeholder of the sentence has no value.
    """
    if code.startswith("http_") and code not in _TEXTS:
        code = "http_500" if code.startswith("http_5") else "http_400"
    words = gettext(_TEXTS[code])
    if "field" in params and not words.startswith("{field}"):
        params["field"] = inside_a_sentence(params["field"])
    return words.format_map(params) if "{" in words else words


def title(code: str) -> str:
    """Return the heading of an error page."""
    return gettext(_TITLES.get(code, OTHER_TITLE))


def is_fault_of_portal(code: str) -> bool:
    """Return whether the portal that sent the citizen is at fault, not the citizen or the hub."""
    return _TITLES.get(code) == FAULT_OF_PORTAL


def of_field(error: Invalid, field: str) -> str:
    """Return the sentence for a wrong field, whose label is ``field``."""
    codes: Mapping[str, str] = _OF_FIELDS[type(error).__name__]
    missing = "choice" if codes.get("") == "choice" else "N05"
    code = codes.get(error.code) or (missing if error.code == "empty" else codes[""])
    return text(code, field=field, **_for_prose(error.params))


def _for_prose(params: Mapping[str, str]) -> dict[str, str]:
    return {name: digits(value) for name, value in params.items()}
