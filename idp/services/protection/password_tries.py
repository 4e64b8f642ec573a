"""Password tries: counted before the hash is computed, alike for unknown national IDs.

On a known device of the account, or in a live session, only the owner's counter applies; it may
refuse. Elsewhere the visitor may be an attacker: shared marks by typed ID and by network require a
proof of work. Past ``turns_from`` wrong passwords a day, the account verifies one a second, by
turns. A try with the right password is uncounted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Self

from idp.domain.protection.rate_limits import HAD_TURN, NO_WORK, EverybodysKey, OwnersKey, WorkDone
from idp.domain.sign_in.origin import NOWHERE, Origin
from idp.ports import (
    DatabaseUnavailable,
    HashLane,
    Settlement,
    Step,
)
from idp.services.forms.repeated_forms import RepeatedForms
from idp.services.protection.owners_counters import OwnersTries
from idp.services.protection.password_rush import PasswordRush
from idp.services.protection.password_spray import PasswordSpray
from idp.services.protection.shared_marks import LastingMark, VanishingMark, WorkNeeded
from idp.services.protection.turns import Turns
from idp.store.unit_of_work import Begin, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """The sender of a request: the browser id that binds its flows, address, device cookie.

    ``work``: the proof of work that the form came with. ``form``: the key of a form that nobody has
    looked up yet among those that are repeated (``RepeatedForms``).
    """

    browser: str = field(repr=False)
    address: str
    device: str | None = field(default=None, repr=False)
    work: WorkDone = NO_WORK
    origin: Origin = NOWHERE
    form: str = field(default="", repr=False)

    @property
    def has_worked(self) -> bool:
        """Return whether the form came with a proof of work."""
        return self.work.is_some


@dataclass(frozen=True, slots=True)
class Guess:
    """A password typed for a national ID, and the visitor who typed it."""

    user: str = field(repr=False)
    password: str = field(repr=False)
    visitor: Visitor

    @property
    def again(self) -> Self:
        """The guess, whose form has been looked up."""
        return replace(self, visitor=replace(self.visitor, form=""))

    @property
    def lane(self) -> HashLane:
        """The lane in which the try waits for its hash when it has no owner."""
        return HashLane.WORKED if self.visitor.has_worked else HashLane.REST


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordTries:
    """Counts password tries before their result is known (attack SE10)."""

    begin: Begin
    forms: RepeatedForms
    of_owner: OwnersTries
    by_account: LastingMark
    by_network: VanishingMark
    spray: PasswordSpray
    rush: PasswordRush
    turns: Turns
    turns_from: int
    """Wrong passwords of an account in a day, after which tries take turns."""

    def take(self, guess: Guess, owner: OwnersKey | None) -> HashLane:
        """Count one try; return the lane in which it waits for its hash.

        ``owner``: the known device or live session of the account. No shared mark applies to it,
        whatever strangers or its network did.

        Raises:
            FormRepeated: the form was sent before; the try is not counted again.
            TooMany: the owner's backoff is running.
            WorkNeeded: a proof of work is required; the try is counted once it comes with it.
            TurnNeeded: the account verifies by turns; the try is not counted either.
        """
        if owner is None:
            self._take_shared(guess)
            return guess.lane
        self.forms.first(guess.visitor.form)
        with self.begin() as work:
            self.of_owner.take(work, owner)
        return HashLane.OWNER

    def take_back(self, guess: Guess, owner: OwnersKey | None) -> None:
        """Uncount a try: no hash was computed."""
        self.settle_network(guess, owner)
        with self.begin() as work:
            if owner is None:
                self.by_account.take_back_within(work, _keys(guess)[0])
            else:
                self.of_owner.give_back(work, owner)

    def settle_network(self, guess: Guess, owner: OwnersKey | None) -> None:
        """Uncount a right try in the ephemeral store; with an owner, it is not counted there."""
        if owner is None:
            account, network = _keys(guess)
            of_turn = self.turns.steps_back(account, network)
            self.forms.at_the_end([*self.by_network.steps_back(network), *of_turn])

    def settle(self, work: UnitOfWork, guess: Guess, owner: OwnersKey | None) -> None:
        """Uncount a right try within ``work``; with an owner, clear all of the owner's tries."""
        work.counters.settle(self.settlement(guess, owner))

    def settlement(self, guess: Guess, owner: OwnersKey | None) -> Settlement:
        """Return what ``settle`` does."""
        if owner is None:
            return self.by_account.settlement(_keys(guess)[0])
        return self.of_owner.settlement(owner)

    def _take_shared(self, guess: Guess) -> None:
        done = guess.visitor.work
        wrong = self._count(guess, done, self._watches(guess))
        if wrong > self.turns_from and not done.has_had_turn:
            self._uncount(guess)
            self.turns.take(*_keys(guess), done)
            self._count(guess.again, HAD_TURN, _NO_WATCHES)

    def _count(self, guess: Guess, done: WorkDone, watches: "_Watches") -> int:
        """Count at both marks and for the watches; return the account's count.

        The ephemeral store is asked first: it knows whether the form was sent before.

        Raises WorkNeeded, the hardest; neither mark then counts the try.
        """
        account, network = _keys(guess)
        of_network = self.by_network.steps(network)
        here, sprayed, rushed = self._together(guess.visitor.form, of_network, *watches)
        try:
            wrong = self.by_account.count(account)
        except DatabaseUnavailable:
            self.by_network.take_back(network)
            raise
        asked = [self.by_account.asks(wrong, done), self.by_network.asks(sum(here), done)]
        is_asked_of_all = self.spray.needs_work(sprayed) or self.rush.is_on(rushed)
        asked.append(0 if is_asked_of_all and not done.is_enough(0) else None)
        needed = [difficulty for difficulty in asked if difficulty is not None]
        if needed:
            self._uncount(guess)
            raise WorkNeeded(max(needed))
        return wrong

    def _uncount(self, guess: Guess) -> None:
        for mark, key in zip((self.by_account, self.by_network), _keys(guess), strict=True):
            mark.take_back(key)

    def _watches(self, guess: Guess) -> "_Watches":
        """Return the steps that count a try for spraying, and without work for the rush."""
        visitor = guess.visitor
        spray = self.spray.steps(guess.user, guess.password, visitor.address)
        return spray, [] if visitor.has_worked else self.rush.steps()

    def _together(self, form: str, *groups: Sequence[Step]) -> Iterator[Sequence[int]]:
        """Take the steps of all groups in one round trip; yield the counts of each group."""
        counts = iter(self.forms.first(form, [step for group in groups for step in group]))
        for group in groups:
            yield list(islice(counts, len(group)))


_Watches = tuple[Sequence[Step], Sequence[Step]]
_NO_WATCHES: _Watches = ([], [])


def _keys(guess: Guess) -> tuple[EverybodysKey, EverybodysKey | None]:
    account = EverybodysKey.of_typed_id(guess.user)
    return account, EverybodysKey.of_network(guess.visitor.address)
