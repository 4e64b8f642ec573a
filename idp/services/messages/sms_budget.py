"""The SMS budget of codes that anybody can request: by hour and prefix, less if few are entered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product

import structlog

from idp.domain.people.mobile import Mobile
from idp.domain.sign_in.one_time_code import CodePurpose
from idp.ports import (
    Clock,
)
from idp.store.unit_of_work import UnitOfWork

FOR_ANYBODY = frozenset({CodePurpose.REGISTRATION, CodePurpose.RECOVERY, CodePurpose.TRACKING})
"""Codes that need no password, session or officer before: the target of SMS pumping."""
EVERYWHERE = "all"
SENT, RIGHT, FREE = "sent", "right", "free"
HOUR = timedelta(hours=1)
KNOWN_FOR = timedelta(days=30)
HOUR_SECONDS = int(HOUR.total_seconds())

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetSize:
    """Codes an hour: over all numbers, and to the numbers of one operator prefix.

    After ``sample`` codes in this hour and the one before, the conversion is poor if fewer than one
    in ``poor_below_one_in`` was entered: the budget is then divided by ``poor_divides_by``.
    """

    per_hour: int
    per_prefix: int
    sample: int
    poor_below_one_in: int
    poor_divides_by: int

    def is_poor(self, sent: int, right: int) -> bool:
        """Return whether too few of the codes that were sent were entered."""
        return sent >= self.sample and right * self.poor_below_one_in < sent


class SmsBudget:
    """Decides whether a code is within the budget, and counts entered codes (attack O07).

    A phone that answered a code within 30 days is known: its codes are always sent and do not
    count, so a flood of unknown numbers keeps no returning citizen out. Counters are database rows.
    Answers and statements are the same for decoy phones.
    """

    def __init__(self, clock: Clock, size: BudgetSize) -> None:
        self._clock = clock
        self._size = size

    def allows(
        self, work: UnitOfWork, phone: str, mobile: Mobile, purpose: CodePurpose, *, is_sent: bool
    ) -> bool:
        """Count a code within ``work`` and allow it; past the budget, log the alarm and refuse it.

        ``is_sent``: False for a code that is not sent, which does not count.
        """
        if purpose not in FOR_ANYBODY:
            return True
        now = self._clock()
        scopes = (mobile.prefix, EVERYWHERE)
        names = [_key(kind, scope, hour) for kind, scope, hour in _read(scopes, now)]
        counts = work.counters.counts([_known(phone), *names], now)
        is_known = _known(phone) in counts
        # For known phones too: the same statements, so timing does not tell.
        is_spent = self._is_spent(work, counts, scopes, now)
        costs = is_sent and not is_known and not is_spent
        self._count(work, SENT if costs else FREE, scopes, now)
        return is_known or not is_spent

    def is_known(self, work: UnitOfWork, phone: str) -> bool:
        """Return whether the phone answered a code within 30 days."""
        return bool(work.counters.counts([_known(phone)], self._clock()))

    def answered(self, work: UnitOfWork, phone: str, mobile: Mobile, purpose: CodePurpose) -> None:
        """Record within ``work`` that a code sent to the phone was entered right."""
        now, known = self._clock(), _known(phone)
        if purpose in FOR_ANYBODY and not work.counters.counts([known], now):
            self._count(work, RIGHT, (mobile.prefix, EVERYWHERE), now)
        work.counters.clear(known)  # restarts the 30 days
        work.counters.take(known, limit=1, per=KNOWN_FOR, now=now)

    def _is_spent(
        self, work: UnitOfWork, counts: Mapping[str, int], scopes: tuple[str, str], now: datetime
    ) -> bool:
        for scope in scopes:
            if reason := self._refusal(counts, scope, now):
                _warn(work, reason, scope, now)
                return True
        return False

    def _refusal(self, counts: Mapping[str, int], scope: str, now: datetime) -> str | None:
        size = self._size
        limit = size.per_hour if scope == EVERYWHERE else size.per_prefix
        sent_now = counts.get(_key(SENT, scope, now), 0)
        if sent_now >= limit:
            return "spent"
        sent = sent_now + counts.get(_key(SENT, scope, now - HOUR), 0)
        right = sum(counts.get(_key(RIGHT, scope, hour), 0) for hour in (now, now - HOUR))
        is_braked = size.is_poor(sent, right) and sent_now >= limit // size.poor_divides_by
        return "poor_conversion" if is_braked else None

    def _count(self, work: UnitOfWork, kind: str, scopes: tuple[str, str], now: datetime) -> None:
        """Count by prefix, then over all: a fixed order, so that transactions do not deadlock."""
        for scope in scopes:
            work.counters.take(_key(kind, scope, now), limit=1, per=2 * HOUR, now=now)


def _read(scopes: tuple[str, str], now: datetime) -> list[tuple[str, str, datetime]]:
    return list(product((SENT, RIGHT), scopes, (now, now - HOUR)))


def _key(kind: str, scope: str, at: datetime) -> str:
    return f"sms_budget:{kind}:{scope}:{int(at.timestamp()) // HOUR_SECONDS}"


def _known(phone: str) -> str:
    return f"sms_budget:known:{phone}"


def _warn(work: UnitOfWork, reason: str, scope: str, now: datetime) -> None:
    """Log the alarm once an hour; a prefix covers ten million numbers and identifies nobody."""
    if work.counters.take(_key(reason, scope, now), limit=1, per=2 * HOUR, now=now).allowed:
        log.error("sms_budget", alarm=f"sms_budget_{reason}", scope=scope)
