"""Domain errors: a small tree with stable codes; ``idp/web/words`` has their sentences."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar


class DomainError(Exception):
    """A domain rule refuses. ``code`` is stable and may be logged; it never contains typed text."""

    code: str = "domain"


class Invalid(DomainError):
    """Typed text that does not parse as a value of its type.

    ``code`` is one of ``codes``; ``params`` fills the placeholders of the message (``year``,
    ``n``). Neither ever repeats the input.
    """

    code = "invalid"
    codes: ClassVar[tuple[str, ...]] = ()

    def __init__(self, code: str, params: Mapping[str, str] | None = None) -> None:
        """Make the error of this ``code``."""
        super().__init__(code)
        self.code = code
        self.params: Mapping[str, str] = MappingProxyType(dict(params or {}))
