"""Stylesheets know start and end; left and right stand under ``:root[dir]`` only, once for each.

One sheet serves both directions. Chromium 80 has no logical word for a place, a float or a corner
(they came with 87, 118 and 89), so these are written twice, and the two must mirror each other.
"""

import re
from collections.abc import Iterator

import pytest

from tests.architecture.sheets import Rule, Sheet, read
from tests.architecture.sources import ROOT

STATIC = ROOT / "idp" / "web" / "static"
SIDE = re.compile(r"(?<![a-z])(left|right)(?![a-z])")
UNEVEN = re.compile(r"^[^\s]+ +([^\s]+) +[^\s]+ +(?!\1$)[^\s]+$")
BOXES = {"margin", "padding", "inset"}
DIRECTED = re.compile(r':root\[dir="(rtl|ltr)"\] ')


def sided(rule: Rule) -> set[tuple[str, str]]:
    """Return the declarations that name a side, or give the sides different measures."""
    return {
        (name, value)
        for name, value in rule.declarations
        if SIDE.search(name)
        or SIDE.search(value)
        or (name.removeprefix("scroll-") in BOXES and UNEVEN.match(value))
    }


def mirrored(declarations: set[tuple[str, str]]) -> set[tuple[str, str]]:
    def swap(text: str) -> str:
        return SIDE.sub(lambda found: {"left": "right", "right": "left"}[found[1]], text)

    return {(swap(name), swap(value)) for name, value in declarations}


def physical(sheet: Sheet) -> Iterator[str]:
    """Yield each rule that knows left or right and has no mirror in the other direction."""
    directed: dict[str, dict[str, set[tuple[str, str]]]] = {"rtl": {}, "ltr": {}}
    for rule in sheet.rules:
        if not (found := sided(rule)):
            continue
        directions = {found[1] for found in DIRECTED.finditer(rule.selectors)}
        if len(directions) != 1 or not all(map(DIRECTED.match, rule.selectors.split(", "))):
            yield f"{rule.selectors}: {found}"
            continue
        bare = DIRECTED.sub("", rule.selectors) + str(rule.conditions)
        directed[directions.pop()].setdefault(bare, set()).update(found)
    for bare in directed["rtl"].keys() | directed["ltr"].keys():
        rtl, ltr = (directed[one].get(bare, set()) for one in ("rtl", "ltr"))
        if mirrored(rtl) != ltr:
            yield f"{bare}: {rtl} in one direction, {ltr} in the other"


@pytest.mark.parametrize("path", sorted(STATIC.glob("*.css")), ids=lambda path: path.name)
def test_no_stylesheet_knows_left_or_right_alone(path):
    assert list(physical(read(path.read_text("utf-8")))) == []


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
        (':root[dir="rtl"] a { left: 0; }', 1),
        (':root[dir="rtl"] a { left: 0; } :root[dir="ltr"] a { left: 0; }', 1),
        (':root[dir="rtl"] a { left: 0; } :root[dir="ltr"] a { right: 1px; }', 1),
        (':root[dir="rtl"] a { left: 0; } :root[dir="ltr"] b { right: 0; }', 2),
        (':root[dir="rtl"] a, b { float: left; } :root[dir="ltr"] a, b { float: right; }', 2),
        (':root[dir="rtl"] a { left: 0; } :root[dir="ltr"] a { right: 0; }', 0),
        (':root[dir="rtl"] a { float: left; } :root[dir="ltr"] a { float: right; }', 0),
    ],
)
def test_a_side_is_found(sheet, count):
    assert len(list(physical(read(sheet)))) == count
