"""One hamza, five letters: how spellings of a name are made alike.

Persian writes the same hamza on another seat from one hand, keyboard and register to the next
(رئوف, رؤوف, رءوف), or leaves it out (روف, رووف); so does it with a closing ة (رحمةالله, رحمت‌الله).
No single folding makes all of these one text without making other names one. So a name has a few
keys, and two spellings are of one name when they share one.

Source: the Academy of Persian Language and Literature, دستور خط فارسی, its chapter on hamza.
"""

import re

from idp.domain.persian.characters import SAME_IN_COMPARISON

_BEFORE_WAW = re.compile("(?<=.)[ءؤئ]+(?=و)")  # رئوف, مسئول, سؤول: the waw alone is heard
_FOR_ALEF = re.compile("(?<=[^اآأإو])ئ(?=[^اآأإءؤئیو])")  # هیئت is هیأت, مسئله is مسأله
_INSIDE = re.compile("(?<=.)ء(?=.)")
_ANY = re.compile("[ءأإؤئ]+")
_BUT_HAMZA = {letter: to for letter, to in SAME_IN_COMPARISON.items() if letter != ord("ء")}


def by_sound(word: str) -> str:
    """Return ``word`` without hamza, as most people write it who leave it out."""
    word = _BEFORE_WAW.sub("", word)
    return _FOR_ALEF.sub("ا", word).translate(SAME_IN_COMPARISON)


def by_seat(word: str) -> str:
    """Return ``word`` with each hamza's seat for the hamza (رئیس is رییس)."""
    return word.translate(SAME_IN_COMPARISON)


def by_place(word: str) -> str:
    """Return ``word`` with one letter for a hamza, whichever seat it has."""
    return _ANY.sub("ء", word).translate(_BUT_HAMZA)


def as_yeh(word: str) -> str:
    """Return ``word`` by its sound, with yeh where a bare hamza, or one before waw, may be one.

    قاءم is قایم, and a register without hamza has ریوف for رؤوف.
    """
    return by_sound(_INSIDE.sub("ئ", _BEFORE_WAW.sub("ی", word)))


def with_open_teh(word: str) -> str:
    """Return ``word`` by its sound, with ت for ة."""
    return by_sound(word.replace("ة", "ت"))


SPELLINGS = (by_sound, by_seat, by_place, as_yeh, with_open_teh)
"""Every folding, the usual one first."""
