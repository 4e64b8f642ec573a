"""The contact sheet docs/generated/screens.md: one row for each page and state of the tour."""

import re

from tests.web.tour import VISITS
from tests.web.visits import name_of

LANGUAGES = {"fa": "Persian", "en": "English"}
LOOKS = tuple((width, scheme) for width in (360, 1280) for scheme in ("light", "dark"))
OF_README = ("login/login.html: for a portal", "login.png")
"""The page and the file of the picture in the README: Persian, light, 1280 px, at full size."""
SHOWN = {360: 120, 1280: 260}
"""Width of a picture on the sheet."""
HEAD = """# Screens

Every page and state, at 360 px and 1280 px, in light and dark, in Persian and English.
`make screenshots` takes them of the hub's own answers in Chromium; the list of pages is
tests/web/tour.py. A picture leads to itself at full size.
"""


def file_of(name: str, width: int, scheme: str) -> str:
    """Return the name of a picture's file."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.replace(".html", "").lower()).strip("-")
    return f"{slug}-{width}-{scheme}.png"


def written() -> str:
    """Return the whole sheet."""
    return "\n".join([HEAD, *(line for language in LANGUAGES for line in _part(language))])


def _part(language: str) -> list[str]:
    lines = [f"## {LANGUAGES[language]}", ""]
    lines.append(
        "| page | " + " | ".join(f"{width} px, {scheme}" for width, scheme in LOOKS) + " |"
    )
    lines.append("|---" * (len(LOOKS) + 1) + "|")
    for visit in VISITS:
        cells = [_picture(language, name_of(visit), *look) for look in LOOKS]
        lines.append(f"| {name_of(visit)} | " + " | ".join(cells) + " |")
    return [*lines, ""]


def _picture(language: str, name: str, width: int, scheme: str) -> str:
    path = f"screens/{language}/{file_of(name, width, scheme)}"
    image = f'<img src="{path}" width="{SHOWN[width]}" alt="{name}" loading="lazy">'
    return f'<a href="{path}">{image}</a>'
