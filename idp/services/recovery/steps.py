"""The stages of a password recovery."""

from dataclasses import dataclass
from enum import StrEnum

from idp.domain.people.national_id import NationalId
from idp.domain.people.questions import SecurityQuestion
from idp.domain.sign_in.one_time_code import CodeStanding


class RecoveryStage(StrEnum):
    """The page that a recovery is at; ``gone``: none of this browser, or too old."""

    GONE = "gone"
    CODE = "code"
    PASSWORD = "password"  # noqa: S105 (a word)
    DONE = "done"


@dataclass(frozen=True, slots=True)
class RecoveryStanding:
    """The stage of a recovery, and what its page needs; the same for IDs without an account.

    ``code`` is set at ``code``; ``question`` and ``national_id`` (as typed in this browser) are set
    at ``password``, and ``answers_left`` if a code has proven the phone.
    """

    stage: RecoveryStage
    code: CodeStanding | None = None
    question: SecurityQuestion | None = None
    national_id: NationalId | None = None
    answers_left: int | None = None
