"""Problems in the metadata of a client."""

from collections.abc import Sequence
from dataclasses import dataclass

from idp.domain.errors import DomainError


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: the metadata member and why."""

    member: str
    why: str


class InvalidClientMetadata(DomainError):
    """The metadata cannot become a client; ``problems`` lists everything that is wrong at once."""

    code = "invalid_client_metadata"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{p.member}: {p.why}" for p in problems))
        self.problems = tuple(problems)
