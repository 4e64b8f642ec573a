"""The account page, walked in a real browser, with JavaScript and without."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import visitor_of
from tests.e2e.demo import Demo, eventually
from tests.e2e.pages import Visitor
from tests.e2e.people import NEW_PASSWORD, Person, person
from tests.e2e.walk import Walk

pytestmark = [pytest.mark.slow, pytest.mark.browser]

SECTIONS = {
    "نمای کلی": "حساب کاربری",
    "امنیت": "امنیت",
    "سامانه‌ها": "سامانه‌هایی که به حساب شما دسترسی دارند",
    "تاریخچه": "تاریخچه حساب",
    "اطلاعات من": "اطلاعات شما نزد سازمان",
}


@pytest.mark.parametrize(
    ("scripts", "persona"),
    [(True, "ok_male"), (False, "ok_female_post1368")],
    ids=["with scripts", "without scripts"],
)
def test_a_citizen_looks_after_the_account(
    chromium: Browser, demo: Demo, scripts: bool, persona: str
):
    citizen = person(persona)
    with visitor_of(chromium, demo, scripts=scripts) as visitor:
        visits_a_portal(visitor, citizen)
        reads_every_section(visitor)
        # An address of its own: the mails of both ways go to one inbox.
        confirms_an_address(visitor, f"{persona}@example.ir")
        asks_for_another_mobile(visitor, citizen)
        takes_everything_along(visitor)
        changes_the_password(visitor, citizen)
        says_it_was_somebody_else(visitor)
        closes_the_account(visitor, citizen)


def visits_a_portal(visitor: Visitor, citizen: Person) -> None:
    visitor.page.goto(visitor.demo.portal(1))
    visitor.register(citizen)
    visitor.demo.text(citizen.mobile, "حساب کاربری شما فعال گردید")
    visitor.page.goto(visitor.demo.portal(1))
    visitor.sign_in(citizen)
    visitor.sees("خوش آمدید")
    visitor.page.goto(f"{visitor.demo.hub}/account")


def reads_every_section(visitor: Visitor) -> None:
    for number, (link, heading) in enumerate(SECTIONS.items()):
        visitor.follow(link)
        visitor.heading(heading)
        visitor.look(f"account-{number}")
        visitor.fits()
    visitor.follow("سامانه‌ها")
    visitor.sees("سوابق بیمه")
    visitor.sees("اطلاعات دریافت‌شده:")


def confirms_an_address(visitor: Visitor, email: str) -> None:
    visitor.page.goto(f"{visitor.demo.hub}/account/email")
    visitor.demo.secrets.add(email)
    visitor.fill({"email": email})
    visitor.press("ثبت آدرس")
    visitor.sees("هنوز تأیید نشده است")
    visitor.look("account-email")
    visitor.fits()
    visitor.page.goto(
        eventually(lambda: link_in_the_newest_mail(visitor.demo, email), what="a mail")
    )
    visitor.look("account-email-confirm")
    visitor.press("تأیید آدرس ایمیل")
    visitor.heading("آدرس ایمیل تأیید شد")


def link_in_the_newest_mail(demo: Demo, email: str) -> str | None:
    for text in Walk().open(f"{demo.hub}/dev/inbox").page.articles:
        if email in text and (link := re.search(r"http\S+ticket=[\w.=-]+", text)):
            return link[0]
    return None


def asks_for_another_mobile(visitor: Visitor, citizen: Person) -> None:
    """The demo's registry knows nobody with this number: the branch is named."""
    visitor.page.goto(f"{visitor.demo.hub}/account/mobile")
    visitor.look("account-mobile")
    visitor.fits()
    new = "0912" + citizen.national_id[-7:]
    visitor.demo.secrets.add(new[1:])
    visitor.fill({"mobile": new})
    visitor.press("ارسال کد به شماره فعلی")
    visitor.sees("گام ۱ از ۲")
    visitor.look("account-mobile-code")
    visitor.fits()
    visitor.fill({"code": visitor.demo.code(citizen.mobile, for_what="تغییر شماره")})
    visitor.press("ادامه")
    visitor.sees("گام ۲ از ۲")
    visitor.fill({"code": visitor.demo.code(new, for_what="شماره جدید")})
    visitor.press("ادامه")
    visitor.heading("تغییر تلفن همراه")
    visitor.look("account-mobile-asked")


def takes_everything_along(visitor: Visitor) -> None:
    visitor.page.goto(f"{visitor.demo.hub}/account/data")
    with visitor.page.expect_download() as download:
        visitor.press("دریافت فایل JSON")
    assert download.value.suggested_filename == "account.json"
    visitor.follow("صفحه چاپی")
    visitor.heading("همه اطلاعات حساب")
    visitor.look("account-print")
    visitor.fits()


def changes_the_password(visitor: Visitor, citizen: Person) -> None:
    visitor.page.goto(f"{visitor.demo.hub}/account/security/password")
    visitor.look("account-password")
    visitor.fits()
    visitor.demo.secrets.add(NEW_PASSWORD)
    new = {"password": NEW_PASSWORD, "password_again": NEW_PASSWORD}
    visitor.fill({"old_password": citizen.password, **new})
    visitor.press("تغییر گذرواژه")
    visitor.sees("گذرواژه شما تغییر یافت")


def says_it_was_somebody_else(visitor: Visitor) -> None:
    visitor.follow("من نبودم")
    visitor.heading("من نبودم")
    visitor.look("account-not-me")
    visitor.fits()
    visitor.press("پایان دادن به همه ورودها و تغییر گذرواژه")
    visitor.heading("تغییر گذرواژه")


def closes_the_account(visitor: Visitor, citizen: Person) -> None:
    visitor.page.goto(f"{visitor.demo.hub}/account/close")
    visitor.look("account-close")
    visitor.fits()
    visitor.fill({"confirmation": "بستن حساب", "password": NEW_PASSWORD})
    visitor.press("بستن حساب")
    visitor.heading("حساب بسته شد")
    visitor.demo.text(citizen.mobile, "بسته شد")
    visitor.page.goto(f"{visitor.demo.hub}/account")
    expect(visitor.page).to_have_url(re.compile("/login"))
