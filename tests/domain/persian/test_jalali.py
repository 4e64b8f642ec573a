from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.persian.jalali import (
    MONTHS,
    InvalidDate,
    JalaliDate,
    is_leap,
    persian_datetime,
    today_in_tehran,
)
from tests.vectors import cases, document

VALID = [case for case in cases("jalali_dates") if case["valid"]]
IMPOSSIBLE = [case for case in cases("jalali_dates") if not case["valid"]]
DAYS = st.dates(date(1800, 1, 1), date(2120, 1, 1))
TODAY = JalaliDate(1405, 9, 1)


@pytest.mark.parametrize("case", VALID, ids=lambda case: case["input"])
def test_a_date_is_read_and_converted(case):
    assert JalaliDate.parse(case["input"]).to_gregorian() == date.fromisoformat(case["gregorian"])


@pytest.mark.parametrize("case", VALID, ids=lambda case: case["input"])
def test_a_date_is_written_as_it_was_read(case):
    assert JalaliDate.of(case["y"], case["m"], case["d"]).isoformat() == case["input"]


@pytest.mark.parametrize("case", IMPOSSIBLE, ids=lambda case: case["note"] + case["input"])
def test_a_day_that_does_not_exist_is_refused(case):
    with pytest.raises(InvalidDate):
        JalaliDate.of(case["y"], case["m"], case["d"])


def test_the_thirtieth_of_esfand_is_refused_with_the_year():
    with pytest.raises(InvalidDate) as refusal:
        JalaliDate.parse("1404/12/30")

    assert (refusal.value.code, refusal.value.params) == ("esfand_29", {"year": "1404"})


def test_the_thirty_first_of_esfand_is_just_no_date():
    with pytest.raises(InvalidDate) as refusal:
        JalaliDate.parse("1404/12/31")

    assert refusal.value.code == "date"


@pytest.mark.parametrize("year", [60, 1177, 1502, 1981])
def test_a_year_of_another_calendar_is_told_apart(year):
    with pytest.raises(InvalidDate, match=r"^year$"):
        JalaliDate.of(year, 5, 12)


def test_leap_years_are_those_of_the_official_table():
    official = document("jalali_dates")["leap_years_1280_1420"]

    assert [year for year in range(1280, 1421) if is_leap(year)] == official


def test_the_months_have_their_names():
    assert list(MONTHS) == document("jalali_dates")["month_names"]


@pytest.mark.parametrize("case", document("jalali_dates")["ages"], ids=lambda case: case["note"])
def test_age_is_counted_in_the_jalali_calendar(case):
    assert JalaliDate.parse(case["born"]).age_on(JalaliDate.parse(case["on"])) == case["age"]


@pytest.mark.parametrize("text", ["۱۳۶۰/۰۵/۱۲", "١٣٦٠-٥-١٢", " \u200f1360/5/12\u200f "])
def test_a_date_is_read_in_any_digits(text):
    assert JalaliDate.parse(text) == JalaliDate(1360, 5, 12)


@pytest.mark.parametrize(("text", "code"), [("  ", "empty"), ("60/5/12", "date"), ("x", "date")])
def test_a_text_that_is_no_date_is_refused(text, code):
    with pytest.raises(InvalidDate) as refusal:
        JalaliDate.parse(text)

    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("born", "code", "params"),
    [
        ("1390/09/02", "too_young", {"n": "15"}),
        ("1284/09/01", "too_old", {"n": "120"}),
        ("1405/09/02", "date", {}),
    ],
)
def test_an_age_outside_the_limits_is_refused(born, code, params):
    with pytest.raises(InvalidDate) as refusal:
        JalaliDate.parse(born).check_age(TODAY, minimum=15, maximum=120)

    assert (refusal.value.code, refusal.value.params) == (code, params)


@pytest.mark.parametrize("born", ["1390/09/01", "1285/09/01"])
def test_the_limits_themselves_are_of_age(born):
    JalaliDate.parse(born).check_age(TODAY, minimum=15, maximum=120)


def test_a_child_may_be_born_today():
    TODAY.check_age(TODAY, minimum=0, maximum=120)


def test_days_have_an_order():
    assert JalaliDate(1403, 12, 30) < JalaliDate(1404, 1, 1)


@pytest.mark.parametrize(
    "day", [date(1, 1, 1), date(600, 1, 1), date(1799, 3, 20), date(2123, 4, 1)]
)
def test_a_day_outside_the_range_is_refused(day):
    with pytest.raises(InvalidDate, match=r"^year$"):
        JalaliDate.from_gregorian(day)


def test_the_first_and_last_days_of_the_range_convert():
    for edge in (JalaliDate(1178, 1, 1), JalaliDate(1501, 12, 29)):
        assert JalaliDate.from_gregorian(edge.to_gregorian()) == edge


def test_today_is_tehrans_day():
    assert today_in_tehran(datetime(2026, 11, 22, 20, 30, tzinfo=UTC)) == JalaliDate(1405, 9, 2)
    assert today_in_tehran(datetime(2026, 11, 22, 20, 29, tzinfo=UTC)) == JalaliDate(1405, 9, 1)


def test_a_moment_is_told_in_persian():
    assert (
        persian_datetime(datetime(2026, 11, 22, 23, 40, tzinfo=UTC))
        == "۲\u00a0آذر ۱۴۰۵ ساعت\u00a0۰۳:۱۰"
    )


@given(DAYS)
def test_days_convert_there_and_back(day):
    assert JalaliDate.from_gregorian(day).to_gregorian() == day


@given(DAYS)
def test_tomorrow_is_later(day):
    assert JalaliDate.from_gregorian(day) < JalaliDate.from_gregorian(day + timedelta(days=1))


@given(st.text() | st.from_regex(r"[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}", fullmatch=True))
def test_parsing_never_crashes_and_repeats_itself(text):
    with suppress(InvalidDate):
        day = JalaliDate.parse(text)
        assert JalaliDate.parse(day.isoformat()) == day


@given(st.integers(), st.integers(), st.integers())
def test_three_numbers_never_crash(year, month, day):
    with suppress(InvalidDate):
        JalaliDate.of(year, month, day)
