"""Nothing that a citizen types, and nothing that the hub issues, stands in the hub's log."""

import pytest

from tests.e2e.citizens import Citizen
from tests.e2e.demo import Demo
from tests.e2e.people import ANSWER, NEW_PASSWORD, person

pytestmark = pytest.mark.slow

MISTYPED = "Mistyped%77Zz"
WRONG_ANSWER = "نارنجی پررنگ"


def test_a_day_of_use_leaves_no_personal_value_no_code_and_no_token_in_the_log(demo: Demo):
    citizen = Citizen(demo, person("ok_male"))
    demo.secrets |= {MISTYPED, WRONG_ANSWER, NEW_PASSWORD, citizen.person.certificate["last_name"]}

    citizen.register()
    citizen.take_another_browser()
    citizen.walk.open(demo.portal(1))
    citizen.enter(MISTYPED)
    citizen.enter()
    citizen.prove_device()
    recovers(demo, citizen)
    breaks_things(demo, citizen)

    cookies = {cookie.value for cookie in citizen.walk.session.cookies if cookie.value}
    demo.secrets |= cookies
    assert len(demo.secrets) > 10
    assert "sign_in.refused" in demo.log.read_text("utf-8")
    assert demo.leaks() == []


def recovers(demo: Demo, citizen: Citizen) -> None:
    citizen.walk.open(f"{demo.hub}/recover").submit({"username": citizen.person.national_id})
    citizen.walk.submit({"code": demo.code(citizen.person.mobile, for_what="بازیابی")})
    new = {"password": NEW_PASSWORD, "password_again": NEW_PASSWORD}
    citizen.walk.submit({"answer": WRONG_ANSWER, **new})
    citizen.walk.submit({"answer": ANSWER, **new})
    assert "گذرواژه شما تغییر یافت" in citizen.walk.text


def breaks_things(demo: Demo, citizen: Citizen) -> None:
    """Send personal values where they do not belong."""
    number = citizen.person.national_id
    for address in (
        f"/login?context={number}",
        f"/oauth2/authorize?client_id={number}&login_hint={number}",
        f"/oauth2/end_session?id_token_hint={number}",
        f"/{number}",
    ):
        citizen.walk.open(f"{demo.hub}{address}")
        assert citizen.walk.status < 500
