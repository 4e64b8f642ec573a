"""Folding the spellings of hamza in names.

Writers, keyboards and registers put the same hamza on different seats (رئوف, رؤوف, رءوف), or leave
it out (روف, رووف); a closing ة varies, too (رحمةالله, رحمت‌الله). No single folding unifies all of
these without also unifying different names. So a name has several keys, and two spellings are of
one name when they share a key.

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
    """Return ``word`` without hamza, in the usual spelling of those who leave it out."""
    word = _BEFORE_WAW.sub("", word)
    return _FOR_ALEF.sub("ا", word).translate(SAME_IN_COMPARISON)


def by_seat(word: str) -> str:
    """Return ``word`` with each hamza replaced by its seat (رئیس is رییس)."""
    return word.translate(SAME_IN_COMPARISON)


def by_place(word: str) -> str:
    """Return ``word`` with every hamza written as ``ء``, whatever its seat."""
    return _ANY.sub("ء", word).translate(_BUT_HAMZA)


def as_yeh(word: str) -> str:
    """Return ``by_sound(word)``, with yeh for a bare hamza inside and for one before waw.

    قاءم is قایم, and a register without hamza has ریوف for رؤوف.
    """
    return by_sound(_INSIDE.sub("ئ", _BEFORE_WAW.sub("ی", word)))


def with_open_teh(word: str) -> str:
    """Return ``by_sound(word)``, with ت for ة."""
    return by_sound(word.replace("ة", "ت"))


SPELLINGS = (by_sound, by_seat, by_place, as_yeh, with_open_teh)
"""Every folding, the usual one first."""
