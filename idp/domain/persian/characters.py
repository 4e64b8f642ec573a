"""Facts about the characters that reach Persian fields: one letter has many code points.

Sources: Unicode 15 (Arabic, Arabic Presentation Forms A and B), ISIRI 6219. NFKC unifies none of
the yeh, kaf and heh families, so the tables are our own.
"""

import re
from itertools import chain

ZWNJ = "\u200c"
TATWEEL = "\u0640"
HAMZA_MARKS = "\u0654\u0655"
HIGH_HAMZA = "\u0674"
"""Looks like the mark above a letter, and is typed for it."""

BIDI_CONTROLS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
INVISIBLE = BIDI_CONTROLS + "\ufeff\u200b\u2060\u00ad\u180e\u200d"
"""Never carry meaning: bidi controls, BOM, zero-width space, word joiner, soft hyphen, ZWJ."""

HARAKAT = "".join(
    map(
        chr,
        chain(
            range(0x0610, 0x061B),
            range(0x064B, 0x0654),
            range(0x0656, 0x0660),
            (0x0670,),
            range(0x06D6, 0x06DD),
            range(0x06DF, 0x06E5),
            (0x06E7, 0x06E8),
            range(0x06EA, 0x06EE),
        ),
    )
)

NBSP = "\u00a0"
"""The blank that ends no line."""

BLANKS = r"\s\u00a0\u2000-\u200a\u202f\u205f\u3000"
HYPHENS = r"\-\u2010-\u2015"
"""Both for use inside a character class."""

PERSIAN_LETTERS = frozenset("آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیءأؤئإةۀ")

SAME_LETTER = str.maketrans(
    {
        **dict.fromkeys("يىېۍےؠ", "ی"),
        **dict.fromkeys("كڪ", "ک"),
        **dict.fromkeys("ہھە", "ه"),
        "ګ": "گ",
        "ۂ": "ۀ",
        "ۃ": "ة",
        "ٱ": "ا",
        "ٲ": "أ",
        "ٳ": "إ",
    }
)
"""The same letter from another keyboard: folded for display too."""

SAME_IN_COMPARISON = str.maketrans(
    {
        **dict.fromkeys("آأإٱ", "ا"),
        "ؤ": "و",
        "ئ": "ی",
        "ء": "",
        "ة": "ه",
        "ۀ": "ه",
    }
)
"""Real letters that people and registries write in different ways: folded for comparison only."""

_DROP_INVISIBLE = dict.fromkeys(map(ord, INVISIBLE))
_ARABIC_SCRIPT = re.compile("[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc]")


def drop_invisible(text: str) -> str:
    """Return ``text`` without characters that never carry meaning; ZWNJ stays."""
    return text.translate(_DROP_INVISIBLE)


def has_persian_letters(text: str) -> bool:
    """Return whether ``text`` has a character of the Arabic script, digits included.

    Pages answer each of them with the guide's sentence about the EN keyboard.
    """
    return _ARABIC_SCRIPT.search(text) is not None
