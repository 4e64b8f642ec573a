"""Printing: tables for people, JSON for scripts."""

import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click

JOINERS = frozenset("\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}")

Command = TypeVar("Command", bound=Callable[..., object])


def json_option(command: Command) -> Command:
    """Add ``--json``: one JSON document instead of a table."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")(command)


def print_rows(
    rows: Sequence[Mapping[str, Any]], *, as_json: bool, empty: str = "Nothing."
) -> None:
    """Print rows that share their keys as a table, or as a JSON list."""
    if as_json:
        click.echo(
            json.dumps([dict(row) for row in rows], ensure_ascii=False, indent=2, default=str)
        )
    elif not rows:
        click.echo(empty)
    else:
        click.echo("\n".join(_table(rows)))


def print_record(record: Mapping[str, Any], *, as_json: bool) -> None:
    """Print one record, a line a member, or as a JSON object."""
    if as_json:
        click.echo(json.dumps(dict(record), ensure_ascii=False, indent=2, default=str))
        return
    width = max(len(key) for key in record)
    for key, value in record.items():
        click.echo(f"{key.ljust(width)}  {_cell(value)}")


def _table(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    heads = list(rows[0])
    cells = [[_cell(row[head]) for head in heads] for row in rows]
    widths = [max(_width(row[i]) for row in [heads, *cells]) for i in range(len(heads))]
    return [_line(row, widths) for row in [[h.upper() for h in heads], *cells]]


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
    return "  ".join(padded).rstrip()


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(str(item) for item in value) or "-"
    return printable(str(value))


def printable(text: str, *, keep: str = "") -> str:
    """Replace unprintable characters, which could move the cursor or reverse the line (bidi)."""
    kept = JOINERS | set(keep)
    return "".join(
        char if char.isprintable() or char in kept else "\N{REPLACEMENT CHARACTER}" for char in text
    )


def _width(text: str) -> int:
    """Return how many columns a terminal needs; marks above letters and joiners need none."""
    return sum(unicodedata.category(char) not in {"Mn", "Me", "Cf"} for char in text)
