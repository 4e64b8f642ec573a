"""Options and refusals that the commands of the registration desk share."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import click

from idp.cli.context import EXIT_ENVIRONMENT, EXIT_NOT_FOUND, EXIT_USAGE, fail, tools
from idp.cli.words import WORDS, officer_option
from idp.domain.errors import Invalid
from idp.ports import HashingBusy
from idp.services.desk.desk_acts import (
    DeskAct,
    DeskRefused,
    IncompleteAct,
    UnknownCase,
    UnknownCitizen,
)
from idp.services.protection.owners_counters import TooMany

Command = TypeVar("Command", bound=Callable[..., object])

SENTENCES = {
    "account_exists": "This citizen has an account by now. Change its phone (`idp citizens"
    " change-mobile`) or start its recovery (`idp citizens start-recovery`) instead.",
    "case_open": "A case of this national ID and phone is open; `idp cases list` shows it.",
    "not_waiting_for_branch": "The case does not wait for a branch.",
    "already_decided": "The case has been decided.",
    "same_officer": "Another officer must do this: one who logged in to the machine as another"
    " user, with another name. Alone you can do it 72 hours after your earlier act.",
    "code_wrong": "The code is wrong or has expired.",
    "too_many_codes": "Too many codes went to this phone; try again later.",
    "not_active": "The account is not active.",
    "not_suspended": "The account is not suspended.",
    "closed": "The account is closed.",
    "same_mobile": "The account has this number already.",
    "no_profession": "The account has no profession and claims none.",
}


def act_options(command: Command) -> Command:
    """Add officer, branch, documents and reason, which ``desk_act`` reads."""
    for add in (
        click.option("--reason", type=WORDS, required=True, help="Why, for the audit."),
        click.option("--documents", type=WORDS, help="The original documents seen, by kind."),
        click.option("--branch", envvar="IDP_BRANCH", type=WORDS, required=True,
                     help="The branch where this happens (or the variable IDP_BRANCH)."),
        officer_option,
    ):  # fmt: skip
        command = add(command)
    return command


def desk_act(options: dict[str, str]) -> DeskAct:
    """Return the act of the options, with the operating system's user. Raises IncompleteAct."""
    return DeskAct(
        officer=options["officer"],
        branch=options["branch"],
        documents=options["documents"] or "",
        reason=options["reason"],
        operator=tools().operator,
    )


@contextmanager
def refusals() -> Iterator[None]:
    """End the command with a message and an exit code when the use case refuses."""
    try:
        yield
    except DeskRefused as error:
        fail(SENTENCES[error.code])
    except TooMany as error:
        minutes = int(error.retry_after.total_seconds() // 60) + 1
        fail(f"Too many tries; try again in {minutes} minutes.")
    except IncompleteAct as error:
        fail(f"--{error.part} is needed and may not be empty.", EXIT_USAGE)
    except Invalid as error:
        fail(f"{_spelt_out(error)} ({error.code}).", EXIT_USAGE)
    except UnknownCase:
        fail("No case has this id or tracking number.", EXIT_NOT_FOUND)
    except UnknownCitizen:
        fail("No citizen has this account id or national ID.", EXIT_NOT_FOUND)
    except HashingBusy:
        fail("The machine is busy; try again in a moment.", EXIT_ENVIRONMENT)


def _spelt_out(error: Invalid) -> str:
    """Return ``InvalidNationalId`` as ``Invalid national id``."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", type(error).__name__).capitalize()
