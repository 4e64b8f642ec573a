"""Reading what a later version wrote: during an upgrade both versions serve on one database."""

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any


def known_members(kind: type, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return those members of ``stored`` that are fields of the dataclass ``kind``.

    A member that this version does not know is left out, for the later version wrote it for itself.
    """
    return {name: stored[name] for name in _names(kind) if name in stored}


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))
