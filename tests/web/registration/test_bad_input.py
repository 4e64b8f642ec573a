"""Bad input: every field, every kind; a clear 4xx, nothing half-written, nothing lost."""

import re
from urllib.parse import quote, urlencode

import pytest

from tests.factories import NATIONAL_ID
from tests.web.hub import Browser, Hub, hidden, words
from tests.web.registration.walk import (
    PASSWORD,
    STEP_ONE,
    STEP_TWO,
    step_one,
    step_two,
    to_step_two,
)

KINDS = {
    "empty": "",
    "10 kB": "1" * 10_000,
    "NUL": "\x00",
    "NUL inside": "12\x0034",
    "lone surrogate": b"%ED%A0%80",
    "broken UTF-8": b"%FF%FE",
    "RTL override": "\u202e",
    "emoji": "\U0001f600",
    "markup": "<script>alert(1)</script>",
    "wrong type": "[]",
}
OPTIONAL = {"series_letter_number", "city_text"}
REQUIRED = [name for name in STEP_TWO if name not in OPTIONAL]
ANY_TEXT = {("answer", "markup")}
"""What a citizen may well answer."""
UNREADABLE = {"lone surrogate": 400, "broken UTF-8": 400}


def encoded(fields: dict[str, str], name: str, value: str | bytes) -> str:
    """Return a form's body; bytes stand for what is encoded already."""
    rest = urlencode({key: text for key, text in fields.items() if key != name})
    return f"{rest}&{name}={value.decode() if isinstance(value, bytes) else quote(value)}"


def send(browser: Browser, path: str, body: str):
    return browser.post(path, body, content_type="application/x-www-form-urlencoded")


def statuses(pages) -> dict[str, int]:
    return {kind: page.status_code for kind, page in pages.items()}


def nothing_is_written(hub: Hub) -> bool:
    with hub.deps.begin(read_only=True) as work:
        return not work.cases.list() and not work.outbox.waiting("check_case")


@pytest.mark.parametrize("name", STEP_ONE)
def test_step_one_refuses(hub, name):
    browser = hub.browser()
    fields = {"csrf_token": browser.csrf_token(), **STEP_ONE}
    pages = {kind: send(browser, "/register", encoded(fields, name, KINDS[kind])) for kind in KINDS}
    assert statuses(pages) == dict.fromkeys(KINDS, 422) | UNREADABLE
    assert hub.take_sms() == []


@pytest.mark.parametrize("name", REQUIRED)
def test_step_two_refuses(hub, name):
    browser = hub.browser()
    form = to_step_two(browser)
    fields = {"csrf_token": browser.csrf_token(), "flow": hidden(form, "flow"), **STEP_TWO}
    kinds = [kind for kind in KINDS if (name, kind) not in ANY_TEXT]
    pages = {
        kind: send(browser, "/register/details", encoded(fields, name, KINDS[kind]))
        for kind in kinds
    }
    assert statuses(pages) == dict.fromkeys(kinds, 422) | UNREADABLE
    assert nothing_is_written(hub)


def test_a_wrong_field_is_named(hub):
    browser = hub.browser()
    page = step_two(browser, to_step_two(browser), serial="\x00")
    assert "بعضی از موارد نیاز به اصلاح دارند:" in words(page)
    assert 'aria-describedby="serial-hint serial-error"' in page.get_data(as_text=True)


def test_the_code_field_refuses(hub):
    browser = hub.browser()
    page = step_one(browser)
    fields = {"csrf_token": browser.csrf_token(), "flow": hidden(page, "flow"), "code": ""}
    pages = {
        kind: send(browser, "/register/code", encoded(fields, "code", KINDS[kind]))
        for kind in KINDS
    }
    assert statuses(pages) == dict.fromkeys(KINDS, 422) | UNREADABLE


@pytest.mark.parametrize("path", ["/register/code", "/register/code/resend", "/register/details"])
def test_an_impossible_record_is_gone(hub, path):
    browser = hub.browser()
    fields = {"csrf_token": browser.csrf_token(), "code": "123456"}
    pages = {kind: send(browser, path, encoded(fields, "flow", KINDS[kind])) for kind in KINDS}
    assert statuses(pages) == dict.fromkeys(KINDS, 410) | UNREADABLE


