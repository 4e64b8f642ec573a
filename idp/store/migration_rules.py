"""Reads migrations and says which of them a running hub of the version before survives (F27).

Expand, then contract: a migration adds, and what no code uses any more is dropped by a later
version. Nothing holds a lock while it reads a table or waits (docs/operate/upgrade.md).
"""

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

UNUSED_SINCE = "unused_since"
"""The name by which a migration that drops something says since which revision no code uses it."""
_INSERT = re.compile(r"\s*INSERT\s+INTO\s+(\w+)", re.IGNORECASE)
_SLOW_SQL = re.compile(
    r"\b(set\s+not\s+null|alter\s+column\s+\S+\s+(set\s+data\s+)?type|rename|truncate|cluster"
    r"|vacuum|lock\s+table|update\s+\w+\s+set|delete\s+from|insert\s+into|drop\s+(table|column))\b"
    r"|\bcreate\s+(unique\s+)?index\s+(?!concurrently)"
    r"|\badd\s+constraint\b(?!.*\bnot\s+valid\b)",
    re.IGNORECASE | re.DOTALL,
)
_HARMLESS = frozenset({"get_bind", "get_context", "f", "drop_index", "drop_constraint"})


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is said of one migration."""

    revision: str
    summary: str
    unused_since: str | None
    """Dropped things are unused from this revision on; None: it drops nothing."""
    problems: Sequence[str]


@dataclass
class _Script:
    """What was seen of a migration so far."""

    new_tables: set[str] = field(default_factory=set)
    drops: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def judge(script: Path) -> Judgement:
    """Return what is said of the migration; the first one, of an empty database, may do all."""
    return judge_text(script.read_text("utf-8"))


def judge_text(text: str) -> Judgement:
    """Return what is said of the migration with this source."""
    tree = ast.parse(text)
    names = _constants(tree)
    seen = _Script()
    if names.get("down_revision") is not None:
        for call in _operations(tree):
            _look_at(call, seen)
    unused_since = names.get(UNUSED_SINCE)
    problems = [*seen.problems, *_unexplained(seen.drops, unused_since)]
    summary = (ast.get_docstring(tree) or "").partition("\n")[0]
    return Judgement(str(names.get("revision")), summary, unused_since, problems)


def _constants(tree: ast.Module) -> Mapping[str, str | None]:
    return {
        target.id: None if node.value.value is None else str(node.value.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _unexplained(drops: Sequence[str], unused_since: str | None) -> Iterator[str]:
    if drops and unused_since is None:
        yield f"{', '.join(drops)}: names no revision in {UNUSED_SINCE} from which on it is unused"
    if unused_since is not None and not drops:
        yield f"{UNUSED_SINCE} without anything that is dropped"


def _operations(tree: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="op"))):
                yield node


def _look_at(call: ast.Call, seen: _Script) -> None:
    name = _name(call)
    if name == "create_table":
        seen.new_tables.add(_text(call, 0))
    elif name.startswith("drop_") and name not in _HARMLESS:
        seen.drops.append(f"{name}({', '.join(map(ast.unparse, call.args))})")
    elif name not in _HARMLESS:
        look = _RULES.get(name)
        problem = "is not known to these rules" if look is None else look(call, seen.new_tables)
        if problem:
            where = f"{name} {_text(call, 0)}".strip()
            seen.problems.append(f"{where}: {problem}")


def _index(call: ast.Call, new_tables: set[str]) -> str:
    if (_text(call, 1) or _keyword_text(call, "table_name")) in new_tables:
        return ""
    return "locks a table that is in use while it reads it; use idp.store.online.add_index"


def _column(call: ast.Call, new_tables: set[str]) -> str:
    column = call.args[1] if len(call.args) > 1 else None
    if _text(call, 0) in new_tables or not isinstance(column, ast.Call):
        return "" if isinstance(column, ast.Call) else "its column is not written in place"
    if any(isinstance(one, ast.Call) and _name(one) == "ForeignKey" for one in column.args):
        return "a foreign key checks every row while it locks; add it as not valid"
    if {"unique", "index", "primary_key"} & {one.arg for one in column.keywords}:
        return "builds an index while it locks; use idp.store.online.add_index"
    default = _keyword(column, "server_default")
    if default is not None and not _is_constant(default):
        return "a computed default writes every row anew"
    if ast.unparse(_keyword(column, "nullable") or ast.Constant(value=True)) != "True":
        return "" if default is not None else "the version before inserts rows without it"
    return ""


def _altered(call: ast.Call, _new_tables: set[str]) -> str:
    if _keyword(call, "type_") is not None:
        return "another type writes every row anew; add a column"
    if _keyword(call, "new_column_name") is not None:
        return "the version before knows the old name; add a column"
    if ast.unparse(_keyword(call, "nullable") or ast.Constant(value=True)) != "True":
        return "NOT NULL reads every row while it locks; add a check as not valid, and validate it"
    return ""


def _constraint(call: ast.Call, new_tables: set[str]) -> str:
    if _text(call, 1) in new_tables or ast.unparse(call).count("postgresql_not_valid=True"):
        return ""
    return "checks every row while it locks; add it as not valid, and validate it"


def _key(call: ast.Call, new_tables: set[str]) -> str:
    if _text(call, 1) in new_tables:
        return ""
    return "builds an index while it locks; use idp.store.online.add_index"


def _renamed(_call: ast.Call, _new_tables: set[str]) -> str:
    return "the version before knows the old name; add a table"


def _rows(call: ast.Call, _new_tables: set[str]) -> str:
    del call
    return "writes rows in a migration; let the worker do it in batches"


def _sql(call: ast.Call, new_tables: set[str]) -> str:
    statement = call.args[0] if call.args else None
    if isinstance(statement, ast.Call) and statement.args and _name(statement) == "text":
        statement = statement.args[0]
    if not isinstance(statement, ast.Constant) or not isinstance(statement.value, str):
        return "its SQL is not written in place, so that nobody can judge it"
    into = _INSERT.match(statement.value)
    # Who fills a table that the version before does not know reads the others, and locks nothing.
    judged = statement.value[into.end() :] if into and into[1] in new_tables else statement.value
    found = _SLOW_SQL.search(judged)
    return f"«{found[0].strip()}» holds a lock or breaks the version before" if found else ""


_RULES: Mapping[str, Callable[[ast.Call, set[str]], str]] = {
    "add_column": _column,
    "alter_column": _altered,
    "bulk_insert": _rows,
    "create_check_constraint": _constraint,
    "create_foreign_key": _constraint,
    "create_index": _index,
    "create_primary_key": _key,
    "create_unique_constraint": _key,
    "execute": _sql,
    "rename_table": _renamed,
}


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _text(call: ast.Call, place: int) -> str:
    found = call.args[place] if len(call.args) > place else None
    if isinstance(found, ast.Call) and _name(found) == "f" and found.args:  # op.f("name")
        found = found.args[0]
    return str(found.value) if isinstance(found, ast.Constant) else ""


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((one.value for one in call.keywords if one.arg == name), None)


def _keyword_text(call: ast.Call, name: str) -> str:
    found = _keyword(call, name)
    return str(found.value) if isinstance(found, ast.Constant) else ""


def _is_constant(default: ast.expr) -> bool:
    """Return whether PostgreSQL keeps the default beside the table, and writes no row anew."""
    if isinstance(default, ast.Constant):
        return True
    if isinstance(default, ast.Call) and _name(default) in {"true", "false"}:
        return True
    is_text = isinstance(default, ast.Call) and _name(default) == "text" and bool(default.args)
    return is_text and "(" not in ast.unparse(default.args[0])  # type: ignore[attr-defined]
