"""What the tools and tests of the checkout call is there, and they share one way to find a port."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.architecture.sources import ROOT

PORTS = Path("tests/free_ports.py")
ANY_PORT = re.compile(r'bind\(\("[\d.]+", 0\)\)|(?<![.\w])port(?:: int)? = \w+\.getsockname\(')
"""Asking for one, or noting it to be used when its socket is closed."""


@cache
def trees() -> dict[Path, ast.Module]:
    """Return what every Python file of the tests says, by its path from the root."""
    files = sorted((ROOT / "tests").rglob("*.py"))
    return {file.relative_to(ROOT): ast.parse(file.read_bytes()) for file in files}


@cache
def names_of(module: Path) -> frozenset[str]:
    """Return what the top of a module defines or imports."""
    found = {"__file__", "__name__", "__doc__"}
    for node in ast.walk(ast.parse(module.read_bytes())):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
    return frozenset(found)


def modules_of(tree: ast.Module) -> dict[str, Path]:
    """Return the modules of ours that a file imports whole, by the name that it gives them."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("tests", "idp")):
            folder = ROOT / str(node.module).replace(".", "/")
            for alias in node.names:
                if (module := folder / f"{alias.name}.py").exists():
                    found[alias.asname or alias.name] = module
    return found


def unknown(tree: ast.Module) -> Iterator[str]:
    """Yield the names that a file reads from modules that have none of them."""
    modules = modules_of(tree)
    bound = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owner = node.value.id
            is_a_module = owner in modules and owner not in bound
            if is_a_module and node.attr not in names_of(modules[owner]):
                yield f"{owner}.{node.attr}, line {node.lineno}"


def test_what_a_module_is_asked_for_it_has():
    """Types hold the package; the tools of `make` run now and then only."""
    found = {str(file): [*unknown(tree)] for file, tree in trees().items()}
    assert {file: names for file, names in found.items() if names} == {}


def test_one_place_looks_for_a_free_port():
    """A port of the kernel's own choice may be an outgoing connection's before it is used."""
    found = [
        str(file)
        for file in trees()
        if file != PORTS and ANY_PORT.search((ROOT / file).read_text("utf-8"))
    ]
    assert found == []
