"""Acts of a registration desk: officer, branch, documents and reason; and two-officer rules."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from idp.domain.errors import DomainError
from idp.domain.persian.digits import to_ascii
from idp.ports import (
    AuditEntry,
    Operator,
)
from idp.store.unit_of_work import UnitOfWork

APART = timedelta(hours=72)
"""For 72 hours an act and its counterpart need two officers; the owner has time to notice."""
MOST_ACTS = 100
"""Most acts of a subject that ``lately`` reads, the newest first; older ones are ignored."""

LONGEST_WORDS = 500
OFFICER = "officer:"
_NUMBER = re.compile(r"[0-9](?:[0-9\s/-]*[0-9]){4,}")
LEGIBLE = 3


class IncompleteAct(DomainError):
    """A part of the act is missing; ``part`` names it."""

    code = "incomplete_act"

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part


class DeskRefused(DomainError):
    """A rule forbids the act; ``code`` says which."""

    codes = (
        "account_exists",
        "case_open",
        "not_waiting_for_branch",
        "already_decided",
        "same_officer",
        "code_wrong",
        "too_many_codes",
        "not_active",
        "not_suspended",
        "closed",
        "same_mobile",
        "no_profession",
    )

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class UnknownCase(DomainError):
    """No case has this id or tracking number."""

    code = "unknown_case"


class UnknownCitizen(DomainError):
    """No account has this id or national ID."""

    code = "unknown_citizen"


@dataclass(frozen=True, slots=True)
class DeskAct:
    """The officer, the branch, the documents seen, and the reason, all written to the audit.

    Numbers in branch, documents and reason are masked but for their last three digits, so that the
    audit holds no personal value. ``officer`` is the typed name, ``operator`` the login user.
    """

    officer: str
    branch: str
    documents: str
    reason: str
    operator: Operator

    def __post_init__(self) -> None:
        """Refuse an act without officer, branch or reason. Raises IncompleteAct."""
        for part in ("officer", "branch", "reason"):
            if not _bare(getattr(self, part)):  # invisible marks and hyphens are no name
                raise IncompleteAct(part)

    def with_documents(self) -> "DeskAct":
        """Return the act when it names documents. Raises IncompleteAct."""
        if not self.documents.strip():
            raise IncompleteAct("documents")
        return self

    def entry(self, action: str, subject: str, at: datetime, **details: str) -> AuditEntry:
        """Return the audit entry of the act."""
        said = {
            "branch": _masked(self.branch),
            "documents": _masked(self.documents),
            "reason": _masked(self.reason),
        }
        kept = {key: text for key, text in said.items() if text}
        return AuditEntry(
            at=at,
            actor=f"{OFFICER}{self.officer.strip()}",
            action=action,
            subject=subject,
            details={**kept, "operator": str(self.operator), **details},
        )

    def is_by(self, entry: AuditEntry) -> bool:
        """Return whether an earlier act was done by the same person.

        The same login user counts as one person, whatever the typed name and the machine. So does
        the same typed name.
        """
        user = entry.details.get("operator", "").rpartition("@")[0]
        name = entry.actor.removeprefix(OFFICER)
        return user == self.operator.user or not are_two_people(name, self.officer)


def lately(
    work: UnitOfWork, subject: str, actions: Collection[str], now: datetime
) -> Sequence[AuditEntry]:
    """Return the officers' acts of the last 72 hours on ``subject``, the newest first."""
    entries = work.audit.page(subject, actions, skip=0, limit=MOST_ACTS)
    return [one for one in entries if one.actor.startswith(OFFICER) and now - one.at < APART]


def refuse_alone(act: DeskAct, earlier: Sequence[AuditEntry]) -> None:
    """Raise DeskRefused when this person alone did all ``earlier`` acts (attack OP9).

    Together with them this act would give access to an account. Without ``earlier`` acts it passes.
    """
    if earlier and all(map(act.is_by, earlier)):
        raise DeskRefused("same_officer")


def are_two_people(officer: str, other: str) -> bool:
    """Return whether both names are given and are not spellings of one name.

    Case, the script of digits, white space, punctuation and invisible marks make no difference.
    """
    names = {_bare(officer), _bare(other)}
    return len(names) == 2 and "" not in names


def _bare(name: str) -> str:
    folded = unicodedata.normalize("NFKC", to_ascii(name)).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def _masked(text: str) -> str:
    return _NUMBER.sub(_mask_number, to_ascii(text.strip())[:LONGEST_WORDS])


def _mask_number(found: re.Match[str]) -> str:
    digits = re.sub(r"[^0-9]", "", found[0])
    return "*" * (len(digits) - LEGIBLE) + digits[-LEGIBLE:]
