"""Whatever a document links to or names by its path is there, and so is what the code names."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.architecture.sources import ROOT, text_files

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "keys/README.md"])
CODE = re.compile(r"^```.*?^```|^ {4}.*?$|`[^`\n]+`", re.MULTILINE | re.DOTALL)
MARKDOWN_LINK = re.compile(r"\]\(([^)\s]+)\)")
HTML_LINK = re.compile(r'(?:href|src)="([^"]+)"')
OUTSIDE = ("https:", "http:", "mailto:")
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
LINK_IN_HEADING = re.compile(r"\[([^\]]*)\]\([^)]*\)")
NO_PART_OF_AN_ANCHOR = re.compile(r"[^\w\- ]")
ROOMS = r"\.ci|idp(?!/_)|tests|docs|config|templates|translations"
"""``idp/_templates`` and its like are places in the wheel."""
PATH = re.compile(rf"(?<![\w./*-])((?:{ROOMS})/[\w./*-]*\w)")
DOCUMENT = re.compile(r"(?<![\w./-])docs/[\w./-]*\w")
WRITTEN_BY_HISTORY = {"CHANGELOG.md"}
"""Paths there are those of their day."""


def links(markdown: str) -> list[str]:
    """Return the targets of all links that lead to no other site."""
    prose = CODE.sub("", markdown)
    found = [*MARKDOWN_LINK.findall(prose), *HTML_LINK.findall(prose)]
    return [unquote(unescape(target)) for target in found if not target.startswith(OUTSIDE)]


def anchors(markdown: str) -> set[str]:
    """Return the anchors that GitHub gives to the headings."""
    found: set[str] = set()
    seen = Counter[str]()
    prose = re.sub(r"^```.*?^```", "", markdown, flags=re.MULTILINE | re.DOTALL)
    for heading in HEADING.findall(prose):
        words = LINK_IN_HEADING.sub(r"\1", heading).strip().lower()
        slug = NO_PART_OF_AN_ANCHOR.sub("", words).replace(" ", "-")
        found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return found


@cache
def anchors_of(document: Path) -> set[str]:
    return anchors(document.read_text("utf-8"))


def broken(document: Path, markdown: str) -> Iterator[str]:
    """Yield the links of the document's text that lead nowhere."""
    for target in links(markdown):
        path, _, anchor = target.partition("#")
        place = (document.parent / path).resolve() if path else document
        leads = place.exists() and (not anchor or anchor in anchors_of(place))
        if not leads:
            yield target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_of_a_document_leads_somewhere(document: Path):
    assert list(broken(document, document.read_text("utf-8"))) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_path_that_a_document_names_is_there(document: Path):
    named = [] if document.name in WRITTEN_BY_HISTORY else PATH.findall(document.read_text("utf-8"))
    assert [path for path in named if not list(ROOT.glob(path))] == []


def test_every_document_that_the_code_names_is_there():
    lost = [
        f"{file.relative_to(ROOT)}: {path}"
        for file in text_files()
        if file not in DOCUMENTS
        for path in DOCUMENT.findall(file.read_text("utf-8", "replace"))
        if not list(ROOT.glob(f"{path}*"))
    ]
    assert lost == []


def test_a_reader_of_the_index_finds_every_document():
    index = ROOT / "docs" / "README.md"
    listed = {
        (index.parent / link.partition("#")[0]).resolve()
        for link in links(index.read_text("utf-8"))
    }
    assert set((ROOT / "docs").rglob("*.md")) - listed - {index} == set()


@pytest.mark.parametrize(
    "target", ["nowhere.md", "#no-such-heading", "operate/install.md#nowhere", "generated/no.png"]
)
def test_a_link_that_leads_nowhere_is_found(target: str):
    document = ROOT / "docs" / "README.md"
    assert list(broken(document, f"See [there]({target}).")) == [target]


def test_links_in_code_are_no_links():
    assert links("`[a](b)` and\n\n```\n[c](d)\n```\n") == []


def test_anchors_are_those_of_github():
    headings = "# One `code`, two\n## The *same*\n## The same\n## گام ۱. دو\n"
    assert anchors(headings) == {"one-code-two", "the-same", "the-same-1", "گام-۱-دو"}
