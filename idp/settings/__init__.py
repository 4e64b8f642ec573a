"""Settings: typed, frozen, read once. A wrong setting stops the start, and is named."""

import copy
import os
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from idp import resources
from idp.settings.contradictions import contradictions
from idp.settings.hash_queue import (
    hash_slots,
    places_kept_from_strangers,
    waiting_for_a_hash,
)
from idp.settings.own_files import readable_secrets
from idp.settings.production import exposures
from idp.settings.secret_keys import FIRST_PEPPER, key_bytes
from idp.settings.sections import (
    Endpoint,
    Kavenegar,
    Magfa,
    MailSection,
    Pkcs11,
    Registration,
    Settings,
)

__all__ = [
    "CONFIG_VARIABLE",
    "ENVIRONMENT_PREFIX",
    "FIRST_PEPPER",
    "Endpoint",
    "Kavenegar",
    "Magfa",
    "MailSection",
    "Pkcs11",
    "Registration",
    "Settings",
    "SettingsError",
    "exposures",
    "hash_slots",
    "key_bytes",
    "load",
    "places_kept_from_strangers",
    "waiting_for_a_hash",
]

ENVIRONMENT_PREFIX = "IDP__"
CONFIG_VARIABLE = "IDP_CONFIG"


class SettingsError(Exception):
    """A setting is unknown, missing, of the wrong type or contradicts another.

    The text has one line for each problem, with the key's name.
    """


def load(files: Iterable[Path] = (), environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings: the defaults, then each file, then ``IDP__SECTION__KEY`` variables.

    ``IDP_CONFIG`` names further files, separated like ``PATH``; they come before ``files``.

    Raises:
        SettingsError: names every wrong key and its problem; values are never shown.
    """
    variables = os.environ if environment is None else environment
    named = [Path(p) for p in variables.get(CONFIG_VARIABLE, "").split(os.pathsep) if p]
    values: dict[str, Any] = {}
    written = {path: _read(path) for path in [resources.default_settings(), *named, *files]}
    for one in written.values():
        _merge(values, copy.deepcopy(one))
    _merge(values, _from_environment(variables))
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsError(_explain(error)) from None
    wrong = list(contradictions(settings))
    if not settings.is_development:
        wrong += readable_secrets(written, settings)
    if wrong:
        raise SettingsError("\n".join(wrong))
    return settings


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: is not TOML ({error})") from error


def _merge(into: dict[str, Any], other: Mapping[str, Any]) -> None:
    for key, value in other.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value


def _from_environment(variables: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, text in variables.items():
        if name.startswith(ENVIRONMENT_PREFIX):
            *sections, key = name.removeprefix(ENVIRONMENT_PREFIX).lower().split("__")
            if not all((*sections, key)):
                raise SettingsError(f"{name}: a variable is called IDP__SECTION__KEY")
            _merge(values, _nested(sections, key, _value(text)))
    return values


def _value(text: str) -> object:
    """Return a list or table parsed as TOML, or the text itself."""
    if text[:1] in {"[", "{"}:
        try:
            return tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError:
            return text
    return text


def _nested(sections: list[str], key: str, value: object) -> dict[str, Any]:
    nested: dict[str, Any] = {key: value}
    for section in reversed(sections):
        nested = {section: nested}
    return nested


_WORDS = {"extra_forbidden": "there is no such setting"}


def _explain(error: ValidationError) -> str:
    lines = [
        f"{'.'.join(map(str, problem['loc']))}: {_WORDS.get(problem['type'], problem['msg'])}"
        for problem in error.errors(include_input=False, include_url=False)
    ]
    return "\n".join(lines)
