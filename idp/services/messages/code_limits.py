"""Limits of one-time codes: the owner's counter, and what anybody can request for a phone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from idp.domain.people.mobile import Mobile
from idp.domain.protection.rate_limits import EverybodysKey, Limit, OwnersKey, WorkDone
from idp.domain.sign_in.one_time_code import CodePurpose
from idp.ports import (
    Clock,
)
from idp.services.messages.sms_budget import SmsBudget
from idp.services.protection.owners_counters import OwnersCounter
from idp.services.protection.shared_marks import SharedMark, WorkNeeded
from idp.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class CodeAsker:
    """The sender of a request for a code that anybody can request: typed key, address, work done.

    ``key`` is the phone if one was typed, else the national ID, whether or not it exists.
    """

    key: EverybodysKey
    address: str
    done: WorkDone


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeCounts:
    """The limits: how soon a flow gets another code, how many an owner and a phone get.

    ``known_phones``: factor of ``to_phone`` for a phone that answered a code within 30 days.
    """

    again_after: timedelta
    of_owner: OwnersCounter
    by_network: SharedMark
    by_typed: SharedMark
    to_phone: Sequence[Limit]
    known_phones: int


class CodeLimits:
    """Two separate counts (law 1 of ``idp.domain.protection.rate_limits``).

    One is by owner, the other by phone.
    """

    def __init__(self, clock: Clock, counts: CodeCounts, budget: SmsBudget) -> None:
        self._clock = clock
        self._counts = counts
        self._budget = budget

    @property
    def again_after(self) -> timedelta:
        """How soon a flow may ask for another code."""
        return self._counts.again_after

    def owner_may(self, work: UnitOfWork, owner: OwnersKey) -> bool:
        """Count a code that only ``owner`` can request; False past the owner's limits."""
        return self._counts.of_owner.take(work, owner).allowed

    def owner_full_until(self, work: UnitOfWork, owner: OwnersKey) -> datetime | None:
        """Return when the owner gets another code; None when one is allowed now."""
        return self._counts.of_owner.full_until(work, owner)

    def ask_work(self, asker: CodeAsker) -> None:
        """Count a code by network and by typed key. Raises WorkNeeded, counting neither."""
        network = EverybodysKey.of_network(asker.address)
        self._counts.by_network.ask(network, asker.done)
        try:
            self._counts.by_typed.ask(asker.key, asker.done)
        except WorkNeeded:
            self._counts.by_network.take_back(network)
            raise

    def anybody_may(
        self, work: UnitOfWork, phone: str, mobile: Mobile, purpose: CodePurpose, *, is_real: bool
    ) -> bool:
        """Count a code that anybody can request; False past the phone's limits or the hub's budget.

        The same statements run whatever the answer. ``is_real``: False for a decoy phone.
        """
        factor = self._counts.known_phones if self._budget.is_known(work, phone) else 1
        now = self._clock()
        taken = [
            work.counters.take(
                _key(phone, limit), limit=limit.count * factor, per=limit.per, now=now
            )
            for limit in self._counts.to_phone
        ]
        goes = all(one.allowed for one in taken)
        is_within = self._budget.allows(work, phone, mobile, purpose, is_sent=is_real and goes)
        return goes and is_within

    def answered(self, work: UnitOfWork, phone: str, mobile: Mobile, purpose: CodePurpose) -> None:
        """Record within ``work`` that a code sent to the phone was entered right."""
        self._budget.answered(work, phone, mobile, purpose)


def _key(phone: str, limit: Limit) -> str:
    return f"codes_to:{int(limit.per.total_seconds())}:{phone}"
