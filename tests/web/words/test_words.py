"""Every code has Persian words, and the guide's words are the guide's."""

import json
import string
from pathlib import Path

import pytest

from idp import resources
from idp.domain import errors
from idp.domain.people import questions
from idp.services.messages.messages import Notice
from idp.web.http import languages
from idp.web.registration import choices
from idp.web.words import guide_texts, messages
from translations.collect import collected

DATA = Path(__file__).parents[2] / "data"
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
    first = next(iter(choices.QUESTION_OPTIONS))
    assert first == (questions.QUESTIONS[0].id, guide_texts.screen("step2.question.value"))


OTHER_WORDS = {
    "مراجعه نما": "مراجعه کنید",
    "نویسه": "کاراکتر",
    "دست کم": "حداقل",
    "کنونی": "فعلی",
    "پیوند": "لینک",
    "پرکار": "شلوغ",
    "کهنه": "منقضی",
    "خودتان": "شما",
    "نخست": "ابتدا، اولین",
    "پیشین": "قبلی",
    "نشست": "ورود",
    "استعلام": "بررسی",
    "شمار پیامک": "تعداد پیامک",
    "کد پیامک شده": "کد تأیید",
}
"""Words of another register than the rest of our sentences, and what we say."""
THE_GUIDES = {Notice.ACTIVATED, Notice.BRANCH, Notice.MISMATCH, Notice.DUPLICATE}


def our_sentences():
    guide = set(guide_texts.every_text())
    for message in collected():
        said = message.id if isinstance(message.id, str) else message.id[0]
        if said and said not in guide:
            yield said
    yield from (resources.sms_text(notice) for notice in set(Notice) - THE_GUIDES)


@pytest.mark.parametrize("word", OTHER_WORDS)
def test_our_own_sentences_are_of_one_register(word):
    assert [one for one in our_sentences() if word in one] == []


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("InvalidGender", "این را از فهرست انتخاب کنید."),
        ("InvalidQuestion", "این را از فهرست انتخاب کنید."),
        ("InvalidOperator", "این را از فهرست انتخاب کنید."),
        ("InvalidProfession", "این را از فهرست انتخاب کنید."),
        ("InvalidName", "وارد کردن این الزامی است."),
    ],
)
def test_what_is_chosen_is_asked_to_be_chosen(error, sentence):
    [kind] = [one for one in errors.Invalid.__subclasses__() if one.__name__ == error]

    assert messages.of_field(kind("empty"), "این") == sentence


@pytest.mark.parametrize(
    ("label", "inside"), [("Family name", "family name"), ("شهر", "شهر"), ("", "")]
)
def test_a_label_inside_a_sentence_begins_small(label, inside):
    assert languages.inside_a_sentence(label) == inside
