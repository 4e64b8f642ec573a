"""The whole way of a citizen, in Debian's Chromium, with JavaScript and without."""

import pytest
from playwright.sync_api import Browser, Request

from tests.e2e.conftest import visitor_of
from tests.e2e.demo import Demo, eventually
from tests.e2e.pages import Visitor
from tests.e2e.people import NEW_PASSWORD, Person, person

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.mark.parametrize(
    ("scripts", "persona"),
    [(True, "ok_male"), (False, "ok_female_post1368")],
    ids=["with scripts", "without scripts"],
)
def test_a_citizen_registers_signs_in_once_leaves_everywhere_and_recovers(
    chromium: Browser, demo: Demo, scripts: bool, persona: str
):
    citizen = person(persona)
    with visitor_of(chromium, demo, scripts=scripts) as visitor:
        registers(visitor, citizen)
        signs_in_at_the_first_portal(visitor, citizen)
        is_known_at_the_second(visitor)
        signs_out_everywhere(visitor)
        recovers(visitor, citizen)


def test_the_portal_of_the_insured_opens_for_them_only(chromium: Browser, demo: Demo):
    citizen = person("ok_leap_birth")
    with visitor_of(chromium, demo) as visitor:
        registers(visitor, citizen)
        visitor.page.goto(demo.portal(1))
        visitor.sign_in(citizen)
        visitor.heading("دسترسی ندارید")
        visitor.look("portal-no-role")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_the_page_of_an_open_case_says_when_the_answer_comes(
    chromium: Browser, fresh_demo: Demo, scripts: bool
):
    """The registry is away; another case is decided before a busy machine shows its page."""
    with visitor_of(chromium, fresh_demo, scripts=scripts) as visitor:
        visitor.page.goto(fresh_demo.portal(1))
        visitor.register(person("registry_down"))
        visitor.stands_at(f"{fresh_demo.hub}/register/submitted")
        visitor.sees("نتیجه ظرف ۴۸ ساعت آینده از طریق پیامک به اطلاع شما خواهد رسید")
        visitor.sees("شماره پیگیری")
        visitor.look("register-submitted")
        visitor.fits()


def registers(visitor: Visitor, citizen: Person) -> None:
    visitor.page.goto(visitor.demo.portal(1))
    visitor.register(citizen)
    visitor.stands_at(f"{visitor.demo.hub}/register/submitted")
    visitor.sees("شماره پیگیری")
    visitor.fits()
    visitor.demo.text(citizen.mobile, "حساب کاربری شما فعال گردید")


def signs_in_at_the_first_portal(visitor: Visitor, citizen: Person) -> None:
    visitor.page.goto(visitor.demo.portal(1))
    visitor.stands_at(f"{visitor.demo.hub}/login")
    visitor.sign_in(citizen)  # the browser is known: it proved the phone
    visitor.stands_at(f"{visitor.demo.portal(1)}/")
    visitor.sees(citizen.national_id)
    visitor.look("portal-home")
    visitor.fits()


def is_known_at_the_second(visitor: Visitor) -> None:
    answer = visitor.page.goto(visitor.demo.portal(2))
    visitor.stands_at(f"{visitor.demo.portal(2)}/")
    visitor.sees("خوش آمدید")
    assert answer is not None
    assert pages_before(answer.request) == []
    visitor.page.goto(f"{visitor.demo.hub}/account")
    visitor.sees("نسخه الکترونیک")
    visitor.look("account")
    visitor.fits()


def pages_before(request: Request) -> list[str]:
    """Return what stood between the first request and this one and was no redirect."""
    pages = []
    while request.redirected_from:
        request = request.redirected_from
        answer = request.response()
        if answer is None or answer.status not in {302, 303}:
            pages.append(request.url)
    return pages


def signs_out_everywhere(visitor: Visitor) -> None:
    visitor.page.goto(visitor.demo.portal(1))
    visitor.press("خروج")
    visitor.stands_at(f"{visitor.demo.portal(1)}/goodbye")
    visitor.look("portal-goodbye")
    eventually(lambda: asks_to_sign_in(visitor) or None, what="the second portal's session to end")


def asks_to_sign_in(visitor: Visitor) -> bool:
    visitor.page.goto(visitor.demo.portal(2))
    return visitor.page.url.startswith(f"{visitor.demo.hub}/login")


def recovers(visitor: Visitor, citizen: Person) -> None:
    visitor.recover(citizen, NEW_PASSWORD)
    visitor.demo.text(citizen.mobile, "گذرواژه حساب شما")
    visitor.demo.hours_later(1)
    visitor.page.goto(visitor.demo.portal(1))
    visitor.sign_in(citizen)
    visitor.sees("نام کاربری یا گذرواژه نادرست است")
    visitor.sign_in(citizen, NEW_PASSWORD)
    visitor.prove_the_device(citizen)
    visitor.stands_at(f"{visitor.demo.portal(1)}/")
