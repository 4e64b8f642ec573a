from contextlib import suppress

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.people.mobile import (
    OPERATORS,
    InvalidMobile,
    InvalidOperator,
    Mobile,
    Operator,
    operator_hint,
)
from tests.vectors import cases, document

VALID = [case for case in cases("mobiles") if case["valid"]]
REFUSED = [case for case in cases("mobiles") if not case["valid"]]
RANGES = document("mobile_ranges")["operators"]

# libphonenumber finds numbers in prose, and does not list this block of the regulator's plan.
PROSE = "شماره من ۰۹۱۲۱۲۳۴۵۶۷"
ONLY_IN_THE_REGULATORS_PLAN = "+9899980"
AGREED = [
    case
    for case in cases("mobiles")
    if case["input"] != PROSE and not (case["e164"] or "").startswith(ONLY_IN_THE_REGULATORS_PLAN)
]


def prefixes(ranges):
    for span in ranges:
        first, _, last = span.partition("-")
        yield from map(str, range(int(first), int(last or first) + 1))


@pytest.mark.parametrize("case", VALID, ids=lambda case: case["input"])
def test_a_mobile_number_is_read_in_every_form(case):
    assert Mobile.parse(case["input"]).e164 == case["e164"]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["note"])
def test_anything_else_is_refused_with_its_reason(case):
    with pytest.raises(InvalidMobile) as refusal:
        Mobile.parse(case["input"])

    assert refusal.value.code == case["reason"]


@pytest.mark.parametrize("case", AGREED, ids=lambda case: case["input"])
def test_libphonenumber_agrees_but_for_the_known_differences(case):
    assert second_opinion(case["input"]) == case["e164"]


def second_opinion(text):
    try:
        number = phonenumbers.parse(text, "IR")
    except phonenumbers.NumberParseException:
        return None
    mobile = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
    if number.country_code != 98 or not mobile or not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def test_a_fullwidth_plus_is_a_plus():
    assert Mobile.parse("＋989121234567").e164 == "+989121234567"


def test_the_national_form_is_what_people_write():
    assert Mobile("+989121234567").national == "09121234567"


@pytest.mark.parametrize("value", ["", "09121234567", "+98912123456", "+989121234567\n"])
def test_no_other_shape_can_be_made(value):
    with pytest.raises(InvalidMobile, match=r"^length$"):
        Mobile(value)


def test_neither_repr_nor_str_tells_the_number():
    assert f"{Mobile('+989121234567')}" == repr(Mobile("+989121234567")) == "Mobile(0912*****67)"


@given(st.text() | st.text("0123456789۰۱۲۳۴۵۶۷۸۹+- ().", min_size=8, max_size=20))
def test_parsing_never_crashes_and_repeats_itself(text):
    with suppress(InvalidMobile):
        mobile = Mobile.parse(text)
        assert Mobile.parse(mobile.e164) == Mobile.parse(mobile.national) == mobile


@pytest.mark.parametrize("holder", RANGES, ids=lambda holder: holder["code"])
def test_the_hint_names_the_first_holder_of_a_range(holder):
    longer = {"aptel": ("99910", "99911", "99912", "99913"), "shatel": ("9981", "9982")}
    others = [p for code, ps in longer.items() if code != holder["code"] for p in ps]
    for prefix in prefixes(holder["ranges"]):
        if not prefix.startswith(tuple(others)):
            number = Mobile("+98" + prefix.ljust(5, "9").ljust(10, "0"))
            if not number.e164[3:].startswith(tuple(others)):
                assert operator_hint(number) == holder["code"], prefix


def test_a_range_of_nobody_has_no_hint():
    assert operator_hint(Mobile("+989601234567")) is None


def test_the_operators_stand_in_the_order_of_the_page():
    assert [operator.label for operator in OPERATORS] == [
        *("همراه اول", "ایرانسل", "رایتل", "شاتل موبایل", "آپتل", "سایر"),
    ]


def test_an_operator_is_known_by_its_code():
    assert Operator.parse("irancell") == Operator("irancell", "ایرانسل")


@pytest.mark.parametrize(("text", "code"), [("", "empty"), ("همراه اول", "unknown")])
def test_an_operator_that_was_not_offered_is_refused(text, code):
    with pytest.raises(InvalidOperator) as refusal:
        Operator.parse(text)

    assert refusal.value.code == code
