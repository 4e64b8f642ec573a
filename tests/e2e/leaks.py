"""Looks for secrets in what a demo wrote: in a log, and in the bytes of a database."""

import json
import re
from collections.abc import Iterable, Iterator

NEAR = 40
"""Bytes before and after a leak, to see where it stands."""
SHORT = 6
"""Digits of a code: so few that microseconds and digests hold them by chance."""
DIGEST = 64
_TIME = re.compile(rb"[0-9]{2}:[0-9]{2}:[0-9]{2}\.\Z")
_LAST_HEX, _FIRST_HEX = re.compile(rb"[0-9a-f]*\Z"), re.compile(rb"[0-9a-f]*")


def leaks(secrets: Iterable[str], text: bytes) -> Iterator[str]:
    """Yield each secret that stands in the text, with what is around it."""
    for secret in secrets:
        for form in _forms(secret):
            for found in re.finditer(re.escape(form), text):
                if len(secret) > SHORT or not _is_chance(text, found):
                    near = text[max(0, found.start() - NEAR) : found.end() + NEAR]
                    yield f"{secret} in {near!r}"


def _forms(secret: str) -> set[bytes]:
    """As a column of text has it, and as one of JSON."""
    return {secret.encode(), json.dumps(secret)[1:-1].encode()}


def _is_chance(text: bytes, found: re.Match[bytes]) -> bool:
    """Return whether these are microseconds of a time, or digits of nothing but digests.

    Columns of a row stand side by side: a code beside a digest makes the run longer than digests.
    """
    before, after = text[: found.start()][-10 * DIGEST :], text[found.end() :][: 10 * DIGEST]
    if _TIME.search(before):
        return True
    left, right = _LAST_HEX.search(before), _FIRST_HEX.match(after)
    assert left
    assert right
    run = len(left.group()) + len(found.group()) + len(right.group())
    return run % DIGEST == 0
