import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.people.national_id import NationalId
from idp.domain.people.password import (
    COMMON_PASSWORDS,
    VIOLATIONS,
    has_persian_letters,
    password_violations,
)
from idp.domain.persian.names import PersonName
from tests.vectors import cases


def violations(password, given="علی", family="رضایی", national_id="9997506928"):
    return password_violations(password, given=given, family=family, national_id=national_id)


@pytest.mark.parametrize("case", cases("passwords"), ids=lambda case: case["password"])
def test_the_guides_rules_hold_as_the_vectors_say(case):
    found = password_violations(
        case["password"],
        given=PersonName.parse(case["given"]),
        family=PersonName.parse(case["family"]),
        national_id=NationalId(case["national_id"]),
    )

    assert [code for code in found if code != "common"] == case["violations"]


@pytest.mark.parametrize("password", ["Aa123456", "Abcdefg1", "Iran1234", "Tehran123", "iRaN1234"])
def test_what_everybody_guesses_first_is_common(password):
    assert violations(password) == ("common",)


@pytest.mark.parametrize("password", ["Xk29vbqT", "Tehran#45x", "Barname77", "Zanjan#55"])
def test_a_short_password_is_not_common_for_being_short(password):
    assert violations(password) == ()


def test_the_common_list_holds_only_what_the_other_rules_let_pass():
    assert 2_000 < len(COMMON_PASSWORDS) < 6_000
    assert all(re.fullmatch(r"(?=.*[0-9])[a-z][a-z0-9&%$#!]{7,}", one) for one in COMMON_PASSWORDS)


def test_everything_wrong_is_told_in_the_guides_order():
    assert violations("4@") == ("charset", "start_letter", "classes", "too_short")
    assert violations("Ali " + "9997506928" * 13) == ("charset", "contains_nid", "too_long")


def test_nothing_typed_breaks_the_rules_without_a_crash():
    found = password_violations("", given="", family="", national_id="")

    assert found == ("charset", "start_letter", "classes", "too_short")


def test_the_longest_password_has_128_characters():
    longest = "Xk29vbqT" * 16

    assert violations(longest) == ()
    assert violations(longest + "x") == ("too_long",)


@pytest.mark.parametrize(
    ("national_id", "password", "found"),
    [
        ("0012927104", "Xq0012927104", True),
        ("0012927104", "Xq12927104", True),
        ("0012927104", "Xq1292710", False),
        ("0002927104", "Xq2927104", True),
        ("0000927104", "Xq00000927104", True),
        ("0000927104", "Xq927104", False),
    ],
)
def test_the_id_counts_without_its_zeros_when_seven_digits_are_left(national_id, password, found):
    assert ("contains_nid" in violations(password, national_id=national_id)) is found


@pytest.mark.parametrize(
    ("given", "password"),
    [
        ("رضا", "vqhA1234"),  # typed with the English layout on, three keys: a whole run
        ("محمد", "Xlpln1234"),  # four keys: anywhere
        ("یوسف", "Usef12345"),  # initial y left out
        ("عباس", "Abbass123"),  # doubled consonants
        ("محمد حسین", "Hossein99"),  # one word of two
        ("امیرعلی", "Ali#99887"),  # one half of a compound
        ("آرش", "Arash9988"),
        ("مبینا", "M0b1na998"),  # 0 and 1 for o and i
        ("سمن", "Xsamn1234"),  # four letters of a name of three
        ("آن", "Ann#12345"),  # three letters, a whole run
        ("آرش", "Rash#9988"),  # the first vowel left out
        ("گل نار", "Xgolnarx1"),  # two words as one
        ("منصور", "Xlkwv#123"),  # typed; the key of و leaves no letter
        ("محممد", "Mohamad#1"),  # a letter written twice is one sound
        ("حسنx", "Hasan#123"),  # a letter that is not Persian
        ("محمد\u200cرضا", "Mohammadreza1"),
        ("محمد", "Moh#am1mad"),  # letters with marks between them
        ("مبینا", "M0b#1na998"),
        ("محمد", "MohaMmad#1"),
        ("رضا", "vqh#A1234"),  # typed, in small letters
    ],
)
def test_a_name_is_found_in_disguise(given, password):
    assert "contains_name" in violations(password, given=given, family="")


@pytest.mark.parametrize(
    ("given", "password"),
    [
        ("علی", "Quality12"),
        ("سید حسین", "Sayed12345"),
        ("آوا", "Avalanche1"),  # no consonant to hold on to but one
        ("رضا", "Xvqhg1234"),
        ("عباس", "Xoabeso12"),  # two consonants: only a whole run counts
        ("هه", "Hehe12345"),
        ("سمن", "Xsmn12345"),  # three letters
        ("نور", "Kv#12345a"),  # typed, two keys
        ("آن", "An#123456"),
        ("چ", "Tch#12345"),  # one letter is no name
        ("سیدرضا", "Sayed#123"),
        ("یوسف", "Youf#1234"),
        ("ن", "Nnnnnnn1"),
        ("محمدباران", "Baran1234"),  # no compound
        ("شیرعلی", "Quality12"),
    ],
)
def test_an_innocent_word_is_not_taken_for_a_name(given, password):
    assert "contains_name" not in violations(password, given=given, family="")


@pytest.mark.parametrize("letter", "اویعهخ")
@pytest.mark.parametrize("typed", ["aeiou", "a", "khao"])
def test_the_worst_name_and_password_are_searched_to_the_end(letter, typed):
    # A backtracking search would not come back from these (attack D01).
    name = f"{letter}خمم" * 12
    password = (typed * 128)[:128]

    assert "classes" in violations(password, given=name, family=name)


def test_a_huge_password_is_told_its_length():
    assert "too_long" in violations("Aa1" * 1_000_000)


@pytest.mark.parametrize("text", ["گذرواژه", "Abc۱", "abcي", "\ufed1"])
def test_a_persian_keyboard_is_noticed(text):
    assert has_persian_letters(text)


@pytest.mark.parametrize("text", ["", "Abc1&%$#!", "é", "я"])
def test_other_keyboards_are_not_taken_for_persian(text):
    assert not has_persian_letters(text)


@given(st.text(), st.text(), st.text())
def test_no_text_crashes_the_rules(password, given, national_id):
    found = violations(password, given=given, family=given, national_id=national_id)

    assert list(found) == sorted(found, key=VIOLATIONS.index)
