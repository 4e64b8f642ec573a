"""Every code has Persian words, and the guide's words are the guide's."""

import json
import string
from pathlib import Path

import pytest

from idp.domain import errors, questions
from idp.web import guide_texts, messages, presenting

DATA = Path(__file__).parents[1] / "data"
TEXTS = json.loads((DATA / "guide_texts.json").read_text("utf-8"))
BLANKS = {"year": "1404", "n": "15"}
ASKED_ELSEWHERE = {"registry_text", "too_large", "not_png", "broken", "sides"}
"""Codes that no form can meet."""


def field_errors() -> list[errors.Invalid]:
    kinds = errors.Invalid.__subclasses__()
    return [
        kind(code, BLANKS) for kind in kinds for code in kind.codes if code not in ASKED_ELSEWHERE
    ]


@pytest.mark.parametrize("error", field_errors(), ids=lambda one: f"{type(one).__name__}-{one}")
def test_every_error_of_a_field_has_words(error):
    sentence = messages.of_field(error, "نام")
    assert sentence.endswith(".")
    assert not set(sentence) & set(string.ascii_letters) - set("EN")


@pytest.mark.parametrize("status", [400, 403, 404, 405, 413, 415, 418, 429, 500, 501, 503])
def test_every_status_has_words_and_a_title(status):
    assert messages.text(f"http_{status}")
    assert messages.title(f"http_{status}")


def test_texts_of_the_screens_are_the_guides():
    wanted = {row["id"]: row["text"] for row in TEXTS["screens"]}
    assert {key: guide_texts.screen(key) for key in wanted} == wanted


def test_password_rules_are_said_in_the_guides_words():
    said = {messages.text(code) for code in ("charset", "start_letter", "classes", "too_short")}
    assert said <= {guide_texts.screen(rule) for rule in guide_texts.PASSWORD_RULES}


def test_the_guides_question_is_the_first_of_the_list():
    first = presenting.step_two_lists()["questions"][0]
    assert first == (questions.QUESTIONS[0].id, guide_texts.screen("step2.question.value"))
