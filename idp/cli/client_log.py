"""``idp clients log`` and ``show --log``: why the hub refused the requests of a portal."""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import NoReturn

import click

from idp.cli.context import EXIT_NOT_FOUND, Hub, fail, hub
from idp.cli.tables import json_option, print_rows, printable
from idp.cli.words import NAME
from idp.domain.clients.refusal import Refusal
from idp.services.clients.manage_clients import UnknownClient

LATEST = 20
LOOK_EVERY = timedelta(seconds=1)


@click.command("log")
@click.argument("client_id", type=NAME)
@click.option("-n", "--limit", default=LATEST, show_default=True, type=click.IntRange(1, 1000),
              help="How many of the latest.")  # fmt: skip
@click.option("-f", "--follow", is_flag=True, help="Go on printing new ones until Ctrl+C.")
@json_option
def log(client_id: str, limit: int, *, follow: bool, as_json: bool) -> None:
    """Show why the hub refused requests of the portal, and what to do: the last seven days.

    Portals are told less than this: wrong credentials all get one answer. Equal refusals are one
    line with a count. Nothing personal and no secret is in the log; times are UTC.

    \b
    Examples:
      idp clients log my-portal
      idp clients log my-portal --follow
    """
    opened = hub()
    try:
        lines = opened.refusals.of(client_id)[-limit:]
        if follow:
            _follow(opened, client_id, lines, as_json=as_json)
        else:
            print_log(lines, as_json=as_json)
    except UnknownClient as error:
        _unknown(opened, error)


def print_log(lines: Sequence[Refusal], *, as_json: bool) -> None:
    """Print each line with its reason and what to do; or that there is none."""
    if as_json or not lines:
        empty = "Nothing was refused within seven days."
        print_rows([row_of(one) for one in lines], as_json=as_json, empty=empty)
        return
    click.echo("\n".join(map(_text, lines)))


def _follow(opened: Hub, client_id: str, lines: Sequence[Refusal], *, as_json: bool) -> None:
    """Print the lines, then each line that is new or counts more."""
    printed: dict[tuple[str, str, str], int] = {}
    with suppress(KeyboardInterrupt):
        while True:
            for one in _new(lines, printed):
                told = json.dumps(row_of(one), ensure_ascii=False, default=str)
                click.echo(told if as_json else _text(one))
            opened.pause(LOOK_EVERY)
            lines = opened.refusals.of(client_id)


def _new(lines: Sequence[Refusal], printed: dict[tuple[str, str, str], int]) -> Iterator[Refusal]:
    for one in lines:
        place = one.endpoint, one.reason.value, one.fingerprint
        if printed.get(place) != one.count:
            printed[place] = one.count
            yield one


def row_of(line: Refusal) -> dict[str, object]:
    """Return a line of the log as programs read it."""
    return {
        "at": line.last_at,
        "endpoint": line.endpoint,
        "error": line.error,
        "reason": line.reason.value,
        "says": line.says,
        "advice": line.advice,
        "count": line.count,
        "first_at": line.first_at,
    }


def _text(line: Refusal) -> str:
    times = f" ({line.count} times since {_time(line.first_at)})" if line.count > 1 else ""
    head = f"{_time(line.last_at)}  {line.endpoint}  {line.error}{times}"
    return printable(f"{head}\n    {line.says}\n    -> {line.advice}", keep="\n")


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%SZ")


def _unknown(opened: Hub, error: UnknownClient) -> NoReturn:
    ids = [client.client_id for client in opened.clients.list()]
    near = get_close_matches(str(error), ids)
    hint = f"Similar: {', '.join(near)}." if near else "`idp clients list` shows them."
    fail(f"No portal {error} is registered. {hint}", EXIT_NOT_FOUND)


COMMANDS = (log,)
