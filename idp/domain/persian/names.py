"""Persian names: normalising them for the store, and comparing two spellings."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Self

from idp.domain.errors import Invalid
from idp.domain.persian.characters import (
    BLANKS,
    HAMZA_MARKS,
    HARAKAT,
    HIGH_HAMZA,
    HYPHENS,
    PERSIAN_LETTERS,
    SAME_LETTER,
    TATWEEL,
    ZWNJ,
    drop_invisible,
)
from idp.domain.persian.hamza import SPELLINGS, by_seat, by_sound

MAX_LETTERS = 50
_MAX_TYPED = 500
"""Far above any name with its marks and blanks; longer text is refused before any work is done."""

SAYYID = ("سید", "سیده", "السید")
_HONORIFICS = (
    *("حاج", "حاجی", "حاجیه", "کربلایی", "مشهدی", "دکتر", "مهندس"),
    *("آقای", "خانم", "جناب", "سرکار"),
)
_TITLES = frozenset(map(by_seat, SAYYID + _HONORIFICS))

_ALIASES = {
    "اسمعیل": "اسماعیل",
    "رحمن": "رحمان",
    "اسحق": "اسحاق",
    "ابرهیم": "ابراهیم",
    "هرون": "هارون",
    "لقمن": "لقمان",
    "یس": "یاسین",
    "طه": "طاها",
    "داوود": "داود",
    "سلیمن": "سلیمان",
}
"""Alternative spellings of registered names: whole words, after folding for comparison."""

_ALLAH_LIGATURE = re.compile("ا?\ufdf2")  # the ligature carries its own alef
_BLANKS_AND_HYPHENS = re.compile(rf"[{BLANKS}{HYPHENS}]+")
_ZWNJS = re.compile(f"{ZWNJ}+")
_BLANK_BESIDE_ZWNJ = re.compile(f"{ZWNJ}? {ZWNJ}?")
_MARKS = dict.fromkeys(map(ord, TATWEEL + HARAKAT))
_HAMZAS = dict.fromkeys(map(ord, HAMZA_MARKS))
_DOUBLED = re.compile("(و)و+|(ل)ل+(?=ه)")  # طاووس is طاوس, الله is اله
_SEPARATORS = dict.fromkeys(map(ord, " " + ZWNJ))


class InvalidName(Invalid):
    """Typed text that is no Persian name; ``script``: a character that is no Persian letter."""

    codes = ("empty", "digit", "script", "length")


@dataclass(frozen=True, slots=True)
class PersonName:
    """A given or family name in its stored form: Persian letters, single blanks, single ZWNJ."""

    value: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the name in ``text``: 2 to 50 Persian letters, letters of other keyboards folded.

        Raises:
            InvalidName: with one of its codes, the first that applies.
        """
        if len(text) > _MAX_TYPED:
            raise InvalidName("length")
        stored = stored_form(text)
        letters = stored.translate(_SEPARATORS)
        if not letters:
            raise InvalidName("empty")
        if any(letter.isdigit() for letter in letters):
            raise InvalidName("digit")
        if not PERSIAN_LETTERS.issuperset(letters):
            raise InvalidName("script")
        if not 2 <= len(letters) <= MAX_LETTERS:
            raise InvalidName("length")
        return cls(stored)


def stored_form(text: str) -> str:
    """Return ``text`` as it is stored and shown: one code point a letter, no invisible characters.

    Folds nothing that changes how a name reads; validates nothing.
    """
    text = unicodedata.normalize("NFC", text.replace(HIGH_HAMZA, HAMZA_MARKS[0]))
    text = _ALLAH_LIGATURE.sub("الله", text)
    text = unicodedata.normalize("NFC", "".join(map(_plain_letter, text)))
    text = drop_invisible(text).translate(_MARKS).translate(SAME_LETTER)
    text = text.replace("ه\u0654", "ۀ").replace("ی\u0654", "ئ").translate(_HAMZAS)
    text = _BLANKS_AND_HYPHENS.sub(" ", text)
    text = _ZWNJS.sub(ZWNJ, text)
    text = _BLANK_BESIDE_ZWNJ.sub(" ", text)
    return re.sub(" +", " ", text).strip(f" {ZWNJ}")


