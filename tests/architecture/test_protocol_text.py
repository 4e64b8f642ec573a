"""Protocol text is read by its grammar, not by what Python counts as blanks and digits."""

import ast
import re

import pytest

from tests.architecture.sources import sources

READS_PROTOCOL_TEXT = (
    "idp/protocol/",
    "idp/web/",
    "idp/adapters/fetch.py",
    "idp/adapters/http_exchange.py",
    "idp/domain/client",
    "idp/domain/clients/response_types.py",
    "idp/domain/clients/scopes.py",
    "idp/domain/wire.py",
    "idp/services/sign_in/known_devices.py",
)
READS_PEOPLE = (
    *("idp/web/registration/forms.py", "idp/web/account/history.py", "idp/web/help/branches.py"),
)
"""What people type, or words that are shown: there a blank is whatever looks like one."""
OF_NAMES = "idp/domain/clients/metadata.py"
"""A portal's name is for people; that it is not blank is asked as people see it."""
BY_UNICODE = {"isdigit", "isnumeric", "isdecimal", "isalpha", "isalnum", "isspace", "splitlines"}
WITHOUT_ARGUMENT = {"strip", "lstrip", "rstrip", "split", "rsplit"}
OF_PYTHON = re.compile(r"(?<!\\)(?:\\\\)*\\[sdwSDWbB]")


def is_by_unicode(node: ast.AST) -> bool:
    """Return whether the code asks Python what a blank, a digit or a letter is."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr in WITHOUT_ARGUMENT:
            return not (node.args or node.keywords)
        return node.func.attr in BY_UNICODE
    return False


def patterns(tree: ast.AST) -> list[ast.expr]:
    """Return the first argument of each call to ``re``."""
    return [
        node.args[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and node.args
    ]


def is_loose(pattern: ast.expr) -> bool:
    parts = [one for one in ast.walk(pattern) if isinstance(one, ast.Constant)]
    return any(isinstance(one.value, str) and OF_PYTHON.search(one.value) for one in parts)


def test_no_protocol_text_is_read_by_pythons_blanks_and_digits():
    found = [
        f"{source.name}:{node.lineno}"
        for source in sources()
        if source.is_below(*READS_PROTOCOL_TEXT) and not source.is_below(*READS_PEOPLE, OF_NAMES)
        for node in ast.walk(source.tree)
        if is_by_unicode(node)
    ]
    assert found == []


def test_no_pattern_for_protocol_text_has_a_class_of_unicode():
    found = [
        f"{source.name}:{pattern.lineno}"
        for source in sources()
        if source.is_below(*READS_PROTOCOL_TEXT)
        for pattern in patterns(source.tree)
        if is_loose(pattern)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("code", "is_one"),
    [
        ("text.split()", True),
        ("text.strip()", True),
        ("text.isdigit()", True),
        ("text.split(' ')", False),
        ("text.strip(BLANKS)", False),
        ("text.partition(';')", False),
    ],
)
def test_such_code_is_recognised(code, is_one):
    assert any(map(is_by_unicode, ast.walk(ast.parse(code)))) == is_one


@pytest.mark.parametrize(
    ("code", "is_one"),
    [
        (r're.compile(r"\s*x")', True),
        (r're.findall(rf"{name}\d", text)', True),
        (r're.compile("[0-9]+")', False),
        (r're.compile(r"\\\.")', False),
    ],
)
def test_such_a_pattern_is_recognised(code, is_one):
    assert any(map(is_loose, patterns(ast.parse(code)))) == is_one
