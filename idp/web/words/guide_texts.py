"""The texts of the registration guide by id: verbatim in Persian, translated in English."""

import json
from importlib.resources import files
from typing import Any

from idp.settings import Settings
from idp.web.http.languages import verbatim

_TEXTS: dict[str, Any] = json.loads(
    files("idp.web").joinpath("guide_texts.json").read_text("utf-8")
)
_SCREENS: dict[str, str] = _TEXTS["screens"]
_PAGE: dict[str, dict[str, str]] = _TEXTS["guide_page"]

PASSWORD_RULES = tuple(key for key in _SCREENS if key.startswith("pw.") and key != "pw.title")
"""Ids of the guide's rules for passwords, in its order."""

PICTURES = {key: row["picture"] for key, row in _PAGE.items() if "picture" in row}
"""Picture id by the id of the text above the picture, in the guide's order."""


def source(text_id: str) -> str:
    """Return a text of the screens in Persian; raises KeyError for an unknown id."""
    return _SCREENS[text_id]


def screen(text_id: str) -> str:
    """Return a text of the screens; raises KeyError for an unknown id."""
    return verbatim(source(text_id))


def guide_page(settings: Settings) -> dict[str, str]:
    """Return the texts of the guide's page by id: those whose condition these settings meet."""
    return {
        key: verbatim(row["text"])
        for key, row in _PAGE.items()
        if _holds(row.get("when", ""), settings)
    }


def every_text() -> tuple[str, ...]:
    """Return all texts in Persian, for the translators' catalogue."""
    return (*_SCREENS.values(), *(row["text"] for row in _PAGE.values()))


def _holds(when: str, settings: Settings) -> bool:
    """Return whether ``section.key = true|false`` holds; no condition always does."""
    if not when:
        return True
    path, _, wanted = when.partition(" = ")
    section, _, key = path.partition(".")
    return bool(getattr(getattr(settings, section), key)) is (wanted == "true")
