"""``idp citizens``: what staff may do to an account."""

from typing import Any

import click

from idp.cli.audit import entry_row
from idp.cli.context import EXIT_USAGE, fail, hub
from idp.cli.desk_options import act_options, desk_act, refusals
from idp.cli.tables import json_option, print_record, print_rows
from idp.domain.account import Account
from idp.domain.mobile import Mobile
from idp.domain.national_id import NationalId
from idp.domain.questions import QUESTIONS, SecurityQuestion
from idp.services.citizens import CitizenName, CitizenRecord, NewAnswer

ACCOUNT_ID_LENGTH = 36


@click.group()
def citizens() -> None:
    """Look at accounts and act on them. Nobody but the citizen ever chooses a password.

    CITIZEN is an account id or a national ID.

    \b
    Examples:
      idp citizens show 9994863177
      idp citizens end-sessions 9994863177 --reason "phone stolen"
      idp citizens suspend 9994863177 --reason "asked for it by phone"
      idp citizens start-recovery 9994863177 --documents card --reason "cannot sign in"
    """


@citizens.command()
@click.argument("citizen")
@json_option
def show(citizen: str, *, as_json: bool) -> None:
    """Show an account; numbers are masked."""
    with refusals():
        found = hub().citizens.show(_name(citizen))
    entries = [entry_row(entry) for entry in found.audit]
    if as_json:
        print_record({**_record(found), "audit": entries}, as_json=True)
        return
    print_record(_record(found), as_json=False)
    click.echo("\nAudit")
    print_rows(entries, as_json=False, empty="None.")


@citizens.command("end-sessions")
@click.argument("citizen")
@act_options
def end_sessions(citizen: str, **options: str) -> None:
    """Sign the citizen out everywhere; portals are told, tokens die."""
    with refusals():
        count = hub().citizens.end_sessions(_name(citizen), desk_act(options))
    click.echo(f"{count} sessions ended.")


@citizens.command()
@click.argument("citizen")
@act_options
def suspend(citizen: str, **options: str) -> None:
    """Let nobody sign in until `resume`; sessions and tokens end."""
    with refusals():
        account = hub().citizens.suspend(_name(citizen), desk_act(options))
    click.echo(f"Account {account.id} is suspended.")


@citizens.command()
@click.argument("citizen")
@act_options
def resume(citizen: str, **options: str) -> None:
    """Let a suspended account sign in again."""
    with refusals():
        account = hub().citizens.resume(_name(citizen), desk_act(options))
    click.echo(f"Account {account.id} is active.")


@citizens.command("end-profession")
@click.argument("citizen")
@act_options
def end_profession(citizen: str, **options: str) -> None:
    """Take profession and role of a physician; sessions end, and the council number is free.

    For who left the council, and for a number that a namesake holds.
    """
    with refusals():
        account = hub().citizens.end_profession(_name(citizen), desk_act(options))
    click.echo(f"Account {account.id} has no profession.")


@citizens.command()
@click.argument("citizen")
@act_options
@click.confirmation_option(prompt="Close the account for good?")
def close(citizen: str, **options: str) -> None:
    """Close an account for good; its national ID may register anew."""
    with refusals():
        account = hub().citizens.close(_name(citizen), desk_act(options))
    click.echo(f"Account {account.id} is closed.")


@citizens.command("change-mobile")
@click.argument("citizen")
@click.option("--mobile", required=True, help="The new number.")
@click.option("--send-code", is_flag=True, help="First: send a code to the new number.")
@click.option("--code", help="Then: the code that the citizen reads out.")
@act_options
def change_mobile(
    citizen: str, mobile: str, code: str | None, *, send_code: bool, **options: str
) -> None:
    """Give the account another phone, proven by a code; both phones are told.

    Twice: `--send-code`, then `--code`. Sessions end.
    """
    if send_code == bool(code):
        fail("Give either --send-code or --code.", EXIT_USAGE)
    with refusals():
        act = desk_act(options).with_documents()
        name, number = _name(citizen), Mobile.parse(mobile)
        if code:
            account = hub().citizens.change_mobile(name, number, code, act)
            click.echo(f"Account {account.id} has the number {number.masked()}.")
        else:
            hub().citizens.send_mobile_code(name, number, act)
            click.echo(f"A code is on its way to {number.masked()}.")


@citizens.command("start-recovery")
@click.argument("citizen")
@click.option("--new-question", type=click.Choice([q.id for q in QUESTIONS]),
              help="The citizen forgot the answer and chooses this question anew.")  # fmt: skip
@act_options
def start_recovery(citizen: str, new_question: str | None, **options: str) -> None:
    """Open the recovery to a citizen who cannot sign in.

    Wrong answers of the past are forgotten; with --new-question the citizen types a new answer
    here, unseen. The new password is chosen by the citizen alone, with a code to the phone of the
    account.
    """
    with refusals():
        act = desk_act(options).with_documents()
        account = hub().citizens.start_recovery(_name(citizen), act, _new_answer(new_question))
    click.echo(f"The recovery of account {account.id} is open; an SMS says so.")


def _new_answer(question_id: str | None) -> NewAnswer | None:
    if question_id is None:
        return None
    question = SecurityQuestion.parse(question_id)
    answer = click.prompt(
        f"{question.text}\nThe citizen types the answer", hide_input=True, confirmation_prompt=True
    )
    return NewAnswer(question, answer)


def _name(text: str) -> CitizenName:
    """Return the account id, or the national ID. Raises InvalidNationalId."""
    is_id = len(text) == ACCOUNT_ID_LENGTH and text.count("-") == 4
    return text if is_id else NationalId.parse(text)


def _profession(account: Account) -> dict[str, str | None]:
    """Return what the council has proven, and what it is still asked about."""
    proven, claim = account.physician, account.claim
    return {
        "profession": proven.claim.profession.value if proven else None,
        "council_number": proven.claim.number.masked() if proven else None,
        "profession_claimed": claim.claim.profession.value if claim else None,
    }


def _record(found: CitizenRecord) -> dict[str, Any]:
    account = found.account
    return {
        "account": account.id,
        "state": account.state.value,
        "national_id": account.national_id.masked(),
        "mobile": account.mobile.masked(),
        "phone_verified": account.phone_number_verified,
        "identity": account.assurance.method.value,
        "mobile_by": account.assurance.mobile.value,
        "roles": list(account.roles),
        **_profession(account),
        "sessions": found.sessions,
        "created_at": account.created_at.isoformat(timespec="seconds"),
    }
