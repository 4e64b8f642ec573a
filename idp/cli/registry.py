"""``idp registry``: the embedded reference registry (development, demo, rehearsals)."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from idp.cli.context import EXIT_NOT_FOUND, EXIT_USAGE, fail, hub
from idp.cli.progress import Advance, TerminalProgress
from idp.cli.tables import json_option, print_record
from idp.cli.words import INPUT, typed
from idp.domain.errors import Invalid
from idp.domain.people.national_id import NationalId
from idp.domain.registration.registry_csv import COLUMNS, COUNCIL_COLUMNS, parse_row
from idp.ports import RegistryRecord


@click.group()
def registry() -> None:
    """Fill and look at the embedded registry, which answers when registry.kind is "embedded".

    \b
    Examples:
      idp registry import people.csv
      idp registry lookup
    """


@registry.command(
    name="import",
    epilog=f"Columns: {', '.join(COLUMNS)}; with physicians also {', '.join(COUNCIL_COLUMNS)}.",
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_people(file: Path) -> None:
    """Load people from a CSV file with a header line; people already there are replaced.

    Either every line is good and all are loaded, or none: the errors name their lines.
    """
    with TerminalProgress().step("reading") as advance:
        records, errors = read_people(file, advance)
    if errors:
        fail("\n".join(errors) + "\nNothing was imported.", EXIT_USAGE)
    with TerminalProgress().step("importing", len(records)) as advance:
        hub().registry_people.load(records, advance)
    click.echo(f"{len(records)} people were loaded into the registry.")


@registry.command()
@click.argument("source", type=INPUT, required=False)
@json_option
def lookup(source: str | None, *, as_json: bool) -> None:
    """Show what the embedded registry would answer about a national ID.

    It is asked for, never written on the command line; with - it is a line of standard input.
    """
    try:
        wanted = NationalId.parse(typed("National ID", piped=source is not None))
    except Invalid as error:
        fail(f"That is no national ID ({error.code}).", EXIT_USAGE)
    record = hub().registry_people.find(wanted)
    if record is None:
        fail("The registry knows nobody with this national ID.", EXIT_NOT_FOUND)
    print_record(_shown(record), as_json=as_json)


def read_people(
    file: Path, advance: Advance = lambda _: None
) -> tuple[dict[NationalId, RegistryRecord], list[str]]:
    """Return the people of the CSV file, and an error for each line that is wrong."""
    records: dict[NationalId, RegistryRecord] = {}
    errors: list[str] = []
    for number, row in _rows(file):
        advance(1)
        try:
            national_id, members = parse_row(row)
            records[national_id] = RegistryRecord(**members)
        except Invalid as error:
            errors.append(f"{file}:{number}: {error.params.get('column', '?')} ({error.code})")
    return records, errors


def _rows(file: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.DictReader(opened)
            missing = set(COLUMNS) - set(reader.fieldnames or ())
            if missing:
                fail(f"{file}: the header lacks {', '.join(sorted(missing))}", EXIT_USAGE)
            for row in reader:
                yield (
                    reader.line_num,
                    {key: row.get(key) or "" for key in (*COLUMNS, *COUNCIL_COLUMNS)},
                )
    except UnicodeDecodeError:
        fail(f"{file}: is not UTF-8", EXIT_USAGE)
    except csv.Error as error:
        fail(f"{file}: is not CSV ({error})", EXIT_USAGE)


def _shown(record: RegistryRecord) -> dict[str, object]:
    person = record.person
    return {
        "name": f"{person.given_name} {person.family_name}" if person else None,
        "alive": person.alive if person else None,
        "civil": record.civil,
        "phone": record.phone,
        "insured": record.insured,
        "council_number": record.physician and record.physician.number.masked(),
        "profession": record.physician and record.physician.profession.value,
        "council": record.council,
    }
