"""JSON from outside, parsed strictly."""

import json
from typing import Any, NoReturn


class NotJson(ValueError):
    """Not a JSON object in UTF-8; the text says why and quotes nothing."""


def parse_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object in ``body``.

    Raises:
        NotJson: not UTF-8, no JSON, no object, a repeated member, NaN or Infinity, or nested too
            deeply (RFC 8259; repeated members mean different things to different readers).
    """
    try:
        parsed = json.loads(
            body.decode("utf-8"), object_pairs_hook=_unrepeated, parse_constant=_refuse
        )
    except (ValueError, RecursionError):
        raise NotJson("not_json") from None
    if not isinstance(parsed, dict):
        raise NotJson("not_an_object")
    return parsed


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotJson("repeated_member")
    return members


def _refuse(_: str) -> NoReturn:
    raise NotJson("not_a_number")
