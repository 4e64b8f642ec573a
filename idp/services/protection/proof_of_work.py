"""The proof of work that comes before an action where tries pile up.

A form that needs it is not lost: it goes back to its sender sealed, with a puzzle for the page's
script. Work that is more than one puzzle comes in several; what was done counts, also when
the price falls or rises meanwhile. Who has no script waits for a ticket instead: tickets of one
network mature one after the other at a fixed rate, so that waiting side by side gains nothing
(attack O18).
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

HELD_LIFE = timedelta(minutes=10)
"""A form can be sent on for so long after its ticket has matured."""
NAME_PURPOSE = "name_of_held_form"


@dataclass(frozen=True, slots=True)
class HeldForm:
    """A form on its way back to its sender: sealed, and how long to wait without a solution.

    ``puzzle`` is None where there is nothing to compute: the form waits for its turn.
    ``work``: how long a mid-range phone computes, with the puzzles that follow.
    """

    sealed: str = field(repr=False)
    puzzle: str | None = field(repr=False)
    wait: timedelta
    work: timedelta


@dataclass(frozen=True, slots=True)
class Released:
    """The fields of a form that was held, and the work that was done for it."""

    fields: dict[str, str] = field(repr=False)
    work: WorkDone


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    id: str
    ready_at: datetime
    difficulty: int | None
    """Of all that is left; None: it waits for its turn, and nothing is computed."""
    done: int = 0
    """Seconds of a mid-range phone that were brought before."""
    lane: str | None = None
    place: int = 0
    fields: dict[str, str] = field(repr=False)

    @property
    def ends_at(self) -> datetime:
        return self.ready_at + HELD_LIFE


class ProofOfWork:
    """Holds forms and gives them back, each once, for its work or when its ticket has matured."""

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
        """``ticket_every``: the tickets of one network mature so far apart.

        ``hardest_puzzle``: harder work comes in several puzzles.
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
        """Return the form of ``page`` sealed for this browser, its puzzle, its place in the queue.

        The work that the visitor's form came with is taken off from what is needed.
        """
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
        """Return a held form, once, when its puzzle is solved or its ticket has matured.

        Before that the form is held on, with a fresh puzzle. None: it is not ours, of another page
        or browser, too old, or was given back already.
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
        return Released(held.fields, work)

    def was_released(self, sealed: str, page: str, visitor: Visitor) -> bool:
        """Return whether this form was given back already, and has not run out since."""
        held = self._opened(sealed, page, visitor)
        return held is not None and self._ephemeral.find(_stamp(held)) is not None

    def keep(self, held: HeldForm) -> str | None:
        """Return the name by which ``look`` finds the form until it is too old.

        Its password lies in what is kept, so only the name opens it (see ``kept_aside``).

        None: nothing can be kept now, and only the page that the form stands on has it.
        """
        name = self._vault.digest(held.sealed, purpose=NAME_PURPOSE)
        self._kept.put(name, held.sealed, ttl=held.wait + HELD_LIFE)
        return name if self._kept.find(name) == held.sealed else None

    def look(self, name: str, page: str, visitor: Visitor) -> HeldForm | None:
        """Return the form of that name, held on, with a fresh puzzle.

        None: it is of another page or browser, too old, lost, or was given back already.
        """
        sealed = self._kept.find(name) or ""
        held = self._opened(sealed, page, visitor)
        if held is None or self.was_released(sealed, page, visitor):
            return None
        return self._returned(held, sealed)

    def give_back(self, sealed: str, page: str, visitor: Visitor) -> None:
        """Let a released form be released once more: nothing came of it (a hash was not to be had).

        A form that is not ours changes nothing.
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
        """Give the place to whoever comes next, once: this form is served without it."""
        if self._ephemeral.add(f"left:{held.id}", ttl=held.ends_at - self._clock()):
            lane = EverybodysKey(held.lane) if held.lane else None
            key = lane or EverybodysKey.of_network(visitor.address)
            self._tickets(lane, difficulty).give_back(key, held.place)

    def _tickets(self, lane: EverybodysKey | None, difficulty: int) -> Places:
        """Return the queue of a network, or that of a lane for work of this difficulty.

        Its tickets together bring about the work of one phone that computes, and keep nobody of
        the network waiting who goes elsewhere.
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
