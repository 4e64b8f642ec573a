"""Playing the cases, one after the other."""

from collections.abc import Iterator, Sequence

from idp.tester.browser import PortalAway
from idp.tester.case import Case, Result
from idp.tester.trial import Trial
from idp.tester.verdict import Finding, Undecidable, Verdict, failed


def play(trial: Trial, cases: Sequence[Case]) -> Iterator[Result]:
    """Yield each case's result as soon as it is known."""
    for case in cases:
        yield Result(case, _find(trial, case))


def _find(trial: Trial, case: Case) -> Finding:
    try:
        return case.play(trial)
    except Undecidable as error:
        return Finding(Verdict.NOT_DECIDABLE, str(error))
    except PortalAway as error:
        return failed(f"did not answer: {error}")
