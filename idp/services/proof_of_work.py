"""The proof of work that comes before an action where tries pile up.

A form that needs it is not lost: it goes back to its sender sealed, with a puzzle for the page's
script and a moment from which it counts without one, for browsers that cannot compute.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from idp.domain.limits import network_of
from idp.ports import BrokenSeal, Chance, Clock, Ephemeral, Puzzles, Vault
from idp.services.password_tries import Visitor

HELD_LIFE = timedelta(minutes=10)
WAITS = tuple(timedelta(seconds=seconds) for seconds in (10, 20, 30, 60, 120))
FORMS_PER_WAIT = 3
QUEUE_MEMORY = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class HeldForm:
    """A form on its way back to its sender: sealed, its puzzle, and how long to wait without it."""

    sealed: str = field(repr=False)
    puzzle: str = field(repr=False)
    wait: timedelta


@dataclass(frozen=True, slots=True)
class _Held:
    id: str
    ready_at: datetime
    ends_at: datetime
    fields: dict[str, str] = field(repr=False)


class ProofOfWork:
    """Holds forms and gives them back, each once, for its work or after its wait."""

    def __init__(
        self, vault: Vault, ephemeral: Ephemeral, clock: Clock, chance: Chance, puzzles: Puzzles
    ) -> None:
        self._vault = vault
        self._ephemeral = ephemeral
        self._clock = clock
        self._chance = chance
        self._puzzles = puzzles

    def hold(self, fields: Mapping[str, str], page: str, visitor: Visitor) -> HeldForm:
        """Return the form of ``page`` sealed for this browser, with its puzzle.

        The wait grows with the forms of the same network, so that many at once gain nothing by it.
        """
        now = self._clock()
        wait = self._next_wait(visitor.address)
        held = _Held(self._chance.identifier(), now + wait, now + HELD_LIFE, dict(fields))
        sealed = self._vault.seal(_written(held), purpose=_purpose(page), bound_to=visitor.browser)
        return HeldForm(sealed, self._puzzles.make(held.id), wait)

    def release(
        self, sealed: str, solution: str, page: str, visitor: Visitor
    ) -> dict[str, str] | HeldForm | None:
        """Return the fields of a held form, once, when its puzzle is solved or its wait is over.

        Before that the form is held on, with a fresh puzzle. None: it is not ours, of another page
        or browser, too old, or was given back already.
        """
        held = self._opened(sealed, page, visitor)
        now = self._clock()
        if held is None or now >= held.ends_at:
            return None
        if now < held.ready_at and not self._puzzles.is_solved(held.id, solution):
            return HeldForm(sealed, self._puzzles.make(held.id), held.ready_at - now)
        if not self._ephemeral.add(_stamp(held), ttl=HELD_LIFE):
            return None
        return held.fields

    def give_back(self, sealed: str, page: str, visitor: Visitor) -> None:
        """Let a released form be released once more: nothing came of it (a hash was not to be had).

        A form that is not ours changes nothing.
        """
        held = self._opened(sealed, page, visitor)
        if held is not None:
            self._ephemeral.forget(_stamp(held))

    def _next_wait(self, address: str) -> timedelta:
        held = self._ephemeral.hit(f"net:held:{network_of(address)}", window=QUEUE_MEMORY)
        return WAITS[min((held - 1) // FORMS_PER_WAIT, len(WAITS) - 1)]

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
            "ends_at": held.ends_at.timestamp(),
            "fields": held.fields,
        }
    ).encode()


def _read(plain: bytes) -> _Held:
    values = json.loads(plain)
    return _Held(
        values["id"],
        datetime.fromtimestamp(values["ready_at"], UTC),
        datetime.fromtimestamp(values["ends_at"], UTC),
        values["fields"],
    )
