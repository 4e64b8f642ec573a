"""Reads registries' answers member by member. Raises NotUnderstood for an unexpected one."""

import re
from collections.abc import Mapping
from typing import Any

from idp.adapters.registries.http_json import NotUnderstood
from idp.domain.people.certificate import InvalidSeries, Series
from idp.domain.people.national_id import NationalId
from idp.domain.people.person import Gender, RegistryBirth
from idp.domain.persian.jalali import JalaliDate
from idp.domain.registration.verdict import RegistryAnswer, Unavailable

LONGEST_TEXT = 100
UNAVAILABLE: RegistryAnswer = Unavailable()
_BIRTH = re.compile(r"([0-9]{4})[/-]?([0-9]{2})[/-]?([0-9]{2})")
_DIGITS = re.compile(r"[0-9]{1,12}")


def child(answer: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    """Return the object at ``path``."""
    found: object = answer
    for name in path:
        if not isinstance(found, Mapping) or name not in found:
            raise NotUnderstood(f"no_{path[-1]}")
        found = found[name]
    if not isinstance(found, Mapping):
        raise NotUnderstood(f"no_{path[-1]}")
    return found


def text(answer: Mapping[str, Any], name: str) -> str:
    """Return the text ``name``, stripped, at most 100 characters, printable; it may be empty."""
    value = answer.get(name)
    if not isinstance(value, str):
        raise NotUnderstood(f"no_{name}")
    stripped = value.strip()
    if len(stripped) > LONGEST_TEXT or any(_is_control(c) for c in stripped):
        raise NotUnderstood(f"odd_{name}")
    return stripped


def name_text(answer: Mapping[str, Any], name: str) -> str:
    """Return the text ``name``, which must hold a letter."""
    return checked_name(text(answer, name), name)


def checked_name(value: str, name: str) -> str:
    """Return ``value`` when it holds a letter and no digit or markup."""
    if not any(c.isalpha() for c in value) or re.search(r"[0-9<>{}]", value):
        raise NotUnderstood(f"odd_{name}")
    return value


def digits(answer: Mapping[str, Any], name: str) -> str:
    """Return the whole number ``name``, given as a number or as text, as ASCII digits."""
    value = answer.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        value = str(value)
    if not isinstance(value, str) or not _DIGITS.fullmatch(value.strip()):
        raise NotUnderstood(f"no_{name}")
    return value.strip()


def flag(answer: Mapping[str, Any], name: str) -> bool:
    """Return the JSON boolean ``name``; ``"true"`` and 1 are none."""
    value = answer.get(name)
    if not isinstance(value, bool):
        raise NotUnderstood(f"no_{name}")
    return value


def same_national_id(answer: Mapping[str, Any], name: str, asked: NationalId) -> NationalId:
    """Return the ID that was asked for when the answer echoes it; numbers lose leading zeros."""
    if digits(answer, name).zfill(10) != asked.value:
        raise NotUnderstood("another_person")
    return asked


def same_birth(answer: Mapping[str, Any], name: str, asked: JalaliDate) -> RegistryBirth:
    """Return the birth date if it is the one asked for; unknown parts (0) are not compared."""
    value = answer.get(name)
    written = _BIRTH.fullmatch(str(value)) if isinstance(value, str | int) else None
    if written is None:
        raise NotUnderstood(f"no_{name}")
    birth = RegistryBirth(*map(int, written.groups()))
    if not birth.is_same_as(asked):
        raise NotUnderstood("another_person")
    return birth


def gender(answer: Mapping[str, Any], name: str, words: Mapping[str, Gender]) -> Gender:
    """Return the gender for the registry's word or number."""
    value = answer.get(name)
    word = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if word not in words:
        raise NotUnderstood(f"no_{name}")
    return words[word]


def serial(answer: Mapping[str, Any], name: str) -> str | None:
    """Return the certificate's serial, or None if the registry has none (empty or 0)."""
    value = answer.get(name, "absent")
    if value is None or value == "":
        return None
    found = digits(answer, name)
    return found if int(found) else None


def series(written: str) -> Series | None:
    """Return the certificate's series, or None if it is empty or in an unknown spelling.

    Re-issued certificates have ranks that no published list explains; all other fields of the
    person are still compared.
    """
    try:
        return Series.parse_registry_text(written)
    except InvalidSeries:
        return None


def _is_control(character: str) -> bool:
    return character < " " or character in "\x7f\ufffd"
