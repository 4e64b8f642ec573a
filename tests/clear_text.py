"""What the tests left behind holds no national ID, phone, address, password or answer in clear.

``python -m tests.clear_text FOLDER`` looks through every database file and every log below it, and
names the files and the kind of what was found. Codes and tokens, which differ from run to run, are
looked for by tests/e2e where they were issued.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

from tests import factories
from tests.e2e import people
from tests.web.sign_in import walk

PLACES = ("*.sqlite3*", "*.log")
EMPTY = bytes(64)
"""Most of a small database: its tables have a page each, with a few rows or none."""
HASHED = b"$argon2id$"
"""Where a password stands so, none may stand in clear; many tests hash with a quick fake."""


@cache
def personal() -> Mapping[str, set[str]]:
    """Return what the tests type of people, by kind."""
    cases = json.loads(people.PERSONAS.read_text("utf-8"))["cases"]
    ids = {factories.NATIONAL_ID, factories.OTHER_NATIONAL_ID}
    phones = {factories.MOBILE, factories.OTHER_MOBILE}
    return {
        "national ID": {one.value for one in ids} | {case["national_id"] for case in cases},
        "phone": {one.national[1:] for one in phones}
        | {case["mobile"].removeprefix("+98") for case in cases},
        "e-mail address": {factories.EMAIL.value},
    }


@cache
def secret() -> Mapping[str, set[str]]:
    """Return passwords and answers of people, by kind."""
    own = {people.person(persona).password for persona in people.every_persona()}
    return {
        "password": {walk.PASSWORD, walk.NEW_PASSWORD, people.NEW_PASSWORD} | own,
        "answer": {walk.ANSWER, people.ANSWER},
    }


def kinds_in(text: bytes) -> set[str]:
    """Return the kinds of what stands in ``text`` in clear, as text or escaped in JSON."""
    kinds = {**personal(), **(secret() if HASHED in text else {})}
    return {
        kind
        for kind, values in kinds.items()
        if any(form in text for value in values for form in _forms(value))
    }


@cache
def _forms(value: str) -> set[bytes]:
    return {value.encode(), json.dumps(value)[1:-1].encode()}


def findings(folder: Path) -> Iterator[str]:
    """Yield ``file: kinds`` of each file with something in clear."""
    files = sorted({file for place in PLACES for file in folder.rglob(place) if file.is_file()})
    with ProcessPoolExecutor() as pool:
        for file, kinds in zip(files, pool.map(_kinds_of, files, chunksize=64), strict=True):
            if kinds:
                yield f"{file.relative_to(folder)}: {', '.join(sorted(kinds))}"


def _kinds_of(file: Path) -> set[str]:
    return kinds_in(b"\0".join(part for part in file.read_bytes().split(EMPTY) if part))


def main(folder: Path) -> int:
    """Print what was found; return the exit code."""
    found = list(findings(folder))
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
