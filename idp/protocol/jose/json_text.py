"""Untrusted JSON: its depth is checked before it is parsed."""

import json
import math
from typing import Any, NoReturn

MAX_DEPTH = 8


class NotJson(ValueError):
    """Text that is no JSON object within the bounds."""


def read_object(text: str | bytes, *, max_depth: int = MAX_DEPTH) -> dict[str, Any]:
    """Return the JSON object in ``text``: no NaN, no repeated member, at most ``max_depth`` deep.

    Bytes must be UTF-8. The depth is counted before parsing: the parser recurses (attack J06).

    Raises:
        NotJson: for everything else.
    """
    try:
        decoded = text.decode("utf-8") if isinstance(text, bytes) else text
        value = None if _is_deeper(decoded, max_depth) else _DECODER.decode(decoded)
    except ValueError as error:
        raise NotJson("not JSON") from error
    if not isinstance(value, dict):
        raise NotJson("not an object")
    return value


def _is_deeper(text: str, bound: int) -> bool:
    """Return whether the JSON may be deeper than ``bound``; brackets inside strings count too."""
    opened = text.count("[") + text.count("{")
    return opened > bound and _depth(text) > bound


def _depth(text: str) -> int:
    """Return an upper bound of the depth, in linear time."""
    deepest = depth = 0
    for character in text:
        if character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def _refuse(constant: str) -> NoReturn:
    raise NotJson(f"{constant} is no JSON number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise NotJson("number out of range")
    return number


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotJson("member twice")
    return members


_DECODER = json.JSONDecoder(
    parse_constant=_refuse, parse_float=_finite, object_pairs_hook=_without_repetition
)
