"""Colours as settings: their contrast, and lighter or darker mixtures of them."""

import re
from typing import Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import core_schema

READABLE = 4.5
"""The least contrast of text (WCAG 2.2, 1.4.3)."""

_HEX = re.compile(r"#[0-9a-fA-F]{6}")


class Colour(str):
    """An opaque sRGB colour as ``#rrggbb``."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the colour. Raises ValueError for anything but ``#rrggbb``."""
        if not _HEX.fullmatch(text):
            raise ValueError("must be a colour such as #0c6b63")
        return cls(text.lower())

    @classmethod
    def __get_pydantic_core_schema__(
        cls, _source: object, _handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Return the schema by which pydantic validates a colour."""
        return core_schema.no_info_after_validator_function(cls.parse, core_schema.str_schema())

    @property
    def parts(self) -> tuple[int, int, int]:
        """Red, green and blue, 0 to 255 each."""
        return int(self[1:3], 16), int(self[3:5], 16), int(self[5:7], 16)

    @property
    def luminance(self) -> float:
        """Relative luminance, 0 to 1 (WCAG 2.2, definition)."""
        red, green, blue = (_linear(part / 255) for part in self.parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def contrast(self, other: "Colour") -> float:
        """Return the contrast ratio to ``other``, 1 to 21 (WCAG 2.2, definition)."""
        darker, lighter = sorted((self.luminance, other.luminance))
        return (lighter + 0.05) / (darker + 0.05)

    def mixed(self, other: "Colour", share: float) -> "Colour":
        """Return this colour with ``share`` (0 to 1) of ``other`` in it."""
        pairs = zip(self.parts, other.parts, strict=True)
        mixed = [round(own + (theirs - own) * share) for own, theirs in pairs]
        return Colour("#{:02x}{:02x}{:02x}".format(*mixed))


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


WHITE, BLACK = Colour("#ffffff"), Colour("#000000")
