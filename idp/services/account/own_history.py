"""The history of an account: the audit entries that its owner may read."""

from collections.abc import Sequence
from dataclasses import dataclass

from idp.domain.sign_in.session import Session
from idp.ports import (
    AuditEntry,
)
from idp.store.unit_of_work import Begin

PAGE = 20
LAST_PAGE = 1000

TOLD = frozenset(
    {
        *("signed_in", "sign_in.code_needed", "sign_in.refused", "password_refused"),
        *("sessions.ended", "device_forgotten", "not_me", "data_downloaded"),
        *("password_changed", "password_recovered", "email_changed", "email_confirmed"),
        *("answer_changed", "residence_changed"),
        *("mobile_change_asked", "mobile_changed", "mobile_unchanged", "account_closed"),
        *("account.opened", "account.roles", "message.sent"),
        *("consent.given", "consent.revoked"),
        *("account.sessions_ended", "account.mobile_code_sent", "account.mobile_changed"),
        *("account.recovery_opened", "account.suspended", "account.active", "account.closed"),
    }
)
"""Audit actions shown to the owner. Sign-in attempts of strangers are not written at all."""


OFFICER = "officer:"


def shown_actor(entry: AuditEntry) -> str:
    """Return ``you``, ``branch`` or ``hub``: the owner does not see the names of officers."""
    if entry.actor == entry.subject:
        return "you"
    return "branch" if entry.actor.startswith(OFFICER) else "hub"


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Entries of one page, the newest first."""

    number: int
    entries: Sequence[AuditEntry]
    has_older: bool


class OwnHistory:
    """Reads the history of the signed-in citizen's account."""

    def __init__(self, begin: Begin) -> None:
        self._begin = begin

    def page(self, session: Session, number: int) -> HistoryPage:
        """Return a page of the history; ``number`` is clamped to 1 to ``LAST_PAGE``."""
        number = min(max(number, 1), LAST_PAGE)
        with self._begin(read_only=True) as work:
            found = work.audit.page(
                session.account_id, TOLD, skip=(number - 1) * PAGE, limit=PAGE + 1
            )
        return HistoryPage(number, found[:PAGE], has_older=len(found) > PAGE)
