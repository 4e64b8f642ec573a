"""The guide's rules for passwords, and two of our own (too long, too common)."""

import re
from importlib.resources import files

from idp.domain.people.national_id import NationalId
from idp.domain.persian.characters import has_persian_letters
from idp.domain.persian.names import PersonName
from idp.domain.persian.romanisation import contains_name

__all__ = ["MAX_LENGTH", "MIN_LENGTH", "VIOLATIONS", "has_persian_letters", "password_violations"]

MIN_LENGTH = 8
MAX_LENGTH = 128

VIOLATIONS = (
    *("charset", "start_letter", "classes", "too_short"),
    *("contains_name", "contains_nid", "too_long", "common"),
)
"""Every code, in the order in which pages list them."""

_ALLOWED = re.compile(r"[A-Za-z0-9&%$#!]+")
_CLASSES = tuple(map(re.compile, ("[A-Z]", "[a-z]", "[0-9]")))
_SHORTEST_TELLING_ID = 7
"""A national ID is searched without leading zeros where that leaves so many digits or more."""

COMMON_PASSWORDS = frozenset(
    files("idp.domain").joinpath("data", "common_passwords.txt").read_text("ascii").split()
)
"""In lower case; ``data/README.md`` says how the list was made."""


def password_violations(
    password: str,
    *,
    given: PersonName | str,
    family: PersonName | str,
    national_id: NationalId | str,
) -> tuple[str, ...]:
    """Return the codes of every broken rule, in the order of VIOLATIONS; empty means good.

    The password is judged as typed: no digit or letter is folded. Names may be unparsed or empty,
    so that a form with other errors also lists those of its password.

    Source: the guide's list of password rules; the length limit and the list of common passwords
    follow NIST SP 800-63B.
    """
    broken = {
        "charset": not _ALLOWED.fullmatch(password),
        "start_letter": not re.match("[A-Za-z]", password),
        "classes": not all(one.search(password) for one in _CLASSES),
        "too_short": len(password) < MIN_LENGTH,
        "contains_name": _contains_name(password, given, family),
        "contains_nid": _contains_national_id(password, national_id),
        "too_long": len(password) > MAX_LENGTH,
        "common": password.lower() in COMMON_PASSWORDS,
    }
    return tuple(code for code in VIOLATIONS if broken[code])


def _contains_name(password: str, *names: PersonName | str) -> bool:
    if len(password) > MAX_LENGTH:  # refused anyway; keeps the search bounded
        return False
    texts = [name.value if isinstance(name, PersonName) else name[:MAX_LENGTH] for name in names]
    return contains_name(password, *texts)


def _contains_national_id(password: str, national_id: NationalId | str) -> bool:
    number = national_id.value if isinstance(national_id, NationalId) else national_id
    digits = re.sub("[^0-9]", "", password)
    short = number.lstrip("0")
    wanted = short if len(short) >= _SHORTEST_TELLING_ID else number
    return bool(wanted) and wanted in digits
