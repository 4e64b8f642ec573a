"""Types of command-line arguments, which refuse personal values, and the prompt for such values.

Every user of the machine can see a command line (``ps``), and shells keep it: no national ID,
phone, code, answer or password is taken from it (attack OP10).
"""

import re
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar
from urllib.parse import parse_qsl, urlsplit

import click

from idp.cli.context import EXIT_USAGE, fail
from idp.domain.errors import Invalid
from idp.domain.people.national_id import NationalId
from idp.domain.persian.digits import to_ascii

FROM_INPUT = "-"
_NUMBER = re.compile(r"[0-9](?:[0-9\s/-]*[0-9]){8,}")
"""Nine digits or more: a phone, a national ID, also in groups and without its zeros."""
_ACCOUNT_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TRACKING_NUMBER = re.compile(r"[0-9]{10}")
NOT_HERE = "looks like a personal number, which is typed when it is asked for: never written here"

Command = TypeVar("Command", bound=Callable[..., object])


class _Text(click.ParamType[str]):
    """Text of a command line."""

    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text without white space around it."""
        text = value.strip() or self.fail("may not be empty", param, ctx)
        self.check(text, param, ctx)
        return text

    def check(self, text: str, param: click.Parameter | None, ctx: click.Context | None) -> None:
        """End the command where the text may not stand on a command line."""
        raise NotImplementedError


class Words(_Text):
    """Text for the audit: not empty, and without a personal number."""

    def check(self, text: str, param: click.Parameter | None, ctx: click.Context | None) -> None:
        """Refuse text that holds a long number."""
        if _NUMBER.search(to_ascii(text)):
            self.fail(NOT_HERE, param, ctx)


class Name(_Text):
    """The id of a client, a key, an invitation, an entry: no number."""

    name = "id"

    def check(self, text: str, param: click.Parameter | None, ctx: click.Context | None) -> None:
        """Refuse a text that is one long number: the hub's ids contain letters."""
        if _NUMBER.fullmatch(to_ascii(text).removeprefix("+")):
            self.fail(NOT_HERE, param, ctx)


class CaseName(_Text):
    """A case's id, or its tracking number, which is never a valid national ID or mobile."""

    name = "case"

    def check(self, text: str, param: click.Parameter | None, ctx: click.Context | None) -> None:
        """Refuse national IDs and everything that names no case."""
        ascii_text = to_ascii(text)
        with suppress(Invalid):
            NationalId.parse(ascii_text)
            self.fail(NOT_HERE, param, ctx)
        if not (_ACCOUNT_ID.fullmatch(ascii_text) or _TRACKING_NUMBER.fullmatch(ascii_text)):
            self.fail("is no id and no tracking number of a case", param, ctx)


class AccountName(_Text):
    """An account's id, or ``-`` for a national ID as a line of standard input."""

    name = "account"

    def check(self, text: str, param: click.Parameter | None, ctx: click.Context | None) -> None:
        """Refuse everything else."""
        if text != FROM_INPUT and not _ACCOUNT_ID.fullmatch(text):
            self.fail(
                "is no account id; leave a national ID out, it is asked for (or -, and a line of"
                " standard input)",
                param,
                ctx,
            )


class FromInput(_Text):
    """Only ``-``: the value is a line of standard input."""

    name = "-"

    def check(self, text: str, param: click.Parameter | None, ctx: click.Context | None) -> None:
        """Refuse everything else."""
        if text != FROM_INPUT:
            self.fail("leave it out, it is asked for (or -, and standard input)", param, ctx)


class DatabaseAddress(_Text):
    """The address of a database, without a password."""

    name = "URL"

    def check(self, text: str, param: click.Parameter | None, ctx: click.Context | None) -> None:
        """Refuse an address with a password, in whatever part."""
        if _has_password(text):
            self.fail(
                "everybody sees a password on a command line: put it into a password file"
                " (PGPASSFILE)",
                param,
                ctx,
            )


def _has_password(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:  # no address at all: whoever opens it says so
        return False
    return parts.password is not None or "password" in dict(parse_qsl(parts.query))


WORDS, NAME, CASE, ACCOUNT, INPUT = Words(), Name(), CaseName(), AccountName(), FromInput()


def officer_option(command: Command) -> Command:
    """Add ``--officer``: the name of the acting officer, for the audit."""
    return click.option(
        "--officer",
        envvar="IDP_OFFICER",
        required=True,
        type=WORDS,
        help="Who acts, for the audit (or the variable IDP_OFFICER).",
    )(command)


def typed(what: str, *, hidden: bool = False, twice: bool = False, piped: bool = False) -> str:
    """Prompt at the terminal, or read a line of standard input where that is no terminal.

    ``hidden`` hides what is typed, ``twice`` has it repeated, for what nobody could correct later.
    ``piped`` reads the line in any case. Ends the command when the line is missing or blank.
    """
    if sys.stdin.isatty() and not piped:
        answer: str = click.prompt(what, hide_input=hidden, confirmation_prompt=twice)
        return answer
    line = sys.stdin.readline()
    if not line.strip():
        fail(f"A line of standard input is missing: {what}.", EXIT_USAGE)
    return line.strip()
