"""The documents name what is there."""

import ast
import re

from idp.domain.people.account import AccountState
from idp.domain.registration.case_state import CaseState
from tests.architecture.sources import ROOT, sources

ARCHITECTURE = (ROOT / "docs" / "develop" / "architecture.md").read_text("utf-8")
STATUS = re.compile(r"^\*\*Status\.\*\* (Accepted|Superseded)\b.*\d{4}-\d{2}-\d{2}", re.MULTILINE)
CLASS = re.compile(r"`([A-Z][a-z]+[A-Z]\w+)`")
GLOSSARY = (ROOT / "docs" / "develop" / "glossary.md").read_text("utf-8")


def test_the_glossary_knows_every_state():
    states = [state.value for state in (*CaseState, *AccountState)]
    assert [state for state in states if f"`{state}`" not in GLOSSARY] == []


def test_the_glossary_knows_every_message():
    messages = [path.stem for path in (ROOT / "templates" / "sms").glob("*.txt")]
    assert sorted(name for name in messages if f"`{name}`" not in GLOSSARY) == []


def test_every_class_that_glossary_or_architecture_name_is_there():
    there = {
        node.name
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef)
    }
    assert set(CLASS.findall(GLOSSARY + ARCHITECTURE)) - there == set()


def test_decisions_are_numbered_without_gaps_or_doubles():
    names = sorted(path.name for path in (ROOT / "docs" / "develop" / "decisions").glob("*.md"))
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))


def test_every_decision_has_a_status_and_its_date():
    decisions = sorted((ROOT / "docs" / "develop" / "decisions").glob("*.md"))
    assert [path.name for path in decisions if not STATUS.search(path.read_text("utf-8"))] == []


def test_the_architecture_leads_from_requests_to_every_file_with_a_route():
    views = [source.name for source in sources() if re.search(r"^@bp\.", source.text, re.MULTILINE)]
    lost = [
        view
        for view in views
        if f"`{view}`" not in ARCHITECTURE
        and f"`{view.rpartition('/')[0]}/`" not in ARCHITECTURE
        and f"`{view.rpartition('/')[2]}`" not in ARCHITECTURE
    ]
    assert lost == []
