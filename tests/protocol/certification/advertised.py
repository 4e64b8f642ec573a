"""Which member of the metadata which test exercises: a table that the tests fill themselves."""

from collections.abc import Callable
from typing import TypeVar

Test = TypeVar("Test", bound=Callable[..., None])

EXERCISED: dict[str, str] = {}
"""Member of the metadata to the name of the test that uses every value of it."""


def exercises(*members: str) -> Callable[[Test], Test]:
    """Note that the test uses every value that the live metadata names in ``members``."""

    def note(test: Test) -> Test:
        EXERCISED.update(dict.fromkeys(members, test.__name__))
        return test

    return note
