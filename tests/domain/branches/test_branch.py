"""Rows of the list of branches, and finding one by its city."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.branches.branch import (
    LONGEST_CITY,
    Branch,
    InvalidBranch,
    in_city,
    parse_branch,
    province_of,
)

ROW = {
    "name": "شعبه یک یزد",
    "province": "یزد",
    "city": "یزد",
    "address": "خیابان امام، کوچه ۵",
    "phone": "035-3622 0000",
    "hours": "شنبه تا چهارشنبه ۷ تا ۱۴",
}


def branch(city, name="شعبه", province="یزد"):
    return Branch(name, province, city, "خیابان امام")


def test_a_row_is_a_branch():
    assert parse_branch(ROW) == Branch(**ROW)


def test_blanks_and_letters_of_other_keyboards_become_the_usual_ones():
    row = ROW | {"name": "  شعبه\u00a0يك  يزد ", "phone": "۰۳۵ ۳۶۲۲"}
    assert parse_branch(row).name == "شعبه یک یزد"
    assert parse_branch(row).phone == "035 3622"


@pytest.mark.parametrize("column", ["phone", "hours"])
def test_phone_and_hours_may_be_empty(column):
    assert getattr(parse_branch(ROW | {column: " "}), column) == ""
    del (row := dict(ROW))[column]
    assert getattr(parse_branch(row), column) == ""


@pytest.mark.parametrize(
    ("column", "text", "code"),
    [
        *((column, "", "missing") for column in ("name", "province", "city", "address")),
        ("name", " \u200c\u200f ", "missing"),
        ("province", "  ", "missing"),
        ("province", "توران", "unknown"),
        ("name", "ش" * 101, "length"),
        ("city", "ش" * 81, "length"),
        ("address", "ش" * 301, "length"),
        ("phone", "1" * 101, "length"),
        ("hours", "ش" * 201, "length"),
        ("address", "خیابان\x00", "characters"),
        ("phone", "ندارد", "phone"),
        ("phone", "123", "phone"),
    ],
)
def test_a_wrong_cell_is_named(column, text, code):
    with pytest.raises(InvalidBranch) as refused:
        parse_branch(ROW | {column: text})
    assert (refused.value.code, refused.value.params["column"]) == (code, column)


@pytest.mark.parametrize(
    "text", ["آذربایجان شرقی", "اذربايجان شرقي", "استان آذربایجان شرقی", " آذربایجان‌شرقی "]
)
def test_a_province_is_known_in_any_spelling(text):
    assert province_of(text) == "آذربایجان شرقی"


def test_a_branch_is_the_same_in_another_spelling():
    one, other = branch("قائم‌شهر", "شعبه یک"), branch("قایم شهر", "شعبه يك")
    assert one.key == other.key
    assert one.key != branch("قائم‌شهر", "شعبه دو").key


CITIES = ("قائم‌شهر", "قم", "اسلام‌آباد غرب", "خرم‌آباد", "تهران", "یزد", "کرمانشاه")
BRANCHES = [branch(city) for city in CITIES]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("قایم شهر", "قائم‌شهر"),
        ("قائمشهر", "قائم‌شهر"),
        ("اسلام اباد غرب", "اسلام‌آباد غرب"),
        ("اسلام آباد", "اسلام‌آباد غرب"),
        (" تهران ", "تهران"),
        ("كرمانشاه", "کرمانشاه"),
        ("Tehran", "تهران"),
        ("qom", "قم"),
        ("YAZD", "یزد"),
        ("Khorramabad", "خرم‌آباد"),
    ],
)
def test_a_city_is_found_in_any_spelling(typed, found):
    assert [one.city for one in in_city(BRANCHES, typed)] == [found]


def test_the_exact_name_hides_longer_ones():
    both = [branch("شهر"), branch("شهرکرد")]
    assert in_city(both, "شهر") == both[:1]


@pytest.mark.parametrize("typed", ["", " ", "۱۲", "12", "لندن", "London", "-"])
def test_what_is_no_city_finds_nothing(typed):
    assert in_city(BRANCHES, typed) == []


def test_a_long_text_is_read_to_its_bound():
    assert in_city(BRANCHES, "یزد" + " " * LONGEST_CITY + "x") == [branch("یزد")]


@given(st.text())
def test_searching_never_crashes(text):
    in_city(BRANCHES, text)


@given(st.dictionaries(st.sampled_from(sorted(ROW)), st.text()))
def test_reading_a_row_refuses_or_gives_a_branch_that_reads_the_same(row):
    try:
        read = parse_branch(ROW | row)
    except InvalidBranch:
        return
    again = {column: getattr(read, column) for column in ROW}
    assert parse_branch(again) == read


@pytest.mark.parametrize(
    ("phone", "number"),
    [
        ("035-36220000", "03536220000"),
        ("۰۳۵ ۳۶۲۲۰۰۰۰", "03536220000"),
        ("(035) 36220000", "03536220000"),
        ("+983536220000", "+983536220000"),
        ("035-3622 0000", "03536220000"),
        ("1420", "1420"),
        ("36220000-2", ""),
        ("035-36220000، 035-36230000", ""),
        ("36220000 36230000", ""),
        ("1420 داخلی 5", ""),
        ("", ""),
    ],
)
def test_one_number_alone_can_be_dialled(phone, number):
    assert replace(branch("یزد"), phone=phone).number_to_dial == number
