"""The documents name what is there."""

from idp.domain.people.account import AccountState
from idp.domain.registration.case_state import CaseState
from tests.architecture.sources import ROOT

GLOSSARY = (ROOT / "docs" / "develop" / "glossary.md").read_text("utf-8")


def test_the_glossary_knows_every_state():
    states = [state.value for state in (*CaseState, *AccountState)]
    assert [state for state in states if f"`{state}`" not in GLOSSARY] == []


def test_the_glossary_knows_every_message():
    messages = [path.stem for path in (ROOT / "templates" / "sms").glob("*.txt")]
    assert sorted(name for name in messages if f"`{name}`" not in GLOSSARY) == []


def test_decisions_are_numbered_without_gaps_or_doubles():
    names = sorted(path.name for path in (ROOT / "docs" / "develop" / "decisions").glob("*.md"))
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
