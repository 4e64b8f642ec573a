"""The consent page in a real browser: nothing is allowed in its first half second."""

from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import visitor_of
from tests.e2e.demo import Demo
from tests.e2e.pages import Visitor
from tests.e2e.people import person

pytestmark = [pytest.mark.slow, pytest.mark.browser]

COMES_TO_THE_FRONT = """button => {
    dispatchEvent(new Event("focus"));
    const hidden = getComputedStyle(button).visibility;
    button.focus();
    return [hidden, document.activeElement === button];
}"""


@pytest.mark.parametrize(
    ("scripts", "persona"), [(True, "ok_male"), (False, "ok_sayyid")], ids=["scripts", "no scripts"]
)
def test_attack_X07_the_button_that_allows_works_after_half_a_second_and_not_before(
    chromium: Browser, guide_demo: Demo, scripts: bool, persona: str
):
    with visitor_of(chromium, guide_demo, scripts=scripts) as visitor:
        stands_at_the_consent_page(visitor, persona)
        visitor.look("consent")
        visitor.fits()
        allow = visitor.page.locator(".consent-accept")
        if scripts:
            expect(allow).to_be_visible()
            assert allow.evaluate(COMES_TO_THE_FRONT) == ["hidden", False]
        allow.click()  # waits until the button can be seen
        visitor.page.wait_for_url(f"{guide_demo.portal(1)}/**")


def stands_at_the_consent_page(visitor: Visitor, persona: str) -> None:
    citizen = person(persona)
    visitor.page.goto(f"{visitor.demo.hub}/register")
    visitor.step_one(citizen)
    visitor.step_two(citizen, by_the_guide=True)
    visitor.demo.text(citizen.mobile, "حساب کاربری شما فعال گردید")
    visitor.page.goto(f"{visitor.demo.hub}/oauth2/authorize?{urlencode(request(visitor.demo))}")
    visitor.sign_in(citizen)
    visitor.heading("اجازه دسترسی")


def request(demo: Demo) -> dict[str, str]:
    return {
        "client_id": "insurance-records",
        "redirect_uri": f"{demo.portal(1)}/callback",
        "response_type": "code",
        "scope": "openid profile",
        "prompt": "consent",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }
