import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.people.places import (
    CITIES_BY_PROVINCE,
    COUNTRIES,
    OTHER_CITY,
    PROVINCES,
    InvalidPlace,
    Residence,
)
from idp.domain.persian.names import stored_form
from tests.vectors import cases

CITY_NAMES = {city.name for cities in CITIES_BY_PROVINCE.values() for city in cities}
ALPHABET = "آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"


def alphabetical(names):
    folded = (stored_form(name).translate(str.maketrans("ئأۀؤ", "یاهو")) for name in names)
    words = [
        "".join(c for c in name.replace("\u200c", " ") if c in f" {ALPHABET}") for name in folded
    ]
    keys = [[f" {ALPHABET}".index(letter) for letter in word] for word in words]
    return keys == sorted(keys)


def test_iran_is_the_first_country():
    assert next(iter(COUNTRIES.items())) == ("IR", "ایران")


def test_the_other_countries_stand_in_persian_order():
    assert len(COUNTRIES) == 249
    assert alphabetical(list(COUNTRIES.values())[1:])


def test_the_provinces_are_the_thirty_one():
    expected = {(row["name"], row["capital"]) for row in cases("provinces")}

    assert {(province.name, province.capital) for province in PROVINCES} == expected
    assert alphabetical([province.name for province in PROVINCES])


def test_every_province_has_its_cities_in_persian_order():
    assert list(CITIES_BY_PROVINCE) == [province.name for province in PROVINCES]
    lists = CITIES_BY_PROVINCE.values()
    assert all(alphabetical([city.name for city in cities[1:]]) for cities in lists)


@pytest.mark.parametrize("province", PROVINCES, ids=lambda province: province.name)
def test_the_capital_of_a_province_is_its_first_city(province):
    first = CITIES_BY_PROVINCE[province.name][0].name

    assert first.replace(" ", "") == province.capital.replace("\u200c", "").replace(" ", "")


def test_no_city_is_written_without_its_madda():
    bare = {"مهاباد", "گناباد", "بهاباد", "تایباد", "انابد"}  # these have none

    assert {name for name in CITY_NAMES if "اباد" in name} - bare == set()


def test_no_city_has_two_yehs_where_a_hamza_is():
    written_so = {"پایین هولار", "تازیان پایین", "الهایی", "لپویی"}

    assert {name for name in CITY_NAMES if "یی" in name} == written_so


@pytest.mark.parametrize("name", ["قائم شهر", "قائن", "نائین", "شهر جدید هشتگرد", "آران و بیدگل"])
def test_cities_are_written_as_on_their_signs(name):
    assert name in CITY_NAMES


def test_no_city_is_glued_to_what_follows_its_abad():
    glued = {name for name in CITY_NAMES if re.search("آباد[^ یا)ه]", name)}

    assert glued == set()


@pytest.mark.parametrize(("code", "sought"), [("US", "آمریکا"), ("GB", "انگلستان")])
def test_a_country_is_found_by_the_name_that_people_use(code, sought):
    assert sought in COUNTRIES[code]


def test_no_city_is_there_twice():
    cities = [(p, city) for p, of_p in CITIES_BY_PROVINCE.items() for city in of_p]

    assert len({(province, city.name) for province, city in cities}) == len(cities) == 1320
    assert len({city.code for _, city in cities} | {OTHER_CITY}) == len(cities) + 1


def test_city_names_are_clean():
    for cities in CITIES_BY_PROVINCE.values():
        for city in cities:
            assert stored_form(city.name) == city.name
            assert not any(letter.isdigit() for letter in city.name)


def test_a_city_of_the_list_is_chosen_by_its_code():
    tehran = next(city for city in CITIES_BY_PROVINCE["تهران"] if city.name == "تهران")

    residence = Residence.parse("IR", tehran.code, "ignored")

    assert residence == Residence("IR", "تهران")
    assert residence.country_name == "ایران"


@pytest.mark.parametrize(
    ("typed", "city"),
    [("  شهرك\u00a0 نو ", "شهرک نو"), ("شهرک ۱۷ شهریور", "شهرک ۱۷ شهریور"), ("Y", "Y")],
)
def test_a_city_that_is_not_in_the_list_is_typed(typed, city):
    assert Residence.parse("IR", OTHER_CITY, typed) == Residence("IR", city)


def test_a_typed_city_counts_where_nothing_was_chosen():
    assert Residence.parse("IR", "", "نوشهر") == Residence("IR", "نوشهر")


@pytest.mark.parametrize("typed", ["ن" * 80, "ن" * 80 + " " * 240])
def test_a_typed_city_has_80_letters_at_most(typed):
    assert Residence.parse("FR", "", typed) == Residence("FR", "ن" * 80)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("قايم شهر", "قائم شهر"),
        ("قائم\u200cشهر", "قائم شهر"),
        ("اسلام اباد", "اسلام آباد"),
        ("شهرجدیدهشتگرد", "شهر جدید هشتگرد"),
        ("كرج", "کرج"),
    ],
)
def test_a_city_is_known_in_every_spelling(typed, name):
    assert Residence.parse("IR", OTHER_CITY, typed).city == name
    assert Residence.parse("IR", typed).city == name


@pytest.mark.parametrize("name", ["هادیشهر", "هادی شهر"])
def test_two_cities_whose_names_differ_by_a_blank_are_two(name):
    assert Residence.parse("IR", name).city == name


def test_every_city_is_known_by_its_name():
    assert {Residence.parse("IR", name).city for name in CITY_NAMES} == CITY_NAMES


def test_a_form_without_a_box_for_free_text_types_nothing():
    with pytest.raises(InvalidPlace, match=r"^city_empty$"):
        Residence.parse("IR", OTHER_CITY)


def test_a_typed_city_is_not_looked_at_when_it_is_huge():
    with pytest.raises(InvalidPlace, match=r"^city_text$"):
        Residence.parse("FR", "", "ن" * 80 + " " * 241)


@pytest.mark.parametrize(
    ("city", "text"),
    [("Saint-Denis", ""), ("", "Saint-Denis"), (OTHER_CITY, "Saint-Denis"), ("1", "Saint-Denis")],
)
def test_abroad_the_city_is_typed(city, text):
    assert Residence.parse("FR", city, text) == Residence("FR", "Saint-Denis")


@pytest.mark.parametrize(
    ("country", "city", "text", "code"),
    [
        ("", "1", "", "country_empty"),
        ("XX", "1", "", "country_unknown"),
        ("IR", "", "", "city_empty"),
        ("IR", "999999", "", "city_unknown"),
        ("IR", OTHER_CITY, " \u200f\u200c", "city_empty"),
        ("FR", "", "", "city_empty"),
        ("FR", "1", "", "city_empty"),
        ("FR", "", "ن" * 81, "city_text"),
        ("FR", "", " " * 400, "city_text"),
        ("FR", "", "<b>Paris", "city_text"),
        ("FR", "", "Paris\x00", "city_text"),
        ("FR", "", "--", "city_text"),
        pytest.param("FR", "", "\ud800", "city_text", id="a lone surrogate"),
    ],
)
def test_a_place_that_does_not_stand_is_refused(country, city, text, code):
    with pytest.raises(InvalidPlace) as refusal:
        Residence.parse(country, city, text)

    assert refusal.value.code == code


@given(st.sampled_from(["IR", "FR"]), st.text(), st.text())
def test_parsing_never_crashes_and_repeats_itself(country, city, text):
    with suppress(InvalidPlace):
        residence = Residence.parse(country, city, text)
        assert Residence.parse(country, OTHER_CITY, residence.city) == residence
