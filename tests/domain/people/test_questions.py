from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.people.questions import (
    QUESTIONS,
    InvalidAnswer,
    InvalidQuestion,
    SecurityQuestion,
    answer_key,
)


def test_the_guides_question_is_the_first_of_six():
    assert QUESTIONS[0].text == "رنگ مورد علاقه شما چیست؟"
    assert len(QUESTIONS) == 6


def test_a_question_is_known_by_its_id():
    for question in QUESTIONS:
        assert SecurityQuestion.parse(question.id) == question


@pytest.mark.parametrize(("text", "code"), [("", "empty"), ("favourite_pet", "unknown")])
def test_a_question_that_was_not_offered_is_refused(text, code):
    with pytest.raises(InvalidQuestion) as refusal:
        SecurityQuestion.parse(text)

    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("آبی", "آبي"),
        ("قورمه سبزی", "قورمه\u200cسبزي "),
        ("۱۷ شهریور", "17شهریور"),
        ("Blue", "BLUE"),
        ("آبی", "ابی"),
    ],
)
def test_keyboards_and_blanks_do_not_lock_anybody_out(one, other):
    assert answer_key(one) == answer_key(other)


@pytest.mark.parametrize("answer", ["ab", "ا" * 100, "ab1"])
def test_an_answer_has_two_letters_and_a_hundred_characters_at_most(answer):
    assert answer_key(answer) == answer


def test_different_answers_stay_different():
    assert answer_key("آبی") != answer_key("سبز")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (" ", "empty"),
        ("۱۲", "length"),
        ("ا", "length"),
        ("ء ء", "length"),
        ("ا" * 101, "too_long"),
        ("آبی\x00", "characters"),
        pytest.param("آبی\ud800", "characters", id="a lone surrogate"),
    ],
)
def test_an_answer_that_could_not_be_asked_for_is_refused(answer, code):
    with pytest.raises(InvalidAnswer) as refusal:
        answer_key(answer)

    assert refusal.value.code == code


@given(st.text())
def test_an_answer_never_crashes_and_its_key_can_be_hashed(text):
    with suppress(InvalidAnswer):
        assert answer_key(text).encode()
