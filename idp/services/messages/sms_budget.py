"""The budget of codes that anybody can have sent: by the hour, by prefix, less where few return."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import product

import structlog

from idp.domain.people.mobile import Mobile
from idp.domain.protection.limits import (
    BRAKED_TO,
    CONVERSION_SAMPLE,
    HOUR,
    MONTH,
    POOR_CONVERSION,
)
from idp.domain.sign_in.one_time_code import CodePurpose
from idp.ports import (
    Clock,
)
from idp.store.unit_of_work import UnitOfWork

FOR_ANYBODY = frozenset({CodePurpose.REGISTRATION, CodePurpose.RECOVERY})
"""Codes that need no password, session or officer before them: what pumping lives on."""
EVERYWHERE = "all"
SENT, RIGHT, FREE = "sent", "right", "free"
HOUR_SECONDS = int(HOUR.total_seconds())

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class BudgetSize:
    """Codes an hour: over all numbers, and to the numbers of one operator prefix."""

    per_hour: int
    per_prefix: int


class SmsBudget:
    """Says whether a code may cost an SMS, and learns which codes came back (attack O07).

    A phone that answered a code within 30 days is known: its codes always go and cost the budget
    nothing, so that a flood of strange numbers keeps no citizen out who was here before. Counters
    are rows; the answers and statements are the same for phones that nobody has.
    """

    def __init__(self, clock: Clock, size: BudgetSize) -> None:
        self._clock = clock
        self._size = size

    def allows(
        self, work: UnitOfWork, phone: str, mobile: Mobile, purpose: CodePurpose, *, is_sent: bool
    ) -> bool:
        """Count a code within ``work`` and allow it, or raise the alarm (once an hour) and refuse.

        ``is_sent``: False for the code of a phone that nobody has, which costs nothing.
        """
        if purpose not in FOR_ANYBODY:
            return True
        now = self._clock()
        scopes = (mobile.prefix, EVERYWHERE)
        names = [_key(kind, scope, hour) for kind, scope, hour in _read(scopes, now)]
        counts = work.counters.counts([_known(phone), *names], now)
        is_known = _known(phone) in counts
        # Asked for known phones too: in time they look like the others.
        is_spent = self._is_spent(work, counts, scopes, now)
        costs = is_sent and not is_known and not is_spent
        self._count(work, SENT if costs else FREE, scopes, now)
        return is_known or not is_spent

    def is_known(self, work: UnitOfWork, phone: str) -> bool:
        """Return whether the phone answered a code within 30 days."""
        return bool(work.counters.counts([_known(phone)], self._clock()))

    def answered(self, work: UnitOfWork, phone: str, mobile: Mobile, purpose: CodePurpose) -> None:
        """Note within ``work`` that a code of the phone came back right."""
        now, known = self._clock(), _known(phone)
        if purpose in FOR_ANYBODY and not work.counters.counts([known], now):
            self._count(work, RIGHT, (mobile.prefix, EVERYWHERE), now)
        work.counters.clear(known)  # the thirty days begin again
        work.counters.take(known, limit=1, per=MONTH, now=now)

    def _is_spent(
        self, work: UnitOfWork, counts: Mapping[str, int], scopes: tuple[str, str], now: datetime
    ) -> bool:
        for scope in scopes:
            if reason := self._refusal(counts, scope, now):
                _warn(work, reason, scope, now)
                return True
        return False

    def _refusal(self, counts: Mapping[str, int], scope: str, now: datetime) -> str | None:
        limit = self._size.per_hour if scope == EVERYWHERE else self._size.per_prefix
        sent_now = counts.get(_key(SENT, scope, now), 0)
        if sent_now >= limit:
            return "spent"
        sent = sent_now + counts.get(_key(SENT, scope, now - HOUR), 0)
        right = sum(counts.get(_key(RIGHT, scope, hour), 0) for hour in (now, now - HOUR))
        is_poor = sent >= CONVERSION_SAMPLE and right * POOR_CONVERSION < sent
        return "poor_conversion" if is_poor and sent_now >= limit // BRAKED_TO else None

    def _count(self, work: UnitOfWork, kind: str, scopes: tuple[str, str], now: datetime) -> None:
        """Count by prefix, then over all: one order, so that no two transactions lock crosswise."""
        for scope in scopes:
            work.counters.take(_key(kind, scope, now), limit=1, per=2 * HOUR, now=now)


def _read(scopes: tuple[str, str], now: datetime) -> list[tuple[str, str, datetime]]:
    return list(product((SENT, RIGHT), scopes, (now, now - HOUR)))


def _key(kind: str, scope: str, at: datetime) -> str:
    return f"sms_budget:{kind}:{scope}:{int(at.timestamp()) // HOUR_SECONDS}"


def _known(phone: str) -> str:
    return f"sms_budget:known:{phone}"


def _warn(work: UnitOfWork, reason: str, scope: str, now: datetime) -> None:
    """Raise the alarm once an hour; a prefix is of a hundred thousand numbers and names nobody."""
    if work.counters.take(_key(reason, scope, now), limit=1, per=2 * HOUR, now=now).allowed:
        log.error("sms_budget", alarm=f"sms_budget_{reason}", scope=scope)
