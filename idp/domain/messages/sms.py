"""What a text message costs, and the words of a one-time code."""

from dataclasses import dataclass
from typing import Literal, Self

_GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM7_ESCAPED = frozenset("^{}\\[~]|€\f")
ONE_PART = 70
"""Units of a Persian text that is not cut (3GPP TS 23.038)."""


LONGEST_NAME = 30
"""Characters of a portal's name in a text: with the longest one, a code still takes two parts."""


@dataclass(frozen=True, slots=True)
class SmsName:
    """A portal's name that may stand in a text, under the organisation's own sender.

    ``Client.sms_name`` alone makes one: names that nobody of the organisation has read are
    strangers' words to whoever's phone they like (attack O17).
    """

    value: str

    @classmethod
    def cut(cls, name: str) -> Self:
        """Return ``name``, cut to ``LONGEST_NAME`` characters with an ellipsis for the last."""
        if len(name) <= LONGEST_NAME:
            return cls(name)
        return cls(f"{name[: LONGEST_NAME - 1].rstrip()}…")


@dataclass(frozen=True, slots=True)
class SmsParts:
    """``units`` are septets or UTF-16 code units; ``parts`` is what is billed."""

    encoding: Literal["GSM7", "UCS2"]
    units: int
    parts: int


def sms_parts(text: str) -> SmsParts:
    """Return how ``text`` is cut for the air.

    Persian needs UCS-2: 70 units alone, 67 each when joined; Latin 160 and 153.

    Source: 3GPP TS 23.038 and 23.040.
    """
    if _GSM7_ESCAPED.union(_GSM7).issuperset(text):
        units = sum(2 if character in _GSM7_ESCAPED else 1 for character in text)
        return SmsParts("GSM7", units, _parts(units, alone=160, joined=153))
    units = len(text.encode("utf-16-be", "surrogatepass")) // 2
    return SmsParts("UCS2", units, _parts(units, alone=ONE_PART, joined=67))


def _parts(units: int, *, alone: int, joined: int) -> int:
    return 1 if units <= alone else -(-units // joined)
