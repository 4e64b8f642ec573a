"""Settings files with secrets: only their owner may read them (attack OP14)."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr

from idp.settings.sections import Settings

OTHERS_MAY = 0o077


def readable_secrets(
    files: Mapping[Path, Mapping[str, object]], settings: Settings
) -> Iterator[str]:
    """Yield a problem for each file with a secret that users other than its owner may open."""
    for path, values in files.items():
        mode = path.stat().st_mode & 0o777
        if mode & OTHERS_MAY and _names_a_secret(values, settings):
            yield f"{path}: holds secrets and has the mode {mode:04o}: chmod 0600 {path}"


def _names_a_secret(values: Mapping[str, object], section: object) -> bool:
    return any(
        _names_a_secret(value, getattr(section, key))
        if isinstance(value, Mapping) and isinstance(getattr(section, key), BaseModel)
        else bool(value) and _is_secret(getattr(section, key))
        for key, value in values.items()
    )


def _is_secret(value: object) -> bool:
    if isinstance(value, SecretStr):
        return bool(value.get_secret_value())
    if isinstance(value, tuple):
        return any(map(_is_secret, value))
    if isinstance(value, BaseModel):
        return any(_is_secret(getattr(value, name)) for name in type(value).model_fields)
    return isinstance(value, str) and "://" in value and _has_password(value)


def _has_password(url: str) -> bool:
    """Return whether an address has a password, in front of its host or as an option."""
    parts = urlsplit(url)
    return bool(parts.password) or "password=" in parts.query
