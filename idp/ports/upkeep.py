"""The sign of an installation that is closed for upkeep."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Maintenance:
    """The hub is closed for a while; ``until`` is when it is expected back, None: nobody knows."""

    until: datetime | None


class MaintenanceSign(Protocol):
    """Whether the pages of this machine are closed; it needs no database."""

    def now(self) -> Maintenance | None:
        """Return what is going on, or None while the hub is open."""

    def hang_out(self, maintenance: Maintenance) -> None:
        """Close the pages, or change when they are expected back."""

    def take_in(self) -> bool:
        """Open the pages; return whether they were closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PepperUse:
    """How many stored hashes were made with a pepper; ``pepper`` None: with none that is known."""

    pepper: str | None
    passwords: int
    answers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Resealed:
    """What was found in a table with sealed values.

    ``older``: rows under an older key. ``unreadable``: no key opens them. ``in_the_way``: a second
    row of the same person is there already.
    """

    table: str
    rows: int = 0
    older: int = 0
    unreadable: int = 0
    in_the_way: int = 0