@pytest.mark.parametrize("name", STEP_ONE)
def test_a_repeated_field_of_step_one_is_400(hub, name):
    browser = hub.browser()
    fields = {"csrf_token": browser.csrf_token(), **STEP_ONE}
    page = send(browser, "/register", urlencode(fields) + f"&{name}=1")
    assert page.status_code == 400


@pytest.mark.parametrize("name", STEP_TWO)
def test_a_repeated_field_of_step_two_is_400(hub, name):
    browser = hub.browser()
    form = to_step_two(browser)
    fields = {"csrf_token": browser.csrf_token(), "flow": hidden(form, "flow"), **STEP_TWO}
    page = send(browser, "/register/details", urlencode(fields) + f"&{name}=1")
    assert page.status_code == 400
    assert nothing_is_written(hub)


def test_a_form_without_its_token_is_403(hub):
    browser = hub.browser()
    browser.get("/register")
    assert send(browser, "/register", urlencode(STEP_ONE)).status_code == 403


def test_a_form_of_another_site_is_403(hub):
    page = hub.browser().post("/register", STEP_ONE, headers={"Sec-Fetch-Site": "cross-site"})
    assert page.status_code == 403


def test_a_huge_form_is_413(hub):
    browser = hub.browser()
    browser.csrf_token()
    assert send(browser, "/register", "a=" + "1" * 100_000).status_code == 413


def test_nothing_typed_is_lost_but_passwords(hub):
    browser = hub.browser()
    page = step_two(browser, to_step_two(browser), email="not an address")
    markup = page.get_data(as_text=True)
    kept = {**STEP_TWO, "birth_year": "1360", "email": "not an address"}
    assert f"<option selected>{kept.pop('city')}</option>" in markup
    shown = [value for name, value in kept.items() if value and not name.startswith("password")]
    assert [value for value in shown if f'value="{value}"' not in markup] == []
    assert PASSWORD not in markup
    assert "برای حفظ امنیت، گذرواژه در این صفحه باقی نمی‌ماند." in words(page)


def test_right_fields_have_their_mark(hub):
    browser = hub.browser()
    page = step_two(browser, to_step_two(browser), serial="0").get_data(as_text=True)
    marked = ("family_name", "birth", "series", "gender", "country", "city", "email", "answer")
    assert [name for name in marked if f'id="{name}-good"' not in page] == []
    assert 'id="serial-good"' not in page
    told = page.count('<span class="sr">تأیید شد</span>')
    assert told == page.count('<p class="good"') >= len(marked)


def test_a_mark_is_read_out_with_its_field(hub):
    browser = hub.browser()
    page = step_two(browser, to_step_two(browser), serial="0").get_data(as_text=True)
    assert 'aria-describedby="family_name-good"' in page
    assert page.count('aria-describedby="birth-good"') == 3


def test_a_right_country_keeps_its_mark_beside_a_wrong_city(hub):
    browser = hub.browser()
    page = step_two(browser, to_step_two(browser), city="").get_data(as_text=True)
    assert 'id="country-good"' in page
    assert 'id="city-good"' not in page


def test_the_error_of_a_city_is_tied_to_both_its_fields(hub):
    browser = hub.browser()
    page = step_two(browser, to_step_two(browser), country="DE", city="", city_text="<b>")
    assert page.get_data(as_text=True).count('aria-describedby="city-error"') == 2


def test_all_errors_of_a_field_are_tied_to_it(hub):
    browser = hub.browser()
    page = step_two(browser, to_step_two(browser), password="1abc").get_data(as_text=True)
    tied = page.split('id="password-error"')[1].split("</div>")[0]
    assert tied.count('class="error"') == 3


def test_a_hint_that_is_the_error_is_said_once(hub):
    browser = hub.browser()
    page = step_two(browser, to_step_two(browser), email="رضا@a.ir").get_data(as_text=True)
    field = page.split('<label for="email">')[1].split("<label")[0]
    field = re.sub('data-latin="[^"]*"', "", field)  # what a script says while somebody types
    assert field.count("صفحه کلید به زبان انگلیسی") == 1
    assert 'aria-describedby="email-error"' in field


def test_the_list_above_the_form_names_the_fields(hub):
    browser = hub.browser()
    page = step_two(browser, to_step_two(browser), email="رضا@a.ir", password="گذرواژه۱")
    listed = words(page).split("اصلاح دارند:")[1]
    assert "آدرس ایمیل: توجه داشته باشید" in listed
    assert "گذرواژه: توجه داشته باشید" in listed


