"""Each module and condition of the provider test plans stands in a comment of a test here."""

import ast
import io
import json
import re
import tokenize
from functools import cache
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NAMES = json.loads((HERE.parents[1] / "data/certification_modules.json").read_text("utf-8"))
WORD = re.compile(r"[A-Za-z0-9_-]+")


@cache
def named() -> frozenset[str]:
    """Return the words of the comments that stand in tests, decorators included."""
    return frozenset(word for path in HERE.glob("test_*.py") for word in words_of(path))


def words_of(path):
    text = path.read_text("utf-8")
    lines = {line for test in functions_of(text) for line in lines_of(test)}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and token.start[0] in lines:
            yield from (word.removeprefix("oidcc-") for word in WORD.findall(token.string))


def functions_of(text):
    nodes = ast.walk(ast.parse(text))
    return [n for n in nodes if isinstance(n, ast.FunctionDef) and n.name.startswith("test_")]


def lines_of(test):
    first = min([test.lineno, *(decorator.lineno for decorator in test.decorator_list)])
    return range(first, test.end_lineno + 1)


@pytest.mark.parametrize("kind", ["modules", "conditions"])
def test_a_test_here_names_each(kind):
    assert [name for name in NAMES[kind] if name not in named()] == []
