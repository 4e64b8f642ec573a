"""Journeys that go wrong on the way: all end at the right portal, and nothing typed is lost."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.citizens import Citizen
from tests.e2e.conftest import visitor_of
from tests.e2e.demo import Demo
from tests.e2e.keys import Keys
from tests.e2e.pages import Visitor
from tests.e2e.people import ANSWER, Person, person

pytestmark = [pytest.mark.slow, pytest.mark.browser]

SLOW_LINE = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1.6e6 / 8,
    "uploadThroughput": 0.75e6 / 8,
}
FIRST_PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


@pytest.fixture
def visitor(chromium: Browser, demo: Demo) -> Iterator[Visitor]:
    with visitor_of(chromium, demo) as somebody:
        yield somebody


def wait_for_account(demo: Demo, citizen: Person) -> None:
    demo.text(citizen.mobile, "حساب کاربری شما فعال گردید")


def test_the_whole_way_by_keyboard_alone(visitor: Visitor, demo: Demo):
    citizen, keys = person("ok_male"), Keys(visitor.page)
    demo.secrets |= {citizen.national_id, citizen.mobile[1:], citizen.password, ANSWER}
    visitor.page.goto(demo.portal(1))
    keys.press("ثبت نام")
    visitor.heading("ثبت نام - گام اول")
    keys.fill(citizen.step_one())
    visitor.page.keyboard.press("Enter")
    visitor.heading("تأیید شماره تلفن همراه")
    keys.fill({"code": demo.code(citizen.mobile, for_what="ثبت نام")})
    visitor.page.keyboard.press("Enter")
    visitor.heading("ثبت نام - گام دوم")
    keys.fill(citizen.step_two())
    visitor.page.keyboard.press("Enter")
    visitor.heading("بازبینی اطلاعات")
    keys.press("تأیید و ارسال")
    visitor.stands_at(f"{demo.hub}/register/submitted")
    wait_for_account(demo, citizen)

    visitor.page.goto(demo.portal(1))
    keys.fill({"username": citizen.national_id, "password": citizen.password})
    visitor.page.keyboard.press("Enter")
    visitor.stands_at(f"{demo.portal(1)}/")


def test_two_tabs_of_two_portals_each_end_at_their_own(chromium: Browser, demo: Demo):
    citizen = Citizen(demo, person("ok_female_post1368"))
    citizen.register()
    with visitor_of(chromium, demo) as first:
        second = Visitor(first.page.context.new_page(), demo)
        first.page.goto(demo.portal(1))
        second.page.goto(demo.portal(2))
        second.sign_in(citizen.person)
        second.prove_the_device(citizen.person)
        second.stands_at(f"{demo.portal(2)}/")
        first.sign_in(citizen.person)
        first.stands_at(f"{demo.portal(1)}/")


def test_back_and_an_hours_pause_and_a_restart_lose_nothing(visitor: Visitor, demo: Demo):
    citizen = person("ok_sayyid")
    visitor.page.goto(demo.portal(1))
    visitor.follow("ثبت نام")
    visitor.step_one(citizen)
    visitor.heading("تأیید شماره تلفن همراه")
    visitor.page.go_back()
    expect(visitor.page.locator("#national_id")).to_have_value(citizen.national_id)
    visitor.page.go_forward()
    visitor.fill({"code": demo.code(citizen.mobile, for_what="ثبت نام")})
    visitor.press("تأیید و ادامه")
    visitor.heading("ثبت نام - گام دوم")
    visitor.fill(citizen.step_two())
    demo.hours_later(1)
    demo.kill_web_process()  # its parent starts another; the portals know nothing of it
    expect(visitor.page.locator("#family_name")).to_have_value("موسوی")
    demo.secrets |= {citizen.password, ANSWER}
    visitor.press("ثبت نام")
    visitor.look_over()
    visitor.stands_at(f"{demo.hub}/register/submitted")
    wait_for_account(demo, citizen)
    visitor.page.reload()  # the page looks again by itself, a little later
    visitor.page.get_by_role("main").get_by_role("link", name="ورود به سیستم").click()
    visitor.sign_in(citizen)
    visitor.stands_at(f"{demo.portal(1)}/")


def test_an_hours_pause_while_signing_in_ends_at_the_portal(chromium: Browser, demo: Demo):
    citizen = Citizen(demo, person("physician_of_other"))
    citizen.register()
    with visitor_of(chromium, demo) as at_the_login_page:
        at_the_login_page.page.goto(demo.portal(1))
        demo.hours_later(1)
        at_the_login_page.sign_in(citizen.person)
        at_the_login_page.prove_the_device(citizen.person)
        at_the_login_page.stands_at(f"{demo.portal(1)}/")
    demo.hours_later(1)  # a phone gets one code a minute
    with visitor_of(chromium, demo) as at_the_code:
        at_the_code.page.goto(demo.portal(2))
        at_the_code.sign_in(citizen.person)
        code = demo.code(citizen.person.mobile, for_what="ورود")
        demo.hours_later(1)
        at_the_code.fill({"code": code})
        at_the_code.press("ورود")
        at_the_code.heading("این صفحه دیگر قابل استفاده نیست")
        at_the_code.follow("ورود به سیستم")
        at_the_code.sign_in(citizen.person)
        at_the_code.prove_the_device(citizen.person)
        at_the_code.stands_at(f"{demo.portal(2)}/")


def test_a_slow_line_ends_at_the_portal(visitor: Visitor, demo: Demo, record_testsuite_property):
    citizen = Citizen(demo, person("ok_leap_birth"))
    citizen.register()
    line = visitor.page.context.new_cdp_session(visitor.page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", SLOW_LINE)
    visitor.page.goto(demo.portal(2))
    painted = visitor.page.evaluate(FIRST_PAINT)
    record_testsuite_property("ms to the login page's first paint on a slow line", round(painted))
    visitor.sign_in(citizen.person)
    visitor.prove_the_device(citizen.person)
    visitor.stands_at(f"{demo.portal(2)}/")
