"""``idp branches``: the list of branches that citizens search."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from idp.cli.context import EXIT_NOT_FOUND, EXIT_USAGE, fail, hub
from idp.cli.progress import Advance, TerminalProgress
from idp.cli.tables import json_option, print_rows
from idp.cli.words import WORDS, officer_option
from idp.domain.branches.branch import COLUMNS, Branch, InvalidBranch, parse_branch, province_of

WHY = {
    "missing": "is empty",
    "length": "is too long",
    "characters": "has a character that cannot be shown",
    "unknown": "is not one of the 31 provinces",
    "phone": "has too few digits",
}

Rows = Iterator[tuple[int, Mapping[str, str]]]


@click.group()
def branches() -> None:
    """Import and list the branches that citizens find at /branches.

    \b
    Examples:
      idp branches import branches.csv --officer you@organisation
      idp branches list --province یزد
    """


@branches.command(
    name="import",
    epilog=f"Columns or members: {', '.join(COLUMNS)}; phone and hours may be empty.",
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@officer_option
def import_branches(file: Path, officer: str) -> None:
    """Replace the whole list by a file: CSV with a header line, or JSON with a list of objects.

    Either every row is good and all are imported, or none: the errors name their lines. Every web
    process shows the new list at once.
    """
    with TerminalProgress().step("reading") as advance:
        found, errors = read_branches(file, advance)
    if not found and not errors:
        errors = [f"{file}: has no branch"]
    if errors:
        fail("\n".join(errors) + "\nNothing was imported.", EXIT_USAGE)
    with TerminalProgress().step("importing", len(found)) as advance:
        before = hub().branches.replace(found, officer=officer)
        advance(len(found))
    click.echo(f"{len(found)} branches were imported; {before} were there before.")


@branches.command(name="list")
@click.option("--province", type=WORDS, help="Only the branches of this province.")
@json_option
def list_branches(province: str | None, *, as_json: bool) -> None:
    """List the branches, in the order of the file."""
    wanted = province_of(province) if province is not None else None
    if province is not None and wanted is None:
        fail(f"{province} is not one of the 31 provinces.", EXIT_NOT_FOUND)
    rows = [asdict(one) for one in hub().branches.list(wanted)]
    print_rows(rows, as_json=as_json, empty="No branch.")


def read_branches(
    file: Path, advance: Advance = lambda _: None
) -> tuple[Sequence[Branch], Sequence[str]]:
    """Return the branches of the file, and an error for each row that is wrong."""
    found: dict[tuple[str, ...], tuple[int, Branch]] = {}
    errors: list[str] = []
    for number, row in _rows(file):
        advance(1)
        try:
            branch = parse_branch(row)
        except InvalidBranch as error:
            errors.append(f"{file}:{number}: {error.params['column']} {WHY[error.code]}")
            continue
        first, _ = found.setdefault(branch.key, (number, branch))
        if first != number:
            errors.append(f"{file}:{number}: the same branch as in line {first}")
    return [branch for _, branch in found.values()], errors


def _rows(file: Path) -> Rows:
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError:
        fail(f"{file}: is not UTF-8", EXIT_USAGE)
    return _json_rows(file, text) if file.suffix == ".json" else _csv_rows(file, text)


def _csv_rows(file: Path, text: str) -> Rows:
    reader = csv.DictReader(text.splitlines(keepends=True), strict=True)
    try:
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            fail(f"{file}: the header lacks {', '.join(missing)}", EXIT_USAGE)
        for row in reader:
            yield reader.line_num, {name: row.get(name) or "" for name in COLUMNS}
    except csv.Error as error:
        fail(f"{file}: is not CSV ({error})", EXIT_USAGE)


def _json_rows(file: Path, text: str) -> Rows:
    """Yield the objects of the list, numbered from 1."""
    try:
        whole: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        fail(f"{file}: is not JSON ({error})", EXIT_USAGE)
    if not isinstance(whole, list) or not all(isinstance(one, dict) for one in whole):
        fail(f"{file}: must be a list of objects", EXIT_USAGE)
    for number, one in enumerate(whole, 1):
        yield number, {name: str(one.get(name) or "") for name in COLUMNS}
