"""The verdict on a portal in one case."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """Whether the portal survived the case."""

    PASS = "pass"  # noqa: S105 (no password)
    FAIL = "fail"
    NOT_APPLICABLE = "not applicable"
    NOT_DECIDABLE = "not decidable"


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict on a portal, and what the portal did."""

    verdict: Verdict
    portal: str


class Undecidable(Exception):
    """The case cannot be judged here; the text says why."""


def passed(portal: str) -> Finding:
    """Return the finding that the portal survived."""
    return Finding(Verdict.PASS, portal)


def failed(portal: str) -> Finding:
    """Return the finding that the portal did not survive."""
    return Finding(Verdict.FAIL, portal)


def not_applicable(reason: str) -> Finding:
    """Return the finding that the case does not concern this portal."""
    return Finding(Verdict.NOT_APPLICABLE, reason)
