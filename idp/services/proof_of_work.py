"""The proof of work that comes before an action where tries pile up.

A form that needs it is not lost: it goes back to its sender sealed, with a puzzle for the page's
script. Who has no script waits for a ticket instead: tickets of one network mature one after the
other at a fixed rate, so that waiting side by side gains nothing (attack O18).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from idp.domain.rate_limits import HAD_TURN, WAITED, EverybodysKey, WorkDone
from idp.ports import BrokenSeal, Chance, Clock, Ephemeral, Puzzles, Vault
from idp.services.kept_aside import KeptAside
from idp.services.password_tries import Visitor
from idp.services.places import Places

HELD_LIFE = timedelta(minutes=10)
"""A form can be sent on for so long after its ticket has matured."""
NAME_PURPOSE = "name_of_held_form"


@dataclass(frozen=True, slots=True)
class HeldForm:
    """A form on its way back to its sender: sealed, and how long to wait without a solution.

    ``puzzle`` is None where there is nothing to compute: the form waits for its turn.
    """

    sealed: str = field(repr=False)
    puzzle: str | None = field(repr=False)
    wait: timedelta


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
    """None: it waits for its turn, and nothing is computed."""
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
        chance: Chance,
        puzzles: Puzzles,
        ticket_every: timedelta,
    ) -> None:
        """``ticket_every``: the tickets of one network mature so far apart."""
        self._vault = vault
        self._ephemeral = ephemeral
        self._clock = clock
        self._chance = chance
        self._puzzles = puzzles
        self._kept = KeptAside(vault, ephemeral, "held")
        self._tickets = Places("ticket", ticket_every, ephemeral, clock, vault)

    def hold(
        self, fields: Mapping[str, str], page: str, visitor: Visitor, difficulty: int
    ) -> HeldForm:
        """Return the form of ``page`` sealed for this browser, its puzzle, its place in the queue.

        ``difficulty``: doublings of about a second of a mid-range phone.
        """
        place = self._tickets.take(EverybodysKey.of_network(visitor.address))
        held = _Held(
            id=self._chance.identifier(),
            ready_at=place.at,
            difficulty=difficulty,
            place=place.number,
            fields=dict(fields),
        )
        return self._returned(held, self._sealed(held, page, visitor))

    def hold_for_turn(
        self, fields: Mapping[str, str], page: str, visitor: Visitor, wait: timedelta
    ) -> HeldForm:
        """Return the form of ``page`` sealed for this browser until its turn comes."""
        held = _Held(
            id=self._chance.identifier(),
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
        if now < held.ready_at:
            self._leave_queue(held, visitor)
        return Released(held.fields, work)

    def was_released(self, sealed: str, page: str, visitor: Visitor) -> bool:
        """Tell whether this form was given back already, and has not run out since."""
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
        if self._clock() >= held.ready_at:
            return HAD_TURN if held.difficulty is None else WAITED
        if held.difficulty is None or not self._puzzles.is_solved(held.id, solution):
            return None
        return WorkDone(held.difficulty)

    def _leave_queue(self, held: _Held, visitor: Visitor) -> None:
        """Give the place to whoever comes next, once: this form is served without it."""
        if self._ephemeral.add(f"left:{held.id}", ttl=held.ends_at - self._clock()):
            self._tickets.give_back(EverybodysKey.of_network(visitor.address), held.place)

    def _returned(self, held: _Held, sealed: str) -> HeldForm:
        puzzle = None
        if held.difficulty is not None:
            puzzle = self._puzzles.make(held.id, held.difficulty)
        return HeldForm(sealed, puzzle, held.ready_at - self._clock())

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
            "place": held.place,
            "fields": held.fields,
        }
    ).encode()


def _read(plain: bytes) -> _Held:
    values = json.loads(plain)
    ready_at = datetime.fromtimestamp(values.pop("ready_at"), UTC)
    return _Held(ready_at=ready_at, **values)
