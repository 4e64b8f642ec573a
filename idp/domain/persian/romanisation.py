"""Finding a Persian name in Latin text: romanised, or typed with the English layout on.

The matcher goes letter by letter over sets of positions. A regular expression built from the name
would be exponential: attackers type the names, and every letter has optional spellings.
"""

import re
from collections.abc import Iterator

from idp.domain.persian.names import SAYYID, name_words

_VOWELS = frozenset("aeiouy")
_UNWRITTEN_VOWELS = 2
"""The most vowels that may stand between two letters: Mohammad, Moohamad."""

_LATIN = {
    "ا": ("", "a", "aa", "e", "o", "i", "u"),
    "آ": ("a", "aa"),
    "ب": ("b",),
    "پ": ("p",),
    "ت": ("t",),
    "ث": ("s", "th"),
    "ج": ("j", "g", "dj"),
    "چ": ("ch", "c", "tch"),
    "ح": ("h",),
    "خ": ("kh", "x", "k", "gh"),
    "د": ("d",),
    "ذ": ("z", "dh"),
    "ر": ("r",),
    "ز": ("z",),
    "ژ": ("zh", "j", "z"),
    "س": ("s", "c"),
    "ش": ("sh", "s", "ch"),
    "ص": ("s",),
    "ض": ("z", "dh"),
    "ط": ("t",),
    "ظ": ("z",),
    "ع": ("", "a", "e", "o", "i", "u"),
    "غ": ("gh", "q", "g"),
    "ف": ("f", "ph"),
    "ق": ("gh", "q", "g", "k"),
    "ک": ("k", "c"),
    "گ": ("g",),
    "ل": ("l",),
    "م": ("m",),
    "ن": ("n",),
    "و": ("v", "w", "o", "ou", "oo", "u", "aw", "a"),
    "ه": ("", "h"),
    "ی": ("y", "i", "ee", "e", "ie", "ei", "ey"),
    "ئ": ("", "e", "i", "y"),
    "ؤ": ("", "o", "u", "v"),
    "ء": ("",),
    "أ": ("a",),
    "إ": ("e",),
    "ة": ("", "h", "t"),
    "ۀ": ("", "h"),
}
_ANCHORS = frozenset("بپتثجچحخدذرزژسشصضطظغفقکگلمن")
"""Consonants that make a match significant; vowel letters, ع and ه do not."""

_ISIRI_9147 = dict(
    zip(
        "ضصثقفغعهخحشسیبلاتنمظطزرذدپؤئآژةأإء",
        "qwertyuiopasdfghjklzxcvbnmashcjgfm",
        strict=True,
    )
)
_MS_LEGACY = {**_ISIRI_9147, "پ": "", "ئ": "m", "ژ": "c", "آ": "h"}
"""The Latin key under each Persian letter; keys without a letter (ج چ ک گ و) leave no trace.

Sources: ISIRI 9147 as in xkb-data 2.35.1, symbols ir(pes); the Windows layout where it differs.
"""

_LEET = str.maketrans("013457@$!", "oieastasi")
_COMPOUND_HEADS = (
    *("محمد", "امیر", "علی", "غلام", "حسین", "حسن", "سید", "شاه", "میر", "نور"),
    *("زهرا", "فاطمه", "مریم"),
)
_COMPOUND_TAILS = frozenset(
    (
        *("رضا", "حسین", "حسن", "علی", "مهدی", "اکبر", "اصغر", "محمد", "امین", "عباس"),
        *("کاظم", "صادق", "باقر", "جواد", "طاها", "سادات", "زهرا"),
    )
)

_Piece = tuple[str, ...]


def contains_name(latin: str, *names: str) -> bool:
    """Return whether ``latin`` has one of the Persian ``names``, a word of one or half a compound.

    Long names match anywhere in the letters; short ones (علی، رضا) only as a whole run of letters
    or a CamelCase piece, so that ordinary words pass. Titles (سید) are ignored. The running time
    grows with the product of the lengths; callers bound them.

    Source: the guide («گذرواژه نباید شامل نام، نام خانوادگی … باشد»).
    """
    target = _Target.of(latin)
    return any(target.holds(word) for name in names for word in _telling_words(name))


