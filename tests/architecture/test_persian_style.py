"""Our Persian is written one way: docs/develop/persian-style.md. The guide keeps its words."""

import json
import re
from collections.abc import Iterator
from functools import cache

import pytest

from tests.architecture.sources import ROOT
from translations import collect

PERSIAN = "\u0600-\u06ff\u200c"
DATA = ROOT / "tests" / "data"
NAMES = {"شاتل موبایل"}
"""What others are called: an operator."""
SPACING = {
    "a prefix stands apart": re.compile(rf"(?<![{PERSIAN}])ن?می (?=[{PERSIAN}])"),
    "a prefix is glued to its verb": re.compile(rf"(?<![{PERSIAN}])(می|نمی)(شود|شوند|توانید|کند)"),
    "a plural stands apart": re.compile(rf"[{PERSIAN}] (ها|های|هایی|هایش)(?![{PERSIAN}])"),
    "a space stands before a mark": re.compile(rf"[{PERSIAN}] [.،؛:؟!]"),
    "a letter or digit is Arabic": re.compile("[يىك٠-٩]"),
    "a digit is Latin": re.compile(rf"[{PERSIAN}] [0-9]+ [{PERSIAN}]"),
    "a mark is Latin": re.compile(rf'[{PERSIAN}][,;?"]|"[{PERSIAN}]'),
}


def refused_words() -> list[str]:
    """Return the words of the table's second column."""
    page = (ROOT / "docs" / "develop" / "persian-style.md").read_text("utf-8")
    rows = re.findall(r"^\| .+? \| (.+?) \|$", page, re.MULTILINE)
    return [word for row in rows if row != "not" for word in row.split("، ")]


def of_the_guide() -> set[str]:
    texts = json.loads((DATA / "guide_texts.json").read_text("utf-8"))
    sms = json.loads((DATA / "sms.json").read_text("utf-8"))
    said = {text for text in strings(texts) if re.search(f"[{PERSIAN}]", text)}
    return said | {case["text"] for case in sms["cases"]}


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)


@cache
def ours() -> list[str]:
    """Return every sentence of pages, SMS and e-mails that is not the guide's.

    What a sentence quotes of the guide is taken out of it.
    """
    pages = [one.id for one in collect.collected() if one.id]
    files = [*ROOT.glob("templates/sms/*.txt"), *ROOT.glob("templates/mail/*.txt")]
    said = [*pages, *(path.read_text("utf-8").strip() for path in files)]
    guide = of_the_guide()
    texts = {one if isinstance(one, str) else one[0] for one in said} - guide - NAMES
    return [re.sub("«(.+?)»", lambda quote: unless(guide, quote), text) for text in sorted(texts)]


def unless(guide: set[str], quote: re.Match[str]) -> str:
    return "«»" if quote[1] in guide else quote[0]


def found_in(sentence: str, word: str) -> bool:
    """Whether the word stands in the sentence, as a word of its own."""
    return bool(re.search(rf"(?<![{PERSIAN}]){re.escape(word)}(?![{PERSIAN}])", sentence))


@pytest.mark.parametrize("word", refused_words())
def test_no_sentence_of_ours_has_a_refused_word(word):
    assert [sentence for sentence in ours() if found_in(sentence, word)] == []


@pytest.mark.parametrize("slip", SPACING)
def test_no_sentence_of_ours_is_spaced_wrongly(slip):
    assert [sentence for sentence in ours() if SPACING[slip].search(sentence)] == []


def test_the_guide_keeps_its_words():
    assert any(found_in(text, "نمایید") for text in of_the_guide())


@pytest.mark.parametrize(
    ("sentence", "is_found"),
    [
        ("به شعبه مراجعه نمایید.", True),
        ("تنها یک بار", True),
        ("تنهایی", False),
        ("می‌تنهاید", False),
    ],
)
def test_a_refused_word_is_found_as_a_word(sentence, is_found):
    assert any(found_in(sentence, word) for word in refused_words()) is is_found
