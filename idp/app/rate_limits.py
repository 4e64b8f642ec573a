"""The rate limits, wired by the settings' section ``limits``."""

from collections.abc import Sequence
from datetime import timedelta

from idp.app.outside import Outside
from idp.domain.protection.rate_limits import Limit, Mark, TurnPrice
from idp.ports import Backoff
from idp.services.forms.repeated_forms import RepeatedForms
from idp.services.protection.garbage import Garbage
from idp.services.protection.owners_counters import OwnersCounter, OwnersTries
from idp.services.protection.password_rush import PasswordRush
from idp.services.protection.password_spray import PasswordSpray, SprayLimits
from idp.services.protection.password_tries import PasswordTries
from idp.services.protection.rate_limits import RateLimits
from idp.services.protection.shared_marks import (
    LastingMark,
    LastingTally,
    NoTally,
    VanishingMark,
    VanishingTally,
)
from idp.services.protection.turns import FirstOfNetwork, Turns
from idp.settings.limits import Count, Limits, Waits, WorkFrom


def build_rate_limits(outside: Outside) -> RateLimits:
    """Return the counters and marks that the settings describe."""
    make, section = _Make(outside), outside.settings.limits
    return RateLimits(
        passwords_on_known_device=make.tries("password", section.passwords_on_known_device),
        code_again_after=timedelta(seconds=section.code_again_after_seconds),
        codes_of_account=make.counter("code_of_account", section.codes_of_account),
        mobile_changes_of_account=make.counter("mobile_change", section.mobile_changes_of_account),
        data_changes_of_account=make.counter("data_change", section.data_changes_of_account),
        email_links_of_account=make.counter("email_link", section.email_links_of_account),
        recovery_answers=limits_of([section.recovery_answers])[0],
        registrations=make.registrations(),
        wrong_passwords_by_account=make.by_id("password", section.wrong_passwords_by_account),
        wrong_passwords_by_network=make.by_network("password", section.wrong_passwords_by_network),
        registrations_by_network=make.by_network("registration", section.registrations_by_network),
        codes_by_network=make.by_network("code", section.codes_by_network),
        codes_by_phone=make.by_id("code", section.codes_by_phone),
        codes_to_phone=limits_of(section.codes_to_phone),
        known_phones=section.known_phones,
        garbage=make.garbage(section.garbage_by_network),
    )


def limits_of(counts: Sequence[Count]) -> tuple[Limit, ...]:
    """Return the settings' counts as limits."""
    return tuple(Limit(one.count, timedelta(seconds=one.per_seconds)) for one in counts)


def password_tries(outside: Outside, limits: RateLimits, forms: RepeatedForms) -> PasswordTries:
    """Return the counters of password attempts."""
    section, protection = outside.settings.limits, outside.settings.protection
    spray = SprayLimits(section.accounts_of_a_password, section.accounts_of_a_password_by_network)
    rush = section.password_rush if protection.network_limits and protection.proof_of_work else None
    return PasswordTries(
        begin=outside.begin,
        forms=forms,
        of_owner=limits.passwords_on_known_device,
        by_account=limits.wrong_passwords_by_account,
        by_network=limits.wrong_passwords_by_network,
        spray=PasswordSpray(
            outside.vault,
            spray if protection.network_limits else None,
            asks_for_work=protection.proof_of_work,
        ),
        rush=PasswordRush(outside.clock, above_normal=rush),
        turns=_turns(outside, section),
        turns_from=section.turns_from,
    )


def _turns(outside: Outside, section: Limits) -> Turns:
    price = TurnPrice(
        base=section.hardest_work,
        hardest=max(section.hardest_work, section.hardest_turn_work),
        doubles_every=timedelta(seconds=section.turn_price_doubles_every_seconds),
    )
    adapters = outside.ephemeral, outside.clock, outside.vault
    once_in = timedelta(seconds=section.first_turn_every_seconds)
    asks_for_work = outside.settings.protection.proof_of_work
    return Turns(
        price if asks_for_work else None, FirstOfNetwork(once_in, price, *adapters), *adapters
    )


class _Make:
    """Makes owners' counters and shared marks over the same adapters."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._hardest = outside.settings.limits.hardest_work
        self._asks = outside.settings.protection.proof_of_work
        self._by_network = outside.settings.protection.network_limits

    def counter(self, name: str, counts: Sequence[Count]) -> OwnersCounter:
        return OwnersCounter(name, limits_of(counts), self._outside.clock, self._outside.vault)

    def registrations(self) -> OwnersCounter:
        section = self._outside.settings.registration
        limits = (
            Limit(section.per_day, timedelta(days=1)),
            Limit(section.per_month, timedelta(days=30)),
        )
        return OwnersCounter("registration", limits, self._outside.clock, self._outside.vault)

    def tries(self, name: str, waits: Waits) -> OwnersTries:
        backoff = Backoff(
            free=waits.free,
            first=timedelta(seconds=waits.first_wait_seconds),
            longest=timedelta(seconds=waits.longest_wait_seconds),
            memory=timedelta(seconds=waits.memory_seconds),
        )
        return OwnersTries(name, backoff, self._outside.clock, self._outside.vault)

    def by_network(self, name: str, work_from: WorkFrom) -> VanishingMark:
        """Return a mark in the ephemeral store, by network."""
        tally = VanishingTally(self._outside.ephemeral) if self._by_network else NoTally()
        mark = self._mark(work_from)
        return VanishingMark(name, mark, tally, self._outside.vault, asks_for_work=self._asks)

    def by_id(self, name: str, work_from: WorkFrom) -> LastingMark:
        """Return a mark in the database, by phone or typed ID: emptying Redis does not reset it."""
        tally = LastingTally(self._outside.begin, self._outside.clock)
        mark = self._mark(work_from)
        return LastingMark(name, mark, tally, self._outside.vault, asks_for_work=self._asks)

    def garbage(self, count: Count) -> Garbage:
        limit = limits_of([count])[0] if self._by_network else None
        return Garbage(limit, self._outside.ephemeral, self._outside.vault)

    def _mark(self, work_from: WorkFrom) -> Mark:
        return Mark(
            work_from=work_from.work_from,
            per=timedelta(seconds=work_from.per_seconds),
            harder_every=work_from.harder_every,
            hardest=self._hardest,
        )
