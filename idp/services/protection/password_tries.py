"""Password tries: counted before the hash is computed, alike for unknown national IDs.

On a known device of the account, or in a live session, only the owner's counter applies; it may
refuse. Elsewhere the visitor may be an attacker: shared marks by typed ID and by network require a
proof of work. Past ``turns_from`` wrong passwords a day, the account verifies one a second, by
turns. A try with the right password is uncounted.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from idp.domain.protection.rate_limits import HAD_TURN, NO_WORK, EverybodysKey, OwnersKey, WorkDone
from idp.domain.sign_in.origin import NOWHERE, Origin
from idp.ports import (
    HashLane,
)
from idp.services.protection.owners_counters import OwnersTries
from idp.services.protection.password_rush import PasswordRush
from idp.services.protection.password_spray import PasswordSpray
from idp.services.protection.shared_marks import SharedMark, WorkNeeded
from idp.services.protection.turns import Turns
from idp.store.unit_of_work import Begin, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """The sender of a request: the browser id that binds its flows, address, device cookie.

    ``work``: the proof of work that the form came with.
    """

    browser: str = field(repr=False)
    address: str
    device: str | None = field(default=None, repr=False)
    work: WorkDone = NO_WORK
    origin: Origin = NOWHERE

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
    def lane(self) -> HashLane:
        """The lane in which the try waits for its hash when it has no owner."""
        return HashLane.WORKED if self.visitor.has_worked else HashLane.REST


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordTries:
    """Counts password tries before their result is known (attack SE10)."""

    begin: Begin
    of_owner: OwnersTries
    by_account: SharedMark
    by_network: SharedMark
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
            TooMany: the owner's backoff is running.
            WorkNeeded: a proof of work is required; the try is counted once it comes with it.
            TurnNeeded: the account verifies by turns; the try is not counted either.
        """
        if owner is None:
            self._take_shared(guess)
            return guess.lane
        with self.begin() as work:
            self.of_owner.take(work, owner)
        return HashLane.OWNER

    def take_back(self, guess: Guess, owner: OwnersKey | None) -> None:
        """Uncount a try: its password was right, or no hash was computed."""
        if owner is None:
            self._uncount(guess)
            self.turns.give_back(*_keys(guess))
        else:
            with self.begin() as work:
                self.of_owner.give_back(work, owner)

    def forget(self, work: UnitOfWork, owner: OwnersKey) -> None:
        """Clear the tries of the owner within ``work``: the password was right."""
        self.of_owner.forget(work, owner)

    def _take_shared(self, guess: Guess) -> None:
        done = guess.visitor.work
        asked = [0] if self._is_asked_of_all(guess) and not done.is_enough(0) else []
        wrong = self._count(guess, done, asked)
        if wrong > self.turns_from and not done.has_had_turn:
            self._uncount(guess)
            self.turns.take(*_keys(guess), done)
            self._count(guess, HAD_TURN, [])

    def _uncount(self, guess: Guess) -> None:
        for mark, key in self._marks(guess):
            mark.take_back(key)

    def _count(self, guess: Guess, done: WorkDone, asked: list[int]) -> int:
        """Count at both marks, and return the account's count. Raises the hardest WorkNeeded."""
        counted: list[tuple[SharedMark, EverybodysKey | None, int]] = []
        for mark, key in self._marks(guess):
            try:
                counted.append((mark, key, mark.ask(key, done)))
            except WorkNeeded as needed:
                asked.append(needed.difficulty)
        if asked:
            for mark, key, _ in counted:
                mark.take_back(key)
            raise WorkNeeded(max(asked))
        return counted[0][2]

    def _is_asked_of_all(self, guess: Guess) -> bool:
        """Count for spraying, and without work for the rush; return whether either needs work."""
        is_sprayed = self.spray.needs_work(guess.user, guess.password, guess.visitor.address)
        is_rush = not guess.visitor.has_worked and self.rush.is_on()
        return is_sprayed or is_rush

    def _marks(self, guess: Guess) -> Iterator[tuple[SharedMark, EverybodysKey | None]]:
        account, network = _keys(guess)
        yield self.by_account, account
        yield self.by_network, network


def _keys(guess: Guess) -> tuple[EverybodysKey, EverybodysKey | None]:
    account = EverybodysKey.of_typed_id(guess.user)
    return account, EverybodysKey.of_network(guess.visitor.address)
