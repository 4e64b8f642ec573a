"""A case of the tester, and what a portal made of it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from idp.tester.trial import Trial
from idp.tester.verdict import Finding, Verdict


class Weight(StrEnum):
    """``must``: a failure is a hole or a broken sign-in; ``should``: advice."""

    MUST = "must"
    SHOULD = "should"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One thing that a portal must survive.

    ``does`` says what the tester does, ``why`` what it is good for, ``source`` which text asks it.
    """

    id: str
    title: str
    does: str
    why: str
    source: str
    play: Callable[[Trial], Finding]
    weight: Weight = Weight.MUST


@dataclass(frozen=True, slots=True)
class Result:
    """A case and its finding."""

    case: Case
    finding: Finding

    @property
    def is_grave(self) -> bool:
        """Return whether the portal failed what it must survive."""
        return self.finding.verdict is Verdict.FAIL and self.case.weight is Weight.MUST