def _plain_letter(character: str) -> str:
    """Return the letter of a presentation form (from a PDF); NFKC folds nothing else here."""
    if "\ufb50" <= character <= "\ufdff" or "\ufe70" <= character <= "\ufefc":
        return unicodedata.normalize("NFKC", character)
    return character


def name_words(text: str) -> list[str]:
    """Return the words of a name in its stored form, split at blanks and ZWNJ."""
    return [word for word in re.split(f"[ {ZWNJ}]+", stored_form(text)) if word]


def name_key(text: str) -> str:
    """Return the comparison key that the usual spellings of a name share; may be empty.

    Seats of hamza, variants of alef and heh, blanks, ZWNJ and the known old spellings are folded.
    The key of a key is that key. ``compare_names`` accepts further spellings.
    """
    return _key(name_words(text), by_sound)


def _key(words: list[str], fold: Callable[[str], str]) -> str:
    return _plain("".join(_plain(fold(word)) for word in words))


def _plain(text: str) -> str:
    text = _DOUBLED.sub(r"\1\2", text)
    return _ALIASES.get(text, text)


def _keys(words: list[str]) -> set[str]:
    return {_key(words, fold) for fold in SPELLINGS}


class NameMatch(StrEnum):
    """How two names compare. ``near`` is one edit apart: no match, only a reason for the desk."""

    MATCH = "match"
    NEAR = "near"
    MISMATCH = "mismatch"


def compare_names(claimed: str, registered: str, part: Literal["given", "family"]) -> NameMatch:
    """Return whether the citizen's and the registry's spelling are of the same name.

    Titles in given names are ignored: the registry often has «سید» where the citizen types none
    (Civil Registration Act, article 20, note 5). In family names every word counts. Compound names
    match as a whole («محمد» is not «محمدرضا»). Punctuation in a register's text only separates
    words. An empty name matches nothing.
    """
    claimed_words, registered_words = _letters(claimed), _letters(registered)
    claimed_key, registered_key = _key(claimed_words, by_sound), _key(registered_words, by_sound)
    if not claimed_key or not registered_key:
        return NameMatch.MISMATCH
    if _keys(claimed_words) & _keys(registered_words):
        return NameMatch.MATCH
    if part == "given" and _same_without_titles(claimed_words, registered_words):
        return NameMatch.MATCH
    if min(len(claimed_key), len(registered_key)) >= 5 and _one_edit_apart(
        claimed_key, registered_key
    ):
        return NameMatch.NEAR
    return NameMatch.MISMATCH


def _letters(text: str) -> list[str]:
    """Return the words of a name, split at everything but letters, digits and marks of letters."""
    return name_words("".join(one if _belongs_to_a_word(one) else " " for one in stored_form(text)))


def _belongs_to_a_word(character: str) -> bool:
    return (
        character == ZWNJ or character.isalnum() or unicodedata.category(character).startswith("M")
    )


def _same_without_titles(one: list[str], other: list[str]) -> bool:
    first, second = _keys(_without_titles(one)), _keys(_without_titles(other))
    return bool(
        _with_and_without_sayyid(first) & second or first & _with_and_without_sayyid(second)
    )


def _with_and_without_sayyid(keys: set[str]) -> set[str]:
    return keys | set(map(_without_glued_sayyid, keys))


def _without_titles(words: list[str]) -> list[str]:
    """Return the words after leading titles; the last word stays, it may be the name itself."""
    start = 0
    while start < len(words) - 1 and by_seat(words[start]) in _TITLES:
        start += 1
    return words[start:]


def _without_glued_sayyid(key: str) -> str:
    """Return ``key`` without a «سید» written together with a name of at least three letters."""
    for title in ("سیده", "سید"):
        if key.startswith(title) and len(key) - len(title) >= 3:
            return key.removeprefix(title)
    return key


def _one_edit_apart(one: str, other: str) -> bool:
    """Return whether the texts differ by one added, removed or changed letter, or one swap."""
    while one and other and one[0] == other[0]:
        one, other = one[1:], other[1:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    longest = max(len(one), len(other))
    return longest == 1 or (longest == 2 and one == other[::-1])
