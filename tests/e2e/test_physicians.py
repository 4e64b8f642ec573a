"""Physicians: register, hear the result, sign in with the second step, and are known as such."""

import pytest
from playwright.sync_api import Browser

from tests.e2e.conftest import visitor_of
from tests.e2e.demo import Demo
from tests.e2e.pages import Visitor
from tests.e2e.people import person

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_physician_registers_and_prescribes(chromium: Browser, fresh_demo: Demo, scripts: bool):
    physician = person("physician")
    with visitor_of(chromium, fresh_demo, scripts=scripts) as visitor:
        visitor.page.goto(fresh_demo.portal(2))
        visitor.register_as_physician(physician)
        visitor.stands_at(f"{fresh_demo.hub}/register/submitted")
        visitor.fits()
        fresh_demo.text(physician.mobile, "حساب کاربری شما فعال گردید")

        visitor.page.goto(fresh_demo.portal(2))
        visitor.sign_in(physician)
        visitor.prove_the_device(physician)
        visitor.stands_at(f"{fresh_demo.portal(2)}/")
        visitor.sees("پزشک عمومی، شماره نظام پزشکی 98765")
        visitor.look("physicians-portal")
        visitor.fits()

        asks_for_the_code_again(visitor, fresh_demo)


def test_the_page_of_an_open_case_names_the_medical_council(chromium: Browser, fresh_demo: Demo):
    """The council is away; another case is decided before a busy machine shows its page."""
    with visitor_of(chromium, fresh_demo) as visitor:
        visitor.page.goto(fresh_demo.portal(2))
        visitor.register_as_physician(person("physician_council_down"))
        visitor.stands_at(f"{fresh_demo.hub}/register/submitted")
        visitor.sees("نیز با پایگاه سازمان نظام پزشکی تطبیق داده می‌شود")
        visitor.look("physicians-submitted")
        visitor.fits()


def asks_for_the_code_again(visitor: Visitor, demo: Demo) -> None:
    """The device is known by now; the portal asks for nothing."""
    visitor.press("خروج")
    visitor.stands_at(f"{demo.portal(2)}/goodbye")
    demo.hours_later(1)
    physician = person("physician")
    visitor.page.goto(demo.portal(1))
    visitor.sign_in(physician)
    visitor.sees("حساب پزشکان در هر ورود کد می‌خواهد")
    visitor.prove_the_device(physician)
    visitor.stands_at(f"{demo.portal(1)}/")


def test_the_number_of_another_gives_the_account_without_the_role(
    chromium: Browser, fresh_demo: Demo
):
    citizen = person("physician_of_other")
    with visitor_of(chromium, fresh_demo) as visitor:
        visitor.page.goto(fresh_demo.portal(2))
        visitor.register_as_physician(citizen)
        fresh_demo.text(citizen.mobile, "حساب کاربری شما فعال گردید")
        fresh_demo.text(citizen.mobile, "حرفه و شماره نظام پزشکی شما تأیید نشد")

        visitor.page.goto(fresh_demo.portal(2))
        visitor.sign_in(citizen)
        visitor.sees("خوش آمدید")
        assert "نظام پزشکی" not in visitor.page.locator("body").inner_text()


def test_who_has_an_account_adds_the_profession(chromium: Browser, fresh_demo: Demo):
    citizen = person("physician")
    with visitor_of(chromium, fresh_demo) as visitor:
        visitor.page.goto(fresh_demo.portal(2))
        visitor.register(citizen)
        fresh_demo.text(citizen.mobile, "حساب کاربری شما فعال گردید")
        fresh_demo.hours_later(1)

        visitor.page.goto(f"{fresh_demo.hub}/register/physicians")
        visitor.prove_as_physician(citizen)
        visitor.heading("افزودن حرفه به حساب کاربری")
        visitor.look("physicians-profession")
        visitor.fits()
        visitor.fill(citizen.claim)
        visitor.press("ثبت حرفه")
        fresh_demo.text(citizen.mobile, "در حساب کاربری شما ثبت شد")

        visitor.page.goto(fresh_demo.portal(2))
        visitor.sign_in(citizen)
        visitor.prove_the_device(citizen)
        visitor.sees("پزشک عمومی، شماره نظام پزشکی 98765")
