"""A real browser does its proof of work by itself; one without scripts waits for the button."""

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.citizens import Citizen
from tests.e2e.conftest import visitor_of
from tests.e2e.demo import Demo
from tests.e2e.pages import Visitor
from tests.e2e.people import person
from tests.e2e.walk import Walk

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def crowded(demo: Demo) -> Demo:
    """A demo in whose only network strangers have just failed sixty times to sign in."""
    stranger = Walk()
    for number in range(60):
        # A password of their own: one password at many IDs would be held earlier (attack SE14).
        form = {"username": f"{number:010}", "password": f"Wrong1234{number}"}
        stranger.open(f"{demo.hub}/login").submit(form)
    return demo


@pytest.mark.parametrize(
    ("scripts", "persona"),
    [(True, "ok_male"), (False, "ok_leap_birth")],
    ids=["with scripts", "without scripts"],
)
def test_who_signs_in_where_others_fail_types_nothing_twice(
    chromium: Browser, crowded: Demo, scripts: bool, persona: str
):
    citizen = person(persona)
    Citizen(crowded, citizen).register()
    with visitor_of(chromium, crowded, scripts=scripts) as visitor:
        visitor.page.goto(f"{crowded.hub}/login")
        visitor.sign_in(citizen)
        if not scripts:
            waits_for_the_button(visitor)
        visitor.prove_the_device(citizen)
        visitor.stands_at(f"{crowded.hub}/account")


def waits_for_the_button(visitor: Visitor) -> None:
    visitor.heading("یک لحظه صبر کنید")
    visitor.fits()
    button = visitor.page.get_by_role("button", name="ادامه", include_hidden=True)
    expect(button).to_be_hidden()
    visitor.look("working")
    button.click(timeout=30_000)
