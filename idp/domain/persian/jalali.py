"""Jalali (solar Hijri) dates: parsing, validation, conversion, ages, Persian text."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Self

from persiantools.jdatetime import JalaliDate as _Converter

from idp.domain.errors import Invalid
from idp.domain.persian.characters import NBSP, drop_invisible
from idp.domain.persian.digits import to_ascii, to_persian

MONTHS = (
    *("فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور"),
    *("مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"),
)
FIRST_YEAR, LAST_YEAR = 1178, 1501
"""The years for which the 33-year rule is official; the bounds also keep Gregorian years out."""

TEHRAN = timezone(timedelta(hours=3, minutes=30))
"""Fixed since 2023; time zone tables older than 2022b still add the abolished summer time."""

_WRITTEN = re.compile(r"([0-9]{4})[/-]([0-9]{1,2})[/-]([0-9]{1,2})")


class InvalidDate(Invalid):
    """Numbers that are no date, or an age outside the limits.

    ``year``: the year is none of this calendar's, a Gregorian one perhaps, or two digits.
    ``esfand_29`` has ``year``: that year's Esfand has 29 days. ``too_young`` and ``too_old`` have
    ``n``: the age that is the limit.
    """

    codes = ("empty", "date", "year", "esfand_29", "too_young", "too_old")


@dataclass(frozen=True, slots=True, order=True)
class JalaliDate:
    """A day of the official calendar, 1178 to 1501; no other can be made."""

    year: int
    month: int
    day: int

    def __post_init__(self) -> None:
        """Raise InvalidDate for a day that does not exist."""
        if not FIRST_YEAR <= self.year <= LAST_YEAR:
            raise InvalidDate("year")
        if not 1 <= self.month <= 12:
            raise InvalidDate("date")
        if not 1 <= self.day <= days_in_month(self.year, self.month):
            if (self.month, self.day) == (12, 30):
                raise InvalidDate("esfand_29", {"year": str(self.year)})
            raise InvalidDate("date")

    @classmethod
    def of(cls, year: int, month: int, day: int) -> Self:
        """Return the date of three numbers.

        Raises:
            InvalidDate: ``year``, ``date``, or ``esfand_29`` for 30 Esfand of a common year.
        """
        return cls(year, month, day)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the date written as ``1360/05/12`` or with hyphens, in any digits.

        Raises:
            InvalidDate: ``empty``, or as ``of`` does.
        """
        typed = drop_invisible(to_ascii(text)).strip()
        if not typed:
            raise InvalidDate("empty")
        written = _WRITTEN.fullmatch(typed)
        if written is None:
            raise InvalidDate("date")
        return cls(*map(int, written.groups()))

    @classmethod
    def from_gregorian(cls, day: date) -> Self:
        """Return the same day in this calendar; raises InvalidDate outside 1178 to 1501."""
        if day.year < FIRST_YEAR + 621:  # the converter refuses days before its year 1
            raise InvalidDate("year")
        converted = _Converter(day)  # type: ignore[no-untyped-call] # persiantools 6.2 has half its types
        return cls(converted.year, converted.month, converted.day)

    def to_gregorian(self) -> date:
        """Return the same day in the Gregorian calendar."""
        converted = _Converter(self.year, self.month, self.day)  # type: ignore[no-untyped-call] # as above
        return converted.to_gregorian()

    def isoformat(self) -> str:
        """Return ``1360/05/12``, ASCII digits, padded."""
        return f"{self.year:04}/{self.month:02}/{self.day:02}"

    def age_on(self, other: "JalaliDate") -> int:
        """Return the whole years from this day to ``other``; negative when ``other`` is earlier.

        After a common year, a person born on 30 Esfand turns older on 1 Farvardin.
        """
        not_yet = (other.month, other.day) < (self.month, self.day)
        return other.year - self.year - not_yet

    def check_age(self, today: "JalaliDate", *, minimum: int, maximum: int) -> None:
        """Raise InvalidDate unless the age of a person born on this day is within the limits.

        ``date``: a future day; ``too_young``: below ``minimum``; ``too_old``: above ``maximum``.
        """
        if self > today:
            raise InvalidDate("date")
        age = self.age_on(today)
        if age < minimum:
            raise InvalidDate("too_young", {"n": str(minimum)})
        if age > maximum:
            raise InvalidDate("too_old", {"n": str(maximum)})

    def in_words(self) -> str:
        """Return the date in prose: «۲ آذر ۱۴۰۵». No line ends between day and month."""
        return to_persian(f"{self.day}{NBSP}{MONTHS[self.month - 1]} {self.year}")


def is_leap(year: int) -> bool:
    """Return whether Esfand of ``year`` has 30 days (33-year rule, official for 1178 to 1501)."""
    return (25 * year + 11) % 33 < 8


def days_in_month(year: int, month: int) -> int:
    """Return 31, 30 or 29 for a month 1 to 12."""
    if month <= 6:
        return 31
    return 29 if month == 12 and not is_leap(year) else 30


def today_in_tehran(now: datetime) -> JalaliDate:
    """Return the date in Tehran at the aware time ``now``."""
    return JalaliDate.from_gregorian(now.astimezone(TEHRAN).date())


def persian_datetime(now: datetime) -> str:
    """Return the aware time ``now`` as Persian text in Tehran time: «۲ آذر ۱۴۰۵ ساعت ۰۳:۱۰»."""
    local = now.astimezone(TEHRAN)
    return f"{today_in_tehran(now).in_words()} ساعت{NBSP}{to_persian(format(local, '%H:%M'))}"
