import json
from dataclasses import replace
from datetime import timedelta

import pytest

from idp.services.account.own_record import facts_of
from idp.web.account.data import NAMES
from tests import factories
from tests.web.hub import words

PAGE = "/account/data"


def test_every_fact_has_a_name():
    account = factories.account(physician=factories.PROVEN, claim=factories.PROVEN)
    assert {one.name for one in facts_of(account)} <= set(NAMES)


@pytest.mark.parametrize(
    ("language", "says"),
    [("fa", "پزشک عمومی از پایگاه سازمان نظام پزشکی"), ("en", "General practitioner")],
)
def test_the_page_tells_a_profession_in_words(inside, language, says):
    with inside.hub.deps.begin() as work:
        account = work.accounts.find("account-1")
        work.accounts.save(replace(account, physician=factories.PROVEN))
    inside.client.set_cookie("hub_language", language, domain="127.0.0.1")
    inside.client.set_cookie("hub_session", inside.cookie("hub_session"), domain="127.0.0.1")
    assert says in words(inside.get(PAGE))


def test_the_page_tells_values_and_sources(inside):
    shown = words(inside.get(PAGE))
    assert factories.NATIONAL_ID.value in shown
    assert "از ثبت احوال" in shown
    assert "شما وارد کرده‌اید" in shown
    assert "واحد نامنویسی" in shown


@pytest.mark.parametrize(
    ("language", "says"), [("fa", "۱۲ مرداد ۱۳۶۰"), ("en", "3 August 1981 (1360/05/12)")]
)
def test_the_day_of_birth_is_written_as_other_days_are(inside, language, says):
    """In English with the day of the national card, which has no other."""
    inside.client.set_cookie("hub_language", language, domain="127.0.0.1")
    assert says in words(inside.get(PAGE))


def test_the_file_is_json_and_is_kept_nowhere(inside):
    answer = inside.post(f"{PAGE}/download", {}, follow=False)
    assert answer.mimetype == "application/json"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="account.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    whole = json.loads(answer.get_data(as_text=True))
    assert whole["format"] == "account-export-1"
    assert "محمد رضا" in answer.get_data(as_text=True)


def test_the_page_to_print_has_it_all(inside):
    with inside.hub.deps.begin() as work:
        work.consents.save(factories.consent())
        work.releases.note("account-1", "portal", ("sub", "email"), inside.hub.clock())
    shown = words(inside.get(f"{PAGE}/print"))
    assert "سوابق بیمه" in shown
    assert "شناسه‌ای مخصوص این سامانه" in shown
    assert "ورود به حساب (مرورگر ناشناس روی دستگاه ناشناس)" in shown
    assert "دستگاه ناشناس" in shown
    assert "؛ شبکه: 127.0.0.0/24" in shown


def test_the_page_to_print_leads_back(inside):
    assert f'href="{PAGE}">بازگشت به اطلاعات من' in inside.get(f"{PAGE}/print").text


@pytest.mark.parametrize(("path", "to"), [("", "data"), ("/print", "print")])
def test_a_stale_sign_in_is_asked_for_the_password_first(inside, path, to):
    inside.hub.clock.move(timedelta(minutes=6))
    answer = inside.client.get(f"{PAGE}{path}", base_url="http://127.0.0.1:8000")
    assert answer.location == f"/account/prove?to={to}"


def test_a_stale_sign_in_downloads_nothing(inside):
    inside.hub.clock.move(timedelta(minutes=6))
    answer = inside.post(f"{PAGE}/download", {}, follow=False)
    assert answer.location == "/account/prove?to=data"
