"""The cost of an SMS in segments, and the portal's name that may stand in one."""

from dataclasses import dataclass
from typing import Literal, Self

_GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM7_ESCAPED = frozenset("^{}\\[~]|€\f")
ONE_PART = 70
"""UCS-2 units of an SMS of one segment (3GPP TS 23.038)."""


LONGEST_NAME = 30
"""Characters of a portal's name in an SMS: with the longest, a code still takes two segments."""


@dataclass(frozen=True, slots=True)
class SmsName:
    """A portal's name that may stand in an SMS of the organisation.

    ``Client.sms_name`` alone makes one: by a name that no administrator has read, an attacker could
    send words to any phone (attack O17).
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
    """``units`` are septets or UTF-16 code units; ``parts`` are the segments, which are billed."""

    encoding: Literal["GSM7", "UCS2"]
    units: int
    parts: int


def sms_parts(text: str) -> SmsParts:
    """Return how many segments an SMS with this ``text`` has.

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
