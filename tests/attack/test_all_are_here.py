"""The list of attacks against the tests: each case is tried here, or README.md says why not."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
CASES = json.loads((HERE.parent / "data" / "attacks.json").read_text("utf-8"))
AT_BOTH = "at_both"
_ROW = re.compile(r"\| `?attack_([A-Z]+[0-9]+)`? \|")


def tried(source: str, decorator: str | None = None) -> set[str]:
    """Return the ids in the names of a file's tests; of those alone that bear ``decorator``."""
    tests = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_attack_")
    ]
    return {
        word
        for test in tests
        if decorator is None or decorator in map(_name, test.decorator_list)
        for word in test.name.split("_")
        if word in CASES
    }


def _name(node: ast.expr) -> str:
    called = node.func if isinstance(node, ast.Call) else node
    return called.id if isinstance(called, ast.Name) else ""


@cache
def tried_here(decorator: str | None = None) -> set[str]:
    """Return the ids of all tests below this folder."""
    sources = (path.read_text("utf-8") for path in sorted(HERE.rglob("test_*.py")))
    return set().union(*(tried(source, decorator) for source in sources))


def section(title: str) -> set[str]:
    """Return the ids of the table under a heading of README.md."""
    _, _, rest = (HERE / "README.md").read_text("utf-8").partition(f"## {title}\n")
    return set(_ROW.findall(rest.partition("\n## ")[0]))


def test_the_list_is_whole():
    assert len(CASES) == 224


def cases(*, seen_at_naive: bool) -> set[str]:
    return {case for case in CASES if bool(CASES[case]["seen_at_naive"]) is seen_at_naive}


def test_each_case_is_tried_or_its_absence_explained():
    assert CASES.keys() - tried_here() - section("Left out") == set()


def test_what_was_seen_at_the_naive_server_is_tried_there():
    known = tried_here(AT_BOTH) | section("Not tried at the naive server")
    assert cases(seen_at_naive=True) - known == set()


def test_the_guard_of_every_other_case_is_named():
    named = section("Guards") | section("Left out") | guarded_below()
    assert cases(seen_at_naive=False) - named == set()


def guarded_below() -> set[str]:
    """Return the ids in the first cells of the tables of people/README.md and operations/."""
    text = "".join(path.read_text("utf-8") for path in HERE.glob("*/README.md"))
    cells = re.findall(r"^\| ([A-Z]+[0-9]+(?:, [A-Z]+[0-9]+)*) \|", text, re.MULTILINE)
    return {case for cell in cells for case in cell.split(", ")}


def guards() -> Iterator[tuple[str, str]]:
    """Yield file and name of each guard in README.md."""
    _, _, table = (HERE / "README.md").read_text("utf-8").partition("## Guards\n")
    for row in _ROW.split(table)[2::2]:
        for place in row.split("; "):
            path, *names = re.findall(r"`([\w./]+)`", place) or [""]
            yield from ((path, one.rpartition(".")[2]) for one in names if "/" not in one)


def test_a_guard_is_where_it_is_said_to_be():
    said = sorted(set(guards()))
    elsewhere = [
        (path, name)
        for path, name in said
        if not re.search(rf"\b{name}\b", (HERE.parents[1] / path).read_text("utf-8"))
    ]
    assert said
    assert elsewhere == []


def test_a_case_is_found_by_the_name_of_its_test():
    source = "def test_attack_C01_C02_x(): ...\ndef test_C03(): ...\ndef test_attack_S256_x(): ..."

    assert tried(source) == {"C01", "C02"}


def test_a_case_at_both_servers_is_found_by_its_decorator():
    source = "@at_both(hub=1)\ndef test_attack_C01_x(): ...\ndef test_attack_C02_x(): ..."

    assert tried(source, AT_BOTH) == {"C01"}
