"""The tester's report: for people, and for programs."""

from collections.abc import Sequence
from dataclasses import dataclass

from idp.tester.case import Case, Result, Weight
from idp.tester.verdict import Verdict

MARKS = {
    Verdict.PASS: "pass",
    Verdict.FAIL: "FAIL",
    Verdict.NOT_APPLICABLE: "n/a ",
    Verdict.NOT_DECIDABLE: "?   ",
}


@dataclass(frozen=True, slots=True)
class Summary:
    """How many cases had which verdict, and how many failures are grave."""

    results: Sequence[Result]

    def count(self, verdict: Verdict) -> int:
        """Return how many cases had this verdict."""
        return sum(one.finding.verdict is verdict for one in self.results)

    @property
    def grave(self) -> int:
        """How many failures are of what a portal must survive."""
        return sum(one.is_grave for one in self.results)

    def is_accepted(self, *, strict: bool) -> bool:
        """Return whether the portal is accepted; ``strict`` counts advice too."""
        return (self.count(Verdict.FAIL) if strict else self.grave) == 0

    def sentence(self) -> str:
        """Return the summary for people."""
        advice = self.count(Verdict.FAIL) - self.grave
        return (
            f"{self.count(Verdict.PASS)} passed, {self.grave} failed, {advice} failed as advice,"
            f" {self.count(Verdict.NOT_APPLICABLE)} not applicable,"
            f" {self.count(Verdict.NOT_DECIDABLE)} not decidable"
        )


def text_of(result: Result) -> str:
    """Return a result for people: one line, and for a failure everything that helps to mend it."""
    case, finding = result.case, result.finding
    head = f"{MARKS[finding.verdict]}  {case.id}: {case.title}"
    if finding.verdict is Verdict.PASS:
        return head
    if finding.verdict is not Verdict.FAIL:
        return f"{head}\n      {finding.portal}"
    kind = "" if case.weight is Weight.MUST else " (advice)"
    return (
        f"{head}{kind}\n"
        f"      The tester {case.does}.\n"
        f"      The portal {finding.portal}.\n"
        f"      Why it matters: {case.why}\n"
        f"      Source: {case.source}"
    )


def row_of(case: Case) -> dict[str, str]:
    """Return what a program reads about a case."""
    return {
        "id": case.id,
        "title": case.title,
        "weight": case.weight.value,
        "does": case.does,
        "why": case.why,
        "source": case.source,
    }


def document_of(portal: str, learned: str, results: Sequence[Result]) -> dict[str, object]:
    """Return the report for programs."""
    summary = Summary(results)
    return {
        "portal": portal,
        "signed_in": learned,
        "accepted": summary.is_accepted(strict=False),
        "counts": {verdict.value: summary.count(verdict) for verdict in Verdict},
        "results": [
            row_of(one.case) | {"verdict": one.finding.verdict.value, "portal": one.finding.portal}
            for one in results
        ],
    }
