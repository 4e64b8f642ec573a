"""Reads a stylesheet into what a browser can be asked about, one question each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import tinycss2

VARIABLE = re.compile(r"var\((--[\w-]+)\)")


@dataclass(frozen=True)
class Rule:
    """A rule with its declarations in their order, and the conditions that it stands under."""

    selectors: str
    declarations: tuple[tuple[str, str], ...]
    conditions: tuple[tuple[str, str], ...] = ()
    """Each an at-rule's word, ``media`` or ``supports``, and what it asks for."""

    def has(self, name: str, value: str) -> bool:
        return (name, value) in self.declarations


@dataclass
class Sheet:
    """The rules of a stylesheet, and what in it is none of these."""

    rules: list[Rule] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    """At-rules and what could not be read."""


def read(text: str) -> Sheet:
    """Return a stylesheet's rules, those in ``@media`` and ``@supports`` too."""
    sheet = Sheet()
    _read_rules(tinycss2.parse_stylesheet(text, True, True), (), sheet)
    return sheet


def resolved(value: str, variables: dict[str, str]) -> str:
    """Return a value with its variables filled in, as a browser reads it."""
    while found := VARIABLE.search(value):
        value = value.replace(found[0], variables[found[1]])
    return value


def variables(sheets: list[Sheet]) -> dict[str, str]:
    """Return the custom properties of the root, each as it is set first."""
    found: dict[str, str] = {}
    for sheet in sheets:
        for rule in sheet.rules:
            for name, value in rule.declarations:
                if name.startswith("--"):
                    found.setdefault(name, value)
    return found


def _read_rules(nodes: list[Any], conditions: tuple[tuple[str, str], ...], sheet: Sheet) -> None:
    for node in nodes:
        if node.type == "qualified-rule":
            declarations = tuple(_declarations(node.content, sheet))
            selectors = " ".join(tinycss2.serialize(node.prelude).split())
            sheet.rules.append(Rule(selectors, declarations, conditions))
        elif node.type == "at-rule" and node.lower_at_keyword in {"media", "supports"}:
            condition = (node.lower_at_keyword, tinycss2.serialize(node.prelude).strip())
            inner = tinycss2.parse_rule_list(node.content, True, True)
            _read_rules(inner, (*conditions, condition), sheet)
        else:
            sheet.others.append(node.serialize() if node.type != "error" else node.message)


def _declarations(content: list[Any], sheet: Sheet) -> Iterator[tuple[str, str]]:
    for node in tinycss2.parse_blocks_contents(content, True, True):
        if node.type == "declaration":
            yield node.name, tinycss2.serialize(node.value).strip()
        else:  # a rule within a rule
            sheet.others.append(node.serialize() if node.type != "error" else node.message)
