"""What the architecture tests look at: the files of the checkout, read once."""

import ast
import configparser
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {"node_modules", "__pycache__", "build", "dist", "var", "test-results", "mutants"}
BINARY = {".png", ".woff2", ".ico", ".jpg", ".sqlite3", ".gz", ".pyc"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Source(NamedTuple):
    """A Python file: its path from the root with slashes, its text and its tree."""

    name: str
    text: str
    tree: ast.Module

    def is_below(self, *places: str) -> bool:
        return self.name.startswith(places)


@cache
def sources() -> tuple[Source, ...]:
    """Return every Python file of the package, migrations left out: Alembic writes those."""
    paths = (path for path in sorted((ROOT / "idp").rglob("*.py")) if "versions" not in path.parts)
    return tuple(_read(path) for path in paths)


def text_files() -> Iterator[Path]:
    """Yield every text file of the checkout that git could keep."""
    for folder, below, names in os.walk(ROOT):
        below[:] = [name for name in below if name not in NOT_OURS and not _is_private(name)]
        yield from (Path(folder) / name for name in names if _is_text(name))


def functions(tree: ast.AST) -> list[Function]:
    """Return all functions and methods, nested ones too."""
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


def length(function: Function) -> int:
    """Return the function's lines, its docstring left out."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is None:
        return lines
    return lines - ((first.end_lineno or first.lineno) - first.lineno + 1)


def dotted(node: ast.AST) -> str:
    """Return ``a.b.c`` for a chain of names, else an empty text."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (owner := dotted(node.value)):
        return f"{owner}.{node.attr}"
    return ""


def imports(tree: ast.AST) -> list[tuple[int, str]]:
    """Return line and full name of everything imported."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            found += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
    return found


@cache
def setup() -> configparser.ConfigParser:
    """Return setup.cfg."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", "utf-8")
    return config


def _read(path: Path) -> Source:
    text = path.read_text("utf-8")
    return Source(path.relative_to(ROOT).as_posix(), text, ast.parse(text))


def _is_text(name: str) -> bool:
    return Path(name).suffix not in BINARY and not name.startswith(".coverage")


def _is_private(folder: str) -> bool:
    return (folder.startswith(".") and folder != ".ci") or folder.endswith(".egg-info")
