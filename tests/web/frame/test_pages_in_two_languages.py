"""Every page in Persian and in English: no page mixes them."""

import re
from html.parser import HTMLParser

import pytest

from idp import resources
from tests.web.seen import SeenPage
from tests.web.tour import VISITS
from tests.web.visits import name_of

PERSIAN = re.compile("[\u0600-\u06ff\ufb50-\ufdff\ufe70-\ufefc]")
PERSIAN_DIGIT, LATIN_DIGIT = re.compile("[۰-۹٠-٩]"), re.compile("[0-9]")
READ = ("value", "label", "aria-label", "alt", "title")
SPOKEN = (
    *("placeholder", "data-show", "data-hide"),
    *("data-keyboard", "data-keyboard-shift", "data-keyboard-erase"),
)
"""Words of the page, whatever direction the field has that they stand in."""
VOID = {"meta", "link", "input", "img", "br", "wbr", "source"}
NAMES = ("سوابق بیمه", "محمدرضا", "احمدی نژاد")
"""Of the portal and the citizen, where an attribute has no element around them."""


class Reader(HTMLParser):
    """Collects what a page says: each text with the language and direction around it."""

    def __init__(self) -> None:
        super().__init__()
        self.around = [("", "")]
        self.said: list[tuple[str, str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        language, direction = self.around[-1]
        here = (found.get("lang", language), found.get("dir", direction))
        if found.get("type") != "hidden" and tag not in {"option", "button", "meta"}:
            read = [name for name in READ if (tag, name) != ("progress", "value")]
            self.said += [(found[name], *here) for name in read if name in found]
            self.said += [(found[name], language, "") for name in SPOKEN if name in found]
        if tag not in VOID:
            self.around.append(here)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self.around.pop()

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.said.append((" ".join(data.split()), *self.around[-1]))


def said(page: SeenPage) -> list[tuple[str, str, str]]:
    """Return each text of the page with the language and direction around it."""
    reader = Reader()
    reader.feed(page.text)
    assert reader.around == [("", "")]
    return reader.said


def every_visit(test):
    return pytest.mark.parametrize("visit", VISITS, ids=name_of)(test)


def test_every_page_is_visited():
    folder = resources.template_folder()
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*.html")}
    pages = {name for name in there if not name.rpartition("/")[2].startswith("_")}
    assert pages - {"base.html"} == {one.template for one in VISITS}


@every_visit
def test_a_visit_ends_where_it_says(see, visit):
    assert see(visit, "fa").template == visit.template


@every_visit
def test_a_page_in_english_says_everything_in_english(see, visit):
    page = see(visit, "en")
    foreign = [
        text for text, language, _ in said(page) if language != "fa" and PERSIAN.search(text)
    ]
    for name in NAMES:
        foreign = [text.replace(name, "") for text in foreign]
    assert '<html lang="en" dir="ltr">' in page.text
    assert [text for text in foreign if PERSIAN.search(text)] == []


@every_visit
def test_a_page_in_persian_has_persian_digits_in_its_prose(see, visit):
    page = see(visit, "fa")
    prose = [text for text, _, direction in said(page) if direction != "ltr"]
    assert [text for text in prose if LATIN_DIGIT.search(text)] == []


@every_visit
def test_a_page_in_persian_has_latin_digits_in_its_identifiers(see, visit):
    page = see(visit, "fa")
    identifiers = [text for text, _, direction in said(page) if direction == "ltr"]
    assert [text for text in identifiers if PERSIAN_DIGIT.search(text)] == []


@every_visit
def test_a_page_in_english_has_no_persian_digit(see, visit):
    page = see(visit, "en")
    mine = [text for text, language, _ in said(page) if language != "fa"]
    assert [text for text in mine if PERSIAN_DIGIT.search(text)] == []


BUTTON = re.compile(r'<(a|button)\b[^>]*class="button\b[^>]*>(.*?)</\1>', re.DOTALL)


@every_visit
def test_the_words_of_a_button_are_one_piece(see, visit):
    """A flexible box drops the space between a text and the element beside it."""
    labels = [label.strip() for _, label in BUTTON.findall(see(visit, "en").text)]
    assert [label for label in labels if "<" in label and not label.startswith("<span")] == []
