"""Client files as text: the standard library reads TOML and does not write it."""

import json
from typing import Any


def toml_of(table: dict[str, Any]) -> str:
    """Return the table as TOML: JSON's values are TOML's, but for tables."""
    return "\n".join(f"{name} = {inline(value)}" for name, value in table.items()) + "\n"


def inline(value: object) -> str:
    """Return the value as TOML writes it on one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {inline(one)}" for name, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