class _Target:
    """A Latin text in the forms that are searched for names."""

    def __init__(self, letters: str, unleeted: str, runs: frozenset[str]) -> None:
        self.letters, self.unleeted, self.runs = letters, unleeted, runs

    @classmethod
    def of(cls, latin: str) -> "_Target":
        """Return its letters, its letters with leet digits undone (4 is a), and its words."""
        lower = latin.lower()
        words = re.findall(r"[a-z]+", lower) + re.findall(r"[A-Z][a-z]*|[a-z]+", latin)
        return cls(
            letters=re.sub(r"[^a-z]", "", lower),
            unleeted=re.sub(r"[^a-z]", "", lower.translate(_LEET)),
            runs=frozenset(word.lower() for word in words),
        )

    def holds(self, word: str) -> bool:
        return self._holds_typed(word) or self._holds_romanised(word)

    def _holds_typed(self, word: str) -> bool:
        typed = {_typed_on(layout, word) for layout in (_ISIRI_9147, _MS_LEGACY)}
        return any(
            (len(keys) >= 4 and keys in self.letters) or (len(keys) == 3 and keys in self.runs)
            for keys in typed
        )

    def _holds_romanised(self, word: str) -> bool:
        anchors = sum(letter in _ANCHORS for letter in word)
        pieces = _pieces(word.replace("آ", "ا"))
        if anchors >= 3:
            return any(_is_somewhere(pieces, text) for text in (self.letters, self.unleeted))
        if anchors and len(word) >= 2:
            return any(len(run) >= 3 and len(run) in _ends(pieces, run, 0) for run in self.runs)
        return False


def _telling_words(name: str) -> set[str]:
    words = [word for word in name_words(name) if word not in SAYYID]
    words.append("".join(words))
    halves = [half for word in words for half in _halves(word)]
    return {word for word in words + halves if word} - set(SAYYID)


def _halves(word: str) -> tuple[str, ...]:
    """Return (محمد, رضا) for محمدرضا, nothing for a simple name."""
    for head in _COMPOUND_HEADS:
        if word.startswith(head) and word.removeprefix(head) in _COMPOUND_TAILS:
            return head, word.removeprefix(head)
    return ()


def _typed_on(layout: dict[str, str], word: str) -> str:
    return "".join(layout.get(letter, "") for letter in word)


def _pieces(word: str) -> list[_Piece]:
    return list(_spellings(word))


def _spellings(word: str) -> Iterator[_Piece]:
    before = ""
    for place, letter in enumerate(word):
        spellings = _LATIN.get(letter, ())
        if spellings and letter != before:  # a doubled Persian letter is one sound
            if letter in _ANCHORS:  # Abbas, Mohammad: one Persian letter, two Latin ones
                spellings += tuple(latin * 2 for latin in spellings if len(latin) == 1)
            if place == 0 and word.startswith("یو"):  # Yousef, Usef
                spellings += ("",)
            yield spellings
        before = letter


def _is_somewhere(pieces: list[_Piece], text: str) -> bool:
    return any(end - start >= 4 for start in range(len(text)) for end in _ends(pieces, text, start))


def _ends(pieces: list[_Piece], text: str, start: int) -> set[int]:
    """Return where the name can end when it begins at ``start``."""
    places = {start}
    for number, spellings in enumerate(pieces):
        if number:
            places = _over_vowels(places, text)
        places = {
            place + len(latin)
            for place in places
            for latin in spellings
            if text.startswith(latin, place)
        }
        if not places:
            break
    return places


def _over_vowels(places: set[int], text: str) -> set[int]:
    for _ in range(_UNWRITTEN_VOWELS):
        places = places | {
            place + 1 for place in places if place < len(text) and text[place] in _VOWELS
        }
    return places
