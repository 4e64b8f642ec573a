"""The errors of the rules: a small tree with stable codes; Persian words live with the pages."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar


class DomainError(Exception):
    """A rule says no. ``code`` is stable and may be logged; it never holds what a person typed."""

    code: str = "domain"


class Invalid(DomainError):
    """Typed text that is not a value of its kind.

    ``code`` is one of ``codes`` and ``params`` fills the message's blanks (``year``, ``n``);
    neither ever repeats the input.
    """

    code = "invalid"
    codes: ClassVar[tuple[str, ...]] = ()

    def __init__(self, code: str, params: Mapping[str, str] | None = None) -> None:
        """Make the error of this ``code``."""
        super().__init__(code)
        self.code = code
        self.params: Mapping[str, str] = MappingProxyType(dict(params or {}))
