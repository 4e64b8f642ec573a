"""The vectors of ``tests/data``, as lists for parametrize."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "data"


def document(name: str) -> dict[str, Any]:
    """Return the whole JSON document."""
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))


def cases(name: str) -> list[dict[str, Any]]:
    """Return the document's cases."""
    return document(name)["cases"]
