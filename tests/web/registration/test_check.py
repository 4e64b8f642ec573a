"""The endpoint that a page's script asks whether one field is right."""

import pytest

from tests.factories import MOBILE, NATIONAL_ID, account
from tests.statements import statements
from tests.web.hub import ORIGIN, Hub
from tests.web.registration.walk import STEP_ONE, STEP_TWO

PATH = "/register/check"
SECRETS = ("password", "password_again", "answer")


def ask(hub: Hub, field: str, **typed: str):
    form = {"field": field, "national_id": NATIONAL_ID.value, **typed}
    return hub.app.test_client().post(PATH, data=form, base_url=ORIGIN)


def good(hub: Hub, field: str, **typed: str) -> bool:
    answer = ask(hub, field, **typed)
    assert answer.status_code == 200
    return answer.json["good"]


RIGHT = [
    ("operator", STEP_ONE),
    ("mobile", STEP_ONE),
    ("national_id", STEP_ONE),
    *((name, STEP_TWO) for name in ("family_name", "given_name", "serial", "series", "birth")),
    *((name, STEP_TWO) for name in ("certificate_number", "gender", "question", "email")),
    *((name, STEP_TWO) for name in ("country", "city")),
    ("profession", {"profession": "midwife"}),
    ("council_number", {"council_number": "4451"}),
]


@pytest.mark.parametrize(("field", "typed"), RIGHT, ids=lambda one: one if type(one) is str else "")
def test_a_right_field_is_called_right(hub, field, typed):
    assert good(hub, field, **{k: v for k, v in typed.items() if k not in SECRETS})


@pytest.mark.parametrize("field", [field for field, _ in RIGHT if field != "national_id"])
def test_an_empty_field_is_not_right(hub, field):
    assert not good(hub, field)


WRONG = [
    ("national_id", {"national_id": "1234567890"}),
    ("mobile", {"mobile": "0912"}),
    ("family_name", {"family_name": "Ahmadi"}),
    ("series", {"series_letter": "الف", "series_number": "5/1"}),
    ("birth", {"birth_day": "30", "birth_month": "12", "birth_year": "1404"}),
    ("city", {"country": "IR", "city": "ناکجاآباد"}),
    ("country", {"country": "XX", "city": "تبریز"}),
    ("country", {"country": "IL", "city_text": "x"}),
    ("email", {"email": "nobody"}),
    ("serial", {"serial": "1" * 400}),
]


@pytest.mark.parametrize(("field", "typed"), WRONG)
def test_a_wrong_field_is_not_right(hub, field, typed):
    assert not good(hub, field, **typed)


@pytest.mark.parametrize(("year", "is_right"), [("1360", False), ("1370", True)])
def test_a_certificate_number_is_judged_with_the_birth_date(hub, year, is_right):
    birth = {"birth_day": "1", "birth_month": "1", "birth_year": year}
    assert good(hub, "certificate_number", certificate_number="0", **birth) is is_right


def test_step_two_is_judged_with_a_valid_national_id_only(hub):
    assert not good(hub, "family_name", family_name="احمدی", national_id="1")


@pytest.mark.parametrize("field", ["", "x", *SECRETS, "csrf_token", "account"])
def test_nothing_is_said_about_a_secret_or_an_unknown_field(hub, field):
    assert ask(hub, field, **dict.fromkeys(SECRETS, "SabzBagh72")).status_code == 400


def test_a_field_that_comes_twice_is_refused(hub):
    body = "field=serial&field=serial"
    kind = "application/x-www-form-urlencoded"
    answer = hub.app.test_client().post(PATH, data=body, content_type=kind, base_url=ORIGIN)
    assert answer.status_code == 400


@pytest.mark.parametrize("field", ["national_id", "mobile"])
def test_who_has_an_account_is_told_as_who_has_none(hub, field):
    typed = {"national_id": NATIONAL_ID.value, "mobile": MOBILE.national}
    before = ask(hub, field, **typed)
    with hub.deps.begin() as work:
        work.accounts.add(account())
    after = ask(hub, field, **typed)
    assert (before.data, before.headers) == (after.data, after.headers)


def test_no_database_is_asked_and_no_cookie_is_set(hub):
    ask(hub, "family_name")  # what a process reads once
    with statements() as asked:
        answer = ask(hub, "family_name", family_name="احمدی")
    assert (asked, "Set-Cookie" in answer.headers) == ([], False)
    assert answer.headers["Cache-Control"] == "no-store"
