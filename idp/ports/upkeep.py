"""The maintenance sign, and the results of counting peppers and resealing rows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Maintenance:
    """The hub is closed for maintenance, about until ``until``; None: the end is not known."""

    until: datetime | None


class MaintenanceSign(Protocol):
    """Whether the pages of this machine are closed; it needs no database."""

    def now(self) -> Maintenance | None:
        """Return the maintenance, or None while the hub is open."""

    def hang_out(self, maintenance: Maintenance) -> None:
        """Close the pages, or change when they are expected back."""

    def take_in(self) -> bool:
        """Open the pages; return whether they were closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PepperUse:
    """How many stored hashes were made with a pepper; ``pepper`` None: with an unknown one."""

    pepper: str | None
    passwords: int
    answers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Resealed:
    """The result of resealing, or only counting, a table with sealed values.

    ``older``: rows under an older key. ``unreadable``: no key opens them. ``in_the_way``: not
    resealed, because a second row of the same person exists.
    """

    table: str
    rows: int = 0
    older: int = 0
    unreadable: int = 0
    in_the_way: int = 0
