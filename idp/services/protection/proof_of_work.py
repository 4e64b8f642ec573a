"""Proof of work: what a browser computes before a form is accepted past a shared mark.

The form is held: it returns to its browser sealed, with a puzzle for the page's script. Work harder
than one puzzle is split into several; work already done counts, even when the price changes
meanwhile. A browser without scripts waits for a ticket instead. Tickets of one network mature one
after the other at a fixed rate, so forms sent in parallel gain nothing (attack O18).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from idp.domain.protection.rate_limits import HAD_TURN, EverybodysKey, WorkDone, seconds_of
from idp.ports import BrokenSeal, Clock, Ephemeral, Puzzles, Randomness, Vault
from idp.services.forms.kept_aside import KeptAside
from idp.services.protection.password_tries import Visitor
from idp.services.protection.places import Places
from idp.services.protection.shared_marks import WorkNeeded
from idp.telemetry.catalogue import PROOF_OF_WORK

HELD_LIFE = timedelta(minutes=10)
"""How long a held form can be released after its ticket has matured."""
NAME_PURPOSE = "name_of_held_form"


@dataclass(frozen=True, slots=True)
class HeldForm:
    """A held form, sealed for its browser; ``wait`` is the time until its ticket matures.

    ``puzzle`` is None when there is nothing to compute: the form waits for its turn.
    ``work``: how long a mid-range phone computes, for this puzzle and those that follow.
    """

    sealed: str = field(repr=False)
    puzzle: str | None = field(repr=False)
    wait: timedelta
    work: timedelta


@dataclass(frozen=True, slots=True)
class Released:
    """The fields of a released form, and the work done for it."""

    fields: dict[str, str] = field(repr=False)
    work: WorkDone


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    id: str
    ready_at: datetime
    difficulty: int | None
    """Of all remaining work; None: the form waits for its turn, without work."""
    done: int = 0
    """Work done before, in seconds of a mid-range phone."""
    lane: str | None = None
    place: int = 0
    fields: dict[str, str] = field(repr=False)

    @property
    def ends_at(self) -> datetime:
        return self.ready_at + HELD_LIFE


class ProofOfWork:
    """Holds forms, and releases each once: for its work, or when its ticket has matured."""

    def __init__(  # noqa: PLR0913 (ports, by name)
        self,
        *,
        vault: Vault,
        ephemeral: Ephemeral,
        clock: Clock,
        randomness: Randomness,
        puzzles: Puzzles,
        ticket_every: timedelta,
        hardest_puzzle: int,
    ) -> None:
        """``ticket_every``: the time between two tickets of one network.

        ``hardest_puzzle``: the highest difficulty of a puzzle; harder work is split.
        """
        self._vault = vault
        self._ephemeral = ephemeral
        self._clock = clock
        self._randomness = randomness
        self._puzzles = puzzles
        self._kept = KeptAside(vault, ephemeral, "held")
        self._ticket_every = ticket_every
        self._hardest_puzzle = hardest_puzzle

    def hold(
        self, fields: Mapping[str, str], page: str, visitor: Visitor, needed: WorkNeeded
    ) -> HeldForm:
        """Return the form of ``page`` sealed for this browser, with its puzzle and waiting time.

        The work that the form came with is subtracted from the work needed.
        """
        PROOF_OF_WORK.add("work", "asked")
        left = seconds_of(needed.difficulty) - visitor.work.seconds
        difficulty = (left - 1).bit_length()
        key = needed.lane or EverybodysKey.of_network(visitor.address)
        place = self._tickets(needed.lane, difficulty).take(key)
        held = _Held(
            id=self._randomness.identifier(),
            ready_at=place.at,
            difficulty=difficulty,
            done=visitor.work.seconds,
            lane=needed.lane.value if needed.lane else None,
            place=place.number,
            fields=dict(fields),
        )
        return self._returned(held, self._sealed(held, page, visitor))

    def hold_for_turn(
        self, fields: Mapping[str, str], page: str, visitor: Visitor, wait: timedelta
    ) -> HeldForm:
        """Return the form of ``page`` sealed for this browser until its turn comes."""
        PROOF_OF_WORK.add("turn", "asked")
        held = _Held(
            id=self._randomness.identifier(),
            ready_at=self._clock() + wait,
            difficulty=None,
            fields=dict(fields),
        )
        return self._returned(held, self._sealed(held, page, visitor))

    def release(
        self, sealed: str, solution: str, page: str, visitor: Visitor
    ) -> Released | HeldForm | None:
        """Release a held form, once, when its puzzle is solved or its ticket has matured.

        Until then return it held, with a fresh puzzle. None: the hub did not seal it, or it is of
        another page or browser, too old, or already released.
        """
        held = self._opened(sealed, page, visitor)
        now = self._clock()
        if held is None or now >= held.ends_at:
            return None
        work = self._work_done(held, solution)
        if work is None:
            return self._returned(held, sealed)
        if not self._ephemeral.add(_stamp(held), ttl=held.ends_at - now):
            return None
        if now < held.ready_at and held.difficulty is not None:
            self._leave_queue(held, held.difficulty, visitor)
        PROOF_OF_WORK.add("turn" if held.difficulty is None else "work", "done")
        return Released(held.fields, work)

    def was_released(self, sealed: str, page: str, visitor: Visitor) -> bool:
        """Return whether this form was already released and has not expired since."""
        held = self._opened(sealed, page, visitor)
        return held is not None and self._ephemeral.find(_stamp(held)) is not None

    def keep(self, held: HeldForm) -> str | None:
        """Store the held form, and return the name by which ``look`` finds it until it expires.

        The stored form contains a password, so only the name opens it (see ``kept_aside``).

        None: the ephemeral store is unavailable, and only the present page has the form.
        """
        name = self._vault.digest(held.sealed, purpose=NAME_PURPOSE)
        self._kept.put(name, held.sealed, ttl=held.wait + HELD_LIFE)
        return name if self._kept.find(name) == held.sealed else None

    def look(self, name: str, page: str, visitor: Visitor) -> HeldForm | None:
        """Return the held form of this name, with a fresh puzzle.

        None: it is of another page or browser, too old, lost, or already released.
        """
        sealed = self._kept.find(name) or ""
        held = self._opened(sealed, page, visitor)
        if held is None or self.was_released(sealed, page, visitor):
            return None
        return self._returned(held, sealed)

    def give_back(self, sealed: str, page: str, visitor: Visitor) -> None:
        """Allow a released form to be released again: it had no effect (no hash was computed).

        A text that the hub did not seal changes nothing.
        """
        held = self._opened(sealed, page, visitor)
        if held is not None:
            self._ephemeral.forget(_stamp(held))

    def _work_done(self, held: _Held, solution: str) -> WorkDone | None:
        if held.difficulty is None:
            return HAD_TURN if self._clock() >= held.ready_at else None
        if self._clock() >= held.ready_at:
            return WorkDone(held.done + seconds_of(held.difficulty), has_waited=True)
        if not self._puzzles.is_solved(held.id, solution):
            return None
        return WorkDone(held.done + seconds_of(self._of_puzzle(held.difficulty)))

    def _leave_queue(self, held: _Held, difficulty: int, visitor: Visitor) -> None:
        """Give back the form's place, once: its work released it before its ticket matured."""
        if self._ephemeral.add(f"left:{held.id}", ttl=held.ends_at - self._clock()):
            lane = EverybodysKey(held.lane) if held.lane else None
            key = lane or EverybodysKey.of_network(visitor.address)
            self._tickets(lane, difficulty).give_back(key, held.place)

    def _tickets(self, lane: EverybodysKey | None, difficulty: int) -> Places:
        """Return the ticket queue of the network, or of a lane for work of this difficulty.

        Tickets of a lane mature no faster than one phone computes, and do not delay the network's
        tickets for other accounts.
        """
        name, every = "ticket", self._ticket_every
        if lane is not None:
            name = f"ticket{difficulty}"
            every = max(every, timedelta(seconds=seconds_of(difficulty)))
        return Places(name, every, self._ephemeral, self._clock, self._vault)

    def _of_puzzle(self, difficulty: int) -> int:
        return min(difficulty, self._hardest_puzzle)

    def _returned(self, held: _Held, sealed: str) -> HeldForm:
        wait = held.ready_at - self._clock()
        if held.difficulty is None:
            return HeldForm(sealed, None, wait, timedelta(0))
        puzzle = self._puzzles.make(held.id, self._of_puzzle(held.difficulty))
        return HeldForm(sealed, puzzle, wait, timedelta(seconds=seconds_of(held.difficulty)))

    def _sealed(self, held: _Held, page: str, visitor: Visitor) -> str:
        return self._vault.seal(_written(held), purpose=_purpose(page), bound_to=visitor.browser)

    def _opened(self, sealed: str, page: str, visitor: Visitor) -> _Held | None:
        try:
            plain = self._vault.open(sealed, purpose=_purpose(page), bound_to=visitor.browser)
        except BrokenSeal:
            return None
        return _read(plain)


def _stamp(held: _Held) -> str:
    return f"work:{held.id}"


def _purpose(page: str) -> str:
    return f"held_form:{page}"


def _written(held: _Held) -> bytes:
    return json.dumps(
        {
            "id": held.id,
            "ready_at": held.ready_at.timestamp(),
            "difficulty": held.difficulty,
            "done": held.done,
            "lane": held.lane,
            "place": held.place,
            "fields": held.fields,
        }
    ).encode()


def _read(plain: bytes) -> _Held:
    values = json.loads(plain)
    ready_at = datetime.fromtimestamp(values.pop("ready_at"), UTC)
    return _Held(ready_at=ready_at, **values)
