"""The registration desk of a branch, by the command line, with the citizen standing before it."""

import json

import pytest

from tests.e2e.citizens import Citizen
from tests.e2e.demo import Demo
from tests.e2e.people import person

pytestmark = pytest.mark.slow

ACT = ("--branch", "12", "--documents", "card, certificate", "--reason", "came in person")


def test_a_case_that_waits_for_the_branch_becomes_an_account_there(demo: Demo):
    citizen = Citizen(demo, person("mobile_of_other"))
    citizen.begin()
    citizen.prove()
    citizen.submit()
    demo.text(citizen.person.mobile, "جهت فعال سازی حساب کاربری")

    (case,) = json.loads(demo.idp("cases", "list", "--state", "branch", "--json"))
    for _ in range(2):  # within 72 hours it takes two officers, and the machine of a test has one
        demo.hours_later(46)
    demo.idp("cases", "activate", case["tracking_number"], "--send-code", *ACT)
    code = demo.code(citizen.person.mobile, for_what="شعبه")
    demo.idp("cases", "activate", case["case"], *ACT, typed=code)
    demo.text(citizen.person.mobile, "حساب کاربری شما فعال گردید")

    citizen.sign_in(demo.portal(1))
    assert citizen.walk.here == f"{demo.portal(1)}/"
    actions = [row["action"] for row in json.loads(demo.idp("audit", "tail", "--json"))]
    assert "case.activated" in actions


def test_who_is_suspended_is_signed_out_and_cannot_come_back(demo: Demo):
    citizen = Citizen(demo, person("ok_sayyid"))
    citizen.register()
    citizen.sign_in(demo.portal(1))

    demo.idp("citizens", "suspend", *ACT, typed=citizen.person.national_id)

    citizen.walk.open(demo.portal(2))
    assert citizen.walk.path == "/login"
    citizen.enter()
    assert "نام کاربری یا گذرواژه نادرست است" in citizen.walk.text


def test_hour_46_can_be_seen_by_moving_the_clock(demo: Demo):
    citizen = Citizen(demo, person("registry_down"))
    citizen.begin()
    citizen.prove()
    citizen.submit()

    demo.hours_later(46)

    demo.text(citizen.person.mobile, "صحت سنجی اطلاعات شما هنوز به پایان نرسیده است")
    (case,) = json.loads(demo.idp("cases", "list", "--overdue", "--json"))
    assert case["state"] == "checking"
