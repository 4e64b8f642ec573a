"""``idp cases``: registration cases and the registration desk's acts on them."""

from pathlib import Path
from typing import Any

import click

from idp.cli.audit import entry_row
from idp.cli.case_file import read_filing
from idp.cli.context import hub
from idp.cli.desk_options import act_options, desk_act, refusals
from idp.cli.tables import json_option, print_record, print_rows
from idp.cli.words import CASE, typed
from idp.domain.registration.case import Case
from idp.domain.registration.case_state import CaseState
from idp.services.desk.desk import sent_messages

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def cases() -> None:
    """Look at registration cases and act on them at a branch.

    CASE is a case's id or the tracking number that the citizen names.

    \b
    Examples:
      idp cases list --state branch
      idp cases show 4828515602
      idp cases activate 4828515602 --send-code --documents "card, certificate" --reason "came in"
      idp cases activate 4828515602 --documents "card, certificate" --reason "came in"
      idp cases file --from case.toml --documents "both" --reason "data right"
      idp cases reject 4828515602 --reason "a forged card"
    """


@cases.command(name="list")
@click.option("--state", type=click.Choice([state.value for state in CaseState]),
              help="Only cases in this state.")  # fmt: skip
@click.option("--overdue", is_flag=True, help="Only cases that the registry left unanswered.")
@click.option("-n", "--limit", default=100, show_default=True, type=click.IntRange(1, 10_000),
              help="How many cases.")  # fmt: skip
@json_option
def list_cases(state: str | None, limit: int, *, overdue: bool, as_json: bool) -> None:
    """List cases, the oldest first."""
    found = hub().desk.list(
        state=CaseState(state) if state else None, overdue=True if overdue else None, limit=limit
    )
    print_rows([_row(case) for case in found], as_json=as_json, empty="No case.")


@cases.command()
@click.argument("case", type=CASE)
@json_option
def show(case: str, *, as_json: bool) -> None:
    """Show a case, its messages with what each costs (parts), and its audit; numbers are masked."""
    with refusals():
        found, audit = hub().desk.show(case)
    messages = [
        {"message": m.message_id, "at": m.at.isoformat(timespec="seconds"), "parts": m.parts.parts}
        for m in sent_messages(audit)
    ]
    entries = [entry_row(entry) for entry in audit]
    if as_json:
        print_record({**_record(found), "messages": messages, "audit": entries}, as_json=True)
        return
    print_record(_record(found), as_json=False)
    click.echo("\nMessages")
    print_rows(messages, as_json=False, empty="None.")
    click.echo("\nAudit")
    print_rows(entries, as_json=False, empty="None.")


@cases.command()
@click.argument("case", type=CASE)
@click.option("--send-code", is_flag=True, help="First: send a code to the phone of the case.")
@act_options
def activate(case: str, *, send_code: bool, **options: str) -> None:
    """Turn a case that waits for the branch into an account.

    The citizen stands before you with the original national card and birth certificate, and the
    phone of the case in hand. Twice: with `--send-code`, then without it; the code that the citizen
    reads out is asked for. Within 72 hours of the registration two officers do this, one each
    time, or one of them filed the case.
    """
    with refusals():
        act = desk_act(options).with_documents()
        if send_code:
            found = hub().desk.send_code(case, act)
            click.echo(f"A code is on its way to {_mobile(found)}.")
        else:
            account = hub().desk.activate(case, typed("Code", hidden=True), act)
            click.echo(f"Activated. Account {account.id}.")


@cases.command(name="file")
@click.option("--from", "source", type=_FILE, required=True,
              help="TOML or JSON file with the data as it stands in the documents.")  # fmt: skip
@act_options
def file_case(source: Path, **options: str) -> None:
    """Enter the case of a citizen whose data did not match, from the original documents.

    The file has: national_id, mobile, operator, given_name, family_name, certificate_number,
    serial, series_letter, series_number, birth (1360/05/12), gender (male, female), country, city,
    email, question (its id), for physicians profession (its code) and council_number, and no
    answer: the citizen types that here, unseen. Nobody chooses a password at the desk. After
    `idp cases activate`, by another officer, the citizen sets the first one by the recovery on the
    sign-in page.
    """
    with refusals():
        act = desk_act(options).with_documents()
        filing = read_filing(source, _ask_answer)
        case = hub().desk.file(filing, act)
    click.echo(f"Filed. Case {case.id}, tracking number {case.tracking_number}.")
    click.echo("It waits for `idp cases activate`, by another officer who sees the documents too.")


@cases.command()
@click.argument("case", type=CASE)
@act_options
def reject(case: str, **options: str) -> None:
    """Erase an open case; the citizen is told by SMS and may register again."""
    with refusals():
        found = hub().desk.reject(case, desk_act(options))
    click.echo(f"Case {found.id} is rejected and erased.")


def _ask_answer(question: str) -> str:
    return typed(f"{question}\nThe citizen types the answer", hidden=True, twice=True)


def _row(case: Case) -> dict[str, Any]:
    claim = case.application and case.application.physician
    return {
        "case": case.id,
        "tracking_number": case.tracking_number,
        "state": case.state.value,
        "overdue": case.overdue,
        "profession": claim and claim.profession.value,
        "submitted_at": case.submitted_at.isoformat(timespec="seconds"),
        "deadline": case.deadline.isoformat(timespec="seconds"),
        "reasons": list(case.reasons),
    }


def _record(case: Case) -> dict[str, Any]:
    decided = case.decided_at.isoformat(timespec="seconds") if case.decided_at else None
    application = case.application
    claim = application and application.physician
    return _row(case) | {
        "source": case.source.value,
        "decided_at": decided,
        "phone_proven": case.phone_proven,
        "erased": application is None,
        "national_id": application and application.national_id.masked(),
        "mobile": application and application.mobile.masked(),
        "council_number": claim and claim.number.masked(),
    }


def _mobile(case: Case) -> str:
    return case.application.mobile.masked() if case.application else "-"
