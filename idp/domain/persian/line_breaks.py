"""Blanks at which no line of a page ends."""

import re
from functools import lru_cache

from idp.domain.persian.characters import NBSP

_BEFORE_UNIT = re.compile(
    r"(?:(?<=[0-9۰-۹}])|(?<=\)s)) (?=ثانیه|دقیقه|ساعت|روز|رقم|(?:second|minute|hour|day|digit)s?\b)"
    r"|(?<=\bساعت) (?=[0-9۰-۹{]|%\()"
)
"""Before a unit, behind a number or the placeholder of one; and between «ساعت» and its number."""


@lru_cache(maxsize=4096)
def unbroken(sentence: str) -> str:
    """Return a sentence, or its template, in which numbers stay in one line with their units."""
    return _BEFORE_UNIT.sub(NBSP, sentence)
