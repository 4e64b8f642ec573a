"""Bech32 (BIP 173), in which age writes its keys: a prefix, the bytes, a check of six letters."""

from collections.abc import Iterable, Iterator

_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECK_LENGTH = 6


def encode(prefix: str, data: bytes) -> str:
    """Return ``data`` as text in small letters."""
    words = list(_regrouped(data, 8, 5))
    if rest := len(data) * 8 % 5:
        words.append((data[-1] << (5 - rest)) & 31)
    letters = "".join(_LETTERS[word] for word in [*words, *_check(prefix, words)])
    return f"{prefix}1{letters}"


def decode(text: str) -> tuple[str, bytes]:
    """Return prefix and bytes.

    Raises:
        ValueError: mixed capitals, another letter, or a check that does not match.
    """
    if text not in {text.lower(), text.upper()}:
        raise ValueError("capitals and small letters are mixed")
    prefix, _, letters = text.lower().rpartition("1")
    if not prefix or not set(letters) <= set(_LETTERS) or len(letters) < _CHECK_LENGTH:
        raise ValueError("is no bech32")
    words = [_LETTERS.index(letter) for letter in letters]
    if _polymod([*_expanded(prefix), *words]) != 1:
        raise ValueError("its check does not match: a letter is wrong or missing")
    return prefix, bytes(_regrouped(words[:-_CHECK_LENGTH], 5, 8))


def _check(prefix: str, words: list[int]) -> list[int]:
    rest = _polymod([*_expanded(prefix), *words, *([0] * _CHECK_LENGTH)]) ^ 1
    return [(rest >> 5 * (_CHECK_LENGTH - 1 - place)) & 31 for place in range(_CHECK_LENGTH)]


def _expanded(prefix: str) -> list[int]:
    codes = prefix.encode("ascii")
    return [*(code >> 5 for code in codes), 0, *(code & 31 for code in codes)]


def _polymod(values: Iterable[int]) -> int:
    rest = 1
    for value in values:
        top = rest >> 25
        rest = (rest & 0x1FFFFFF) << 5 ^ value
        for place, one in enumerate(_GENERATOR):
            rest ^= one if (top >> place) & 1 else 0
    return rest


def _regrouped(data: Iterable[int], size: int, wanted: int) -> Iterator[int]:
    """Yield the bits of ``data`` in whole groups of another size; the rest is left out."""
    held, count = 0, 0
    for value in data:
        held, count = (held << size | value) & 0xFFF, count + size
        while count >= wanted:
            count -= wanted
            yield (held >> count) & ((1 << wanted) - 1)
