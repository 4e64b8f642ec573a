"""Stylesheets know start and end, never left and right: one sheet serves both directions."""

import re

import pytest

from tests.architecture.sources import ROOT

STATIC = ROOT / "idp" / "web" / "static"
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
PHYSICAL = re.compile(
    r"(?<![\w-])(?:left|right)(?![\w-])"  # a side, as property or as value
    r"|-(?:left|right)(?=[\w-]*\s*:)"  # margin-left, border-top-right-radius
    r"|(?<![\w-])(?:margin|padding|inset): *[^\s;]+ +([^\s;]+) +[^\s;]+ +(?!\1;)[^\s;]+;"  # uneven
)


def physical(sheet: str) -> list[str]:
    """Return what names a side of the page, or gives its two sides different measures."""
    return [found[0] for found in PHYSICAL.finditer(COMMENT.sub("", sheet))]


@pytest.mark.parametrize("path", sorted(STATIC.glob("*.css")), ids=lambda path: path.name)
def test_no_stylesheet_knows_left_or_right(path):
    assert physical(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("sheet", "count"),
    [
        ("a { left: 0; }", 1),
        ("a { margin-left: 1px; }", 1),
        ("a { text-align: right; }", 1),
        ("a { border-top-left-radius: 1px; }", 1),
        ("a { margin: 0 1px 0 2px; }", 1),
        ("a { margin: 0 1px 0 1px; }", 0),
        ("a { padding-inline-start: 1px; }", 0),
        ("/* left to right */ .copyright { inset: 0; }", 0),
    ],
)
def test_a_side_is_found(sheet, count):
    assert len(physical(sheet)) == count