@pytest.mark.parametrize(
    ("changes", "sentences"),
    [
        ({"national_id": "12345"}, ["کد ملی باید ۱۰ رقم باشد؛ صفرهای ابتدای آن را هم وارد کنید."]),
        (
            {"national_id": "1234567890"},
            ["این کد ملی معتبر نیست؛ رقم‌ها را با کارت ملی خود مقایسه کنید."],
        ),
        ({"mobile": "0912"}, ["شماره تلفن همراه باید ۱۱ رقم باشد و با ۰۹ آغاز شود."]),
        ({"mobile": "09061234567"}, ["این پیش‌شماره متعلق به تلفن همراه نیست."]),
        ({"operator": ""}, ["اپراتور را از فهرست انتخاب کنید."]),
    ],
)
def test_a_wrong_field_of_step_one_is_told_in_persian(hub, changes, sentences):
    page = step_one(hub.browser(), **changes)
    said = words(page)
    assert [one for one in sentences if one not in said] == []


def test_step_one_keeps_what_was_typed_and_shows_it_in_ascii(hub):
    page = step_one(hub.browser(), national_id="۱۲۳", mobile="٠٩١٢").get_data(as_text=True)
    assert 'value="123"' in page
    assert 'value="0912"' in page
    assert '<option value="mci" selected>' in " ".join(page.split())


def test_what_was_typed_is_escaped(hub):
    page = step_one(hub.browser(), national_id='"><script>x</script>').get_data(as_text=True)
    assert "<script>x" not in page


FIELD_SENTENCES = [
    ({"given_name": "Reza"}, "نام را با حروف فارسی و بدون عدد وارد کنید."),
    ({"family_name": "رضا۲"}, "نام خانوادگی را با حروف فارسی و بدون عدد وارد کنید."),
    ({"family_name": "ا"}, "نام خانوادگی باید بین ۲ تا ۵۰ حرف باشد."),
    ({"certificate_number": "0"}, "شماره شناسنامه معتبر نیست. متولدین ۱۳۶۸ به بعد عدد ۰"),
    ({"serial": "1234567"}, "مسلسل شناسنامه حداکثر ۶ رقم است."),
    ({"series_number": "100"}, "بخش عددی سری شناسنامه باید عددی از ۱ تا ۹۹ باشد."),
    ({"series_letter": ""}, "وارد کردن سری شناسنامه الزامی است."),
    ({"series_letter": "x"}, "حرف سری شناسنامه را از فهرست انتخاب کنید."),
    (
        {"series_letter": "x", "series_number": "100"},
        "فهرست انتخاب کنید. بخش عددی سری شناسنامه باید عددی از ۱ تا ۹۹ باشد.",
    ),
    (
        {"series_letter": "عدد", "series_letter_number": "100"},
        "عددی که در سری شناسنامه به جای حرف آمده است باید از ۱ تا ۹۹ باشد.",
    ),
    ({"series_letter": "", "series_number": ""}, "وارد کردن سری شناسنامه الزامی است."),
    ({"birth_month": "12", "birth_day": "30"}, "اسفند سال ۱۳۶۰ ۲۹ روز دارد."),
    ({"birth_year": "1395"}, "ثبت نام برای افراد کمتر از ۱۵ سال امکان‌پذیر نیست."),
    ({"birth_year": "1981"}, "تاریخ تولد معتبر نیست. سال را ۴ رقمی و شمسی وارد کنید."),
    ({"birth_year": "60"}, "تاریخ تولد معتبر نیست. سال را ۴ رقمی و شمسی وارد کنید."),
    ({"birth_month": "7", "birth_day": "31"}, "تاریخ تولد معتبر نیست."),
    ({"birth_month": "", "birth_year": ""}, "ماه تولد را از فهرست انتخاب کنید."),
    ({"birth_day": ""}, "روز تولد را از فهرست انتخاب کنید."),
    (
        {"birth_day": "", "birth_month": "", "birth_year": ""},
        "وارد کردن تاریخ تولد الزامی است.",
    ),
    ({"birth_year": "1281"}, "ثبت نام برای افراد بیش از ۱۲۰ سال از این صفحه انجام نمی‌شود."),
    ({"answer": "ا" * 120}, "پاسخ باید حداکثر ۱۰۰ کاراکتر باشد."),
    ({"series_number": "5/1"}, "بخش عددی سری شناسنامه باید عددی از ۱ تا ۹۹ باشد."),
    ({"series_number": "5-1"}, "بخش عددی سری شناسنامه باید عددی از ۱ تا ۹۹ باشد."),
    ({"birth_year": "13/60"}, "سال را ۴ رقمی و شمسی وارد کنید."),
    ({"birth_year": "136 0"}, "سال را ۴ رقمی و شمسی وارد کنید."),
    ({"serial": "123/45"}, "مسلسل شناسنامه حداکثر ۶ رقم است."),
    ({"certificate_number": "12/5"}, "شماره شناسنامه معتبر نیست."),
    ({"serial": "000"}, "مسلسل شناسنامه نمی‌تواند صفر باشد."),
    ({"country": ""}, "کشور را از فهرست انتخاب کنید."),
    ({"country": "", "city": ""}, "شهر را از فهرست انتخاب کنید."),
    ({"city": ""}, "شهر را از فهرست انتخاب کنید."),
    ({"city": "other"}, "نام شهر را وارد کنید."),
    ({"country": "DE", "city": ""}, "نام شهر را وارد کنید."),
    ({"email": "رضا@example.ir"}, "صفحه کلید به زبان انگلیسی (EN)"),
    ({"password_again": ""}, "وارد کردن تکرار گذرواژه الزامی است."),
    ({"password": "", "password_again": ""}, "وارد کردن تکرار گذرواژه الزامی است."),
    ({"password_again": "Other123x"}, "گذرواژه و تکرار آن یکسان نیستند."),
    ({"password": "گذرواژه۱"}, "توجه داشته باشید صفحه کلید به زبان انگلیسی (EN) باشد."),
    ({"password": "Aa123456"}, "این گذرواژه بسیار رایج و قابل حدس است."),
    ({"password": "Mohammad12"}, "گذرواژه نباید شامل نام، نام خانوادگی و کد ملی باشد."),
    ({"password": f"Ab{NATIONAL_ID.value}"}, "گذرواژه نباید شامل نام، نام خانوادگی و کد ملی"),
]


