"""The guide line by line, in the mode that follows it to the letter (``make demo GUIDE=1``)."""

import pytest
from playwright.sync_api import Browser

from tests.e2e.conftest import visitor_of
from tests.e2e.demo import Demo
from tests.e2e.people import NEW_PASSWORD, person

pytestmark = [pytest.mark.slow, pytest.mark.browser]

NOT_VALID = "کد ملی و یا شماره موبایل معتبر نیست"
EXISTS = (
    "حساب کاربری شما قبلاً ایجاد شده است. چنانچه در ورود به سیستم با مشکل مواجه شدید، "
    "به نزدیکترین شعبه مراجعه نمایید."
)


def test_the_guide_can_be_walked_line_by_line(chromium: Browser, guide_demo: Demo):
    citizen, other = person("ok_male"), person("ok_sayyid")
    with visitor_of(chromium, guide_demo) as visitor:
        # «پس از مراجعه به آدرس هر یک از سامانه ها ... بصورت اتوماتیک ... منتقل خواهید شد»
        visitor.page.goto(guide_demo.portal(1))
        visitor.follow("ثبت نام")

        # The data of step one is wrong: one sentence, on the form of step one.
        visitor.fill(citizen.step_one() | {"national_id": "1234567890"})
        visitor.press("ثبت نام")
        visitor.heading("ثبت نام - گام اول")
        visitor.sees(NOT_VALID)

        # Step one, step two, the page of the 48 hours: no code anywhere.
        visitor.step_one(citizen)
        visitor.step_two(citizen, by_the_guide=True)
        visitor.stands_at(f"{guide_demo.hub}/register/submitted")
        guide_demo.text(citizen.mobile, "به سیستم های متمرکز سازمان تأمین اجتماعی خوش آمدید")
        assert len(guide_demo.texts(citizen.mobile)) == 1

        # Who has an account is told so on the form of step one, whatever the phone.
        for mobile in (citizen.mobile, other.mobile):
            visitor.page.goto(f"{guide_demo.hub}/register")
            visitor.fill(citizen.step_one() | {"mobile": mobile})
            visitor.press("ثبت نام")
            visitor.heading("ثبت نام - گام اول")
            visitor.sees(EXISTS)
        visitor.look("guide-exists")

        # Sign-in: user name and password, nothing else; on to the portal.
        visitor.page.goto(guide_demo.portal(1))
        visitor.sign_in(citizen)
        visitor.stands_at(f"{guide_demo.portal(1)}/")

        # Recovery: the national ID, the question, the answer, the new password, «ثبت».
        visitor.page.goto(f"{guide_demo.hub}/logout")
        visitor.press("خروج")
        visitor.page.goto(f"{guide_demo.hub}/login")
        visitor.recover(citizen, NEW_PASSWORD, with_code=False)
        visitor.page.goto(guide_demo.portal(1))
        visitor.sign_in(citizen, NEW_PASSWORD)
        visitor.stands_at(f"{guide_demo.portal(1)}/")


def test_an_open_case_shows_its_page_again_and_another_phone_does_not_fit(
    chromium: Browser, guide_demo: Demo
):
    citizen, other = person("registry_down"), person("ok_sayyid")
    with visitor_of(chromium, guide_demo) as visitor:
        visitor.page.goto(f"{guide_demo.hub}/register")
        visitor.step_one(citizen)
        visitor.step_two(citizen, by_the_guide=True)
        visitor.stands_at(f"{guide_demo.hub}/register/submitted")
        # Here, where the case stays open: a busy machine decides another before it is looked at.
        visitor.sees("درخواست شما با موفقیت ثبت گردید")

        visitor.page.goto(f"{guide_demo.hub}/register")
        visitor.step_one(citizen)
        visitor.stands_at(f"{guide_demo.hub}/register/submitted")
        visitor.sees("نتیجه ظرف ۴۸ ساعت آینده از طریق پیامک به اطلاع شما خواهد رسید")

        visitor.page.goto(f"{guide_demo.hub}/register")
        visitor.fill(citizen.step_one() | {"mobile": other.mobile})
        visitor.press("ثبت نام")
        visitor.sees(NOT_VALID)
