"""What every act of a registration desk names: who, where, by which documents, and why."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from idp.domain.digits import to_ascii
from idp.domain.errors import DomainError
from idp.ports import AuditEntry

LONGEST_WORDS = 500
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
    """Who acts at which branch, the documents seen, and the reason; all of it goes to the audit.

    Numbers in documents and reason are masked but for their last three digits: the audit holds no
    personal value.
    """

    officer: str
    branch: str
    documents: str
    reason: str

    def __post_init__(self) -> None:
        """Refuse an act without officer, branch or reason. Raises IncompleteAct."""
        for part in ("officer", "branch", "reason"):
            if not _bare(getattr(self, part)):  # invisible marks and hyphens name nobody
                raise IncompleteAct(part)

    def with_documents(self) -> "DeskAct":
        """Return the act itself when documents were seen. Raises IncompleteAct."""
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
            actor=f"officer:{self.officer.strip()}",
            action=action,
            subject=subject,
            details={**kept, **details},
        )


def are_two_people(officer: str, other: str) -> bool:
    """Tell whether both are named, and not the same one in another spelling.

    Case, the script of digits, white space, hyphens and invisible marks make no second person.
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
