"""``idp citizens``: what staff may do to an account."""

from typing import Any

import click

from idp.cli.audit import entry_row
from idp.cli.context import hub
from idp.cli.desk_options import act_options, desk_act, refusals
from idp.cli.progress import TerminalProgress
from idp.cli.tables import json_option, print_record, print_rows
from idp.cli.words import ACCOUNT, FROM_INPUT, WORDS, officer_option, typed
from idp.domain.people.account import Account
from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.people.questions import QUESTIONS, SecurityQuestion
from idp.services.desk.citizens import CitizenName, CitizenRecord, NewAnswer
from idp.services.desk.desk_acts import DeskAct


@click.group()
def citizens() -> None:
    """Look at accounts and act on them. Nobody but the citizen ever chooses a password.

    CITIZEN is an account id. Without it the national ID is asked for; with - it is the first line
    of standard input. Personal values are never written on the command line.

    \b
    Examples:
      idp citizens show
      idp citizens end-sessions --reason "phone stolen"
      idp citizens suspend --reason "asked for it by phone"
      idp citizens start-recovery --documents card --reason "cannot sign in"
    """


@citizens.command()
@click.argument("citizen", type=ACCOUNT, required=False)
@json_option
def show(citizen: str | None, *, as_json: bool) -> None:
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
@click.argument("citizen", type=ACCOUNT, required=False)
@act_options
def end_sessions(citizen: str | None, **options: str) -> None:
    """Sign the citizen out everywhere; portals are told, tokens die."""
    with refusals():
        count = hub().citizens.end_sessions(_name(citizen), desk_act(options))
    click.echo(f"{count} sessions ended.")


@citizens.command("end-all-sessions")
@click.option("--reason", type=WORDS, required=True, help="Why, for the audit.")
@officer_option
@click.option("--logout-tokens-a-second", "notices", default=0, type=click.IntRange(0, 1000),
              help="Send portals logout tokens, so many a second at most; 0: none.")  # fmt: skip
def end_all_sessions(reason: str, officer: str, notices: int) -> None:
    """Sign everybody out after a leak: sessions, tokens, known devices and flows under way end.

    The hub goes on. Portals whose file has a backchannel_logout_uri get logout tokens if you say
    how many a second; the worker sends them. Else their next request for tokens fails.
    """
    ended = hub().end_all_sessions(
        TerminalProgress(), officer=officer, reason=reason, notices_a_second=notices
    )
    click.echo(f"{ended['sessions']} sessions ended.")
    if notices:
        click.echo(f"{ended['jobs']} logout tokens will be sent.")


@citizens.command()
@click.argument("citizen", type=ACCOUNT, required=False)
@act_options
def suspend(citizen: str | None, **options: str) -> None:
    """Let nobody sign in until `resume`; sessions and tokens end."""
    with refusals():
        account = hub().citizens.suspend(_name(citizen), desk_act(options))
    click.echo(f"Account {account.id} is suspended.")


@citizens.command()
@click.argument("citizen", type=ACCOUNT, required=False)
@act_options
def resume(citizen: str | None, **options: str) -> None:
    """Let a suspended account sign in again."""
    with refusals():
        account = hub().citizens.resume(_name(citizen), desk_act(options))
    click.echo(f"Account {account.id} is active.")


@citizens.command("end-profession")
@click.argument("citizen", type=ACCOUNT, required=False)
@act_options
def end_profession(citizen: str | None, **options: str) -> None:
    """Take profession and role of a physician; sessions end, and the council number is free.

    For who left the council, and for a number that a namesake holds.
    """
    with refusals():
        account = hub().citizens.end_profession(_name(citizen), desk_act(options))
    click.echo(f"Account {account.id} has no profession.")


@citizens.command()
@click.argument("citizen", type=ACCOUNT, required=False)
@act_options
@click.confirmation_option(prompt="Close the account for good?")
def close(citizen: str | None, **options: str) -> None:
    """Close an account for good; its national ID may register anew."""
    with refusals():
        account = hub().citizens.close(_name(citizen), desk_act(options))
    click.echo(f"Account {account.id} is closed.")


@citizens.command("change-mobile")
@click.argument("citizen", type=ACCOUNT, required=False)
@click.option("--send-code", is_flag=True, help="First: send a code to the new number.")
@act_options
def change_mobile(citizen: str | None, *, send_code: bool, **options: str) -> None:
    """Give the account another phone, proven by a code; both phones are told.

    Twice: with `--send-code`, then without it; the new number, and the code that the citizen reads
    out, are asked for. The ownership registry is asked whose the number is: unless it is the
    citizen's, another officer does the second. Sessions end, for 72 hours no code recovers the
    password, and a profession is proven again.
    """
    with refusals():
        act = desk_act(options).with_documents()
        name, number = _name(citizen), Mobile.parse(typed("New mobile number"))
        if send_code:
            _send_code(name, number, act)
        else:
            account = hub().citizens.change_mobile(name, number, typed("Code", hidden=True), act)
            click.echo(f"Account {account.id} has the number {number.masked()}.")
            click.echo("For 72 hours no code recovers its password.")


def _send_code(name: CitizenName, number: Mobile, act: DeskAct) -> None:
    is_theirs = hub().citizens.send_mobile_code(name, number, act)
    click.echo(f"A code is on its way to {number.masked()}.")
    if not is_theirs:
        click.echo("The registry does not know the number as the citizen's: another officer must do"
                   " the second step.")  # fmt: skip


@citizens.command("start-recovery")
@click.argument("citizen", type=ACCOUNT, required=False)
@click.option("--new-question", type=click.Choice([q.id for q in QUESTIONS]),
              help="The citizen forgot the answer and chooses this question anew.")  # fmt: skip
@act_options
def start_recovery(citizen: str | None, new_question: str | None, **options: str) -> None:
    """Open the recovery to a citizen who cannot sign in.

    Wrong answers of the past are forgotten; with --new-question the citizen types a new answer
    here, unseen, and a profession is proven again. The new password is chosen by the citizen alone,
    with a code to the phone of the account; not before 72 hours after a change of that phone. Who
    changed the phone lately cannot do this.
    """
    with refusals():
        act = desk_act(options).with_documents()
        account = hub().citizens.start_recovery(_name(citizen), act, _new_answer(new_question))
    click.echo(f"The recovery of account {account.id} is open; an SMS says so.")


def _new_answer(question_id: str | None) -> NewAnswer | None:
    if question_id is None:
        return None
    question = SecurityQuestion.parse(question_id)
    answer = typed(f"{question.text}\nThe citizen types the answer", hidden=True, twice=True)
    return NewAnswer(question, answer)


def _name(account_id: str | None) -> CitizenName:
    """Return the account id, or the national ID that is typed now. Raises InvalidNationalId."""
    if account_id is None or account_id == FROM_INPUT:
        return NationalId.parse(typed("National ID", piped=account_id is not None))
    return account_id


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
