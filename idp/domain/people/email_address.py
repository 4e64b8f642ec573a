"""E-mail addresses as citizens have them: ASCII, one @, a domain name."""

import re
from dataclasses import dataclass, field
from typing import Self

from email_validator import EmailNotValidError, validate_email

from idp.domain.errors import Invalid
from idp.domain.persian.characters import ZWNJ, drop_invisible, has_persian_letters

MAX_LENGTH = 254
# Stricter than RFC 5322; email-validator checks dots, hyphens and lengths by the RFCs.
_SHAPE = re.compile(
    r"[A-Za-z0-9_+'][A-Za-z0-9_+'.-]*"
    r"@[A-Za-z0-9.-]+\.[A-Za-z][A-Za-z0-9-]*[A-Za-z]"
)


class InvalidEmail(Invalid):
    """No e-mail address; ``persian``: typed on the Persian keyboard, ask for the EN one."""

    codes = ("empty", "length", "persian", "format")


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """An address with a lower-case domain; the local part is kept as typed (RFC 5321, 2.4)."""

    value: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the address in ``text``: at most 254 ASCII characters, dotted atoms, a domain.

        Text that some mail program would read as another address is refused (attack X16): encoded
        words (``=?``), routes (``%``, ``!``), quoted local parts, comments, groups, address
        literals, a leading hyphen, Unicode domains, and ``xn--`` labels that IDNA 2008 does not
        allow. So are domains without public mail (``.local``, ``.test``). No provider issues such
        addresses. Only the text is checked; nothing is looked up in DNS.

        Raises:
            InvalidEmail: with one of its codes, the first that applies.
        """
        typed = drop_invisible(text).replace(ZWNJ, "").strip()
        if not typed:
            raise InvalidEmail("empty")
        if len(typed) > MAX_LENGTH:
            raise InvalidEmail("length")
        if has_persian_letters(typed):
            raise InvalidEmail("persian")
        if not _SHAPE.fullmatch(typed):
            raise InvalidEmail("format")
        try:
            checked = validate_email(typed, check_deliverability=False, strict=True)
        except EmailNotValidError as error:
            raise InvalidEmail("format") from error
        # The local part as typed: email-validator writes a few names, as INFO, in lower case.
        local_part, _, _ = typed.partition("@")
        return cls(f"{local_part}@{checked.ascii_domain}")

    def masked(self) -> str:
        """Return the address for pages without a session: first character and domain are legible.

        The number of stars is always the same: it tells nothing of the length.
        """
        local_part, _, domain = self.value.partition("@")
        return f"{local_part[:1]}***@{domain}"
