"""Names and descriptions of portals, which come from their client files."""

from typing import Protocol

from idp.web.http.languages import Language, current


class Named(Protocol):
    """A portal: a client, or what the account's pages list."""

    @property
    def name(self) -> str:
        """The Persian name."""

    @property
    def name_en(self) -> str | None:
        """The English name, if the client file has one."""


def is_named_in_english(portal: Named) -> bool:
    """Return whether this page is in English and the portal has an English name."""
    return current() is Language.ENGLISH and portal.name_en is not None


def portal_name(portal: Named) -> str:
    """Return the portal's name in the language of this page; the Persian one if it has no other."""
    return portal.name_en or portal.name if is_named_in_english(portal) else portal.name
