"""What our stylesheets and scripts use that Chromium 80 does not know: it is asked itself.

No table of ours says which browser knows what: the old one tries each selector and declaration, and
a name in a script is too new when today's Chromium has it and the old one does not.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.architecture.sheets import Rule, Sheet, resolved
from tests.web.old_phones.old_chromium import OldPage

HARMLESS = {
    "color-scheme": "the browser's own parts stay light; ours have their colours from us",
    "text-underline-offset": "the line of a link stands a little nearer to it",
}
"""Declarations that may be missing without a word beside them, and what is then seen."""
OTHER_ENGINES = re.compile(r"^[^,]*::-moz-[\w-]+$")
"""A rule for Firefox alone; in a list with others it would take these away from everybody else."""

KNOWN_SELECTOR = """(selector) => {
  try { new CSSStyleSheet().insertRule(`${selector} {}`); return true; } catch { return false; }
}"""
KNOWN_DECLARATION = "(one) => CSS.supports(one[0], one[1])"
HOLDS = """([word, condition]) => word === "supports"
  ? CSS.supports(condition) : matchMedia(condition).media !== "not all" """
NAMES = """() => {
  const members = new Set();
  const kinds = ["object", "function"];
  const isHolder = (one) => one && one !== globalThis && kinds.includes(typeof one);
  const collect = (holder, deeper) => {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(holder))) {
      members.add(name);
      if (deeper && isHolder(value)) collect(value, deeper - 1);
    }
  };
  const globals = Object.getOwnPropertyNames(globalThis);
  for (const name of globals) {
    let value;
    try { value = globalThis[name]; } catch { continue; }
    // An interface has its prototype, a namespace as Intl interfaces of its own.
    if (isHolder(value)) collect(value, 2);
  }
  return [globals, [...members]];
}"""
# Strict as a module, but no await on the first level, which modules may from 89 on.
COMPILES = """(script) => {
  try { new Function(`"use strict"; ${script}`); } catch (error) { return String(error); }
  return "";
}"""

COMMENT_OR_TEXT = re.compile(
    r"""(?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|//[^\n]*|/\*.*?\*/""", re.DOTALL
)
DATA = re.compile(r"\.dataset\.\w+")
MEMBER = re.compile(r"\.\s*([A-Za-z_$][\w$]*)\b(?!\?\.)")
GLOBAL = re.compile(r"(?<![.\w$])([A-Za-z_$][\w$]*)\b(?!\s*:)")


class Baseline:
    """Chromium 80 beside today's, as judges of a stylesheet or a script."""

    def __init__(self, page: OldPage, names_of_today: tuple[list[str], list[str]]) -> None:
        self._page = page
        globals_then, members_then = page.evaluate(NAMES)
        globals_now, members_now = names_of_today
        self._new_globals = set(globals_now) - set(globals_then)
        self._new_members = set(members_now) - set(members_then)
        self._answers: dict[str, Any] = {}

    def _ask(self, question: str, about: object) -> Any:
        asked = f"({question})({json.dumps(about)})"
        if asked not in self._answers:
            self._answers[asked] = self._page.evaluate(asked)
        return self._answers[asked]

    def of_sheets(self, sheets: list[Sheet], variables: dict[str, str]) -> Iterator[str]:
        """Yield what is wrong with stylesheets that stand on one page, in words."""
        grids = {
            one.selectors for sheet in sheets for one in sheet.rules if one.has("display", "grid")
        }
        for sheet in sheets:
            yield from (f"not read: {one}" for one in sheet.others if not one.startswith(KNOWN_AT))
            for rule in sheet.rules:
                if self._is_for_all(rule):
                    yield from self._of_rule(rule, variables)
                    yield from _gaps(rule, grids)

    def _is_for_all(self, rule: Rule) -> bool:
        """Return whether Chromium 80 reads a rule: it knows the conditions, and they hold."""
        return all(self._ask(HOLDS, list(condition)) for condition in rule.conditions)

    def _of_rule(self, rule: Rule, variables: dict[str, str]) -> Iterator[str]:
        if not self._ask(KNOWN_SELECTOR, rule.selectors) and not OTHER_ENGINES.match(
            rule.selectors
        ):
            yield f"selector: {rule.selectors}"
            return
        understood: set[str] = set()
        for name, value in rule.declarations:
            if self._ask(KNOWN_DECLARATION, [name, resolved(value, variables)]):
                understood.add(name.removeprefix("-webkit-"))
            elif name not in understood and name not in HARMLESS:
                yield f"{rule.selectors}: {name}: {value}"

    def of_script(self, text: str) -> Iterator[str]:
        """Yield what is too new in a script: its syntax, or a name that is not asked for first.

        A method called as ``thing.method?.()`` is asked for.
        """
        code = COMMENT_OR_TEXT.sub(lambda found: '""' if found["text"] else "", text)
        code = DATA.sub("", code)
        if error := self._ask(COMPILES, text):
            yield error
        yield from (f".{one}" for one in MEMBER.findall(code) if one in self._new_members)
        yield from (one for one in GLOBAL.findall(code) if one in self._new_globals)


KNOWN_AT = ("@font-face", "@keyframes")


def _gaps(rule: Rule, grids: set[str]) -> Iterator[str]:
    """Chromium knows ``gap`` in a grid from 66 on, in a flexible box from 84 on."""
    for name, value in rule.declarations:
        if name in {"gap", "row-gap", "column-gap"} and rule.selectors not in grids:
            yield f"{rule.selectors}: {name}: {value}, and no grid"