@pytest.mark.parametrize(("changes", "sentence"), FIELD_SENTENCES)
def test_a_wrong_field_is_told_in_persian(hub, changes, sentence):
    browser = hub.browser()
    page = step_two(browser, to_step_two(browser), **changes)
    assert page.status_code == 422
    assert sentence in words(page)


@pytest.mark.parametrize(
    "changes",
    [
        {"country": "DE", "city": "", "city_text": "Köln"},
        {"city": "other", "city_text": "روستای نو"},
        {"city": "", "city_text": "روستای نو"},
        {"email": "\u200freza\u200c@example.ir"},
        {"series_letter": "عدد", "series_letter_number": "۱۱"},
        {"birth_year": "1370", "certificate_number": NATIONAL_ID.value},
        {"family_name": "احمدي\u200cنژاد"},
        {"serial": "\u200e۱۲۳\u200f٤٥٦"},
        {"serial": "123-456"},
        {"series_number": "۰۱۴"},
        {"series_number": "\u200f ۱۴ "},
        {"birth_year": " 1360\u200c"},
    ],
)
def test_what_people_really_type_is_welcome(hub, changes):
    browser = hub.browser()
    assert step_two(browser, to_step_two(browser), **changes).status_code == 200


def test_the_email_may_be_left_out_where_the_settings_say_so(make_hub):
    browser = make_hub("[registration]\nemail_required = false\n").browser()
    assert step_two(browser, to_step_two(browser), email="").status_code == 200


def test_a_password_that_cannot_be_read_is_told_beside_its_repetition(hub):
    browser = hub.browser()
    page = step_two(browser, to_step_two(browser), password="\x00", password_again="\x00")
    told = words(page)
    assert "گذرواژه کاراکتر غیرمجاز دارد." in told
    assert "تکرار گذرواژه کاراکتر غیرمجاز دارد." in told


@pytest.mark.parametrize(
    ("password", "again", "told"),
    [
        ("\x00", "", {"password"}),
        ("", "\x00", {"password_again"}),
        ("", PASSWORD, {"password", "password_again"}),
        ("", "", {"password", "password_again"}),
        (PASSWORD, "", {"password_again"}),
    ],
)
def test_what_cannot_be_read_of_two_passwords_is_told_alone(hub, password, again, told):
    browser = hub.browser()
    page = step_two(browser, to_step_two(browser), password=password, password_again=again)
    assert set(re.findall(r'id="(password|password_again)-error"', page.text)) == told
