"""``idp upgrade check``: whether this version may be put beside the one that runs."""

import shutil
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from idp.app.checks import find_keys, look
from idp.app.found_settings import load_for_commands
from idp.app.outside import Outside, build_outside
from idp.app.production_list import Unwell
from idp.cli.context import Finding
from idp.ports import DatabaseUnavailable
from idp.settings import Settings, SettingsError
from idp.store import migrate
from idp.store.migration_rules import Judgement, judge

MEBIBYTE = 1024 * 1024
LEAST_FREE = 200 * MEBIBYTE
"""Of a folder that the hub writes to."""
SQLITE = "sqlite:///"


def check_upgrade() -> Sequence[Finding]:
    """Return the findings; nothing is changed, and the version that runs is not disturbed."""
    try:
        settings = load_for_commands()
        outside = build_outside(settings)
    except SettingsError as error:
        problems = str(error).splitlines()
        return [Finding(subject="settings", well=False, says=one) for one in problems]
    try:
        well = Finding(subject="settings", well=True, says="this version knows every key")
        return [well, *_findings(settings, outside)]
    finally:
        outside.database.close()


def _findings(settings: Settings, outside: Outside) -> Iterator[Finding]:
    url = settings.database.url
    try:
        at = migrate.current(url)
    except DatabaseUnavailable as error:
        yield Finding(subject="revision", well=False, says=f"{error}: `idp check` looks closer")
    else:
        yield look("revision", partial(_revision, at))
        for judgement in _pending(at):
            subject = f"migration {judgement.revision}"
            yield look(subject, partial(_migration, judgement, at or ""))
        yield look("transactions", partial(_transactions, outside))
    yield look("signing keys", partial(find_keys, outside))
    yield look("disk", partial(_disk, settings, outside))


def _revision(at: str | None) -> str:
    newest = migrate.heads()[0]
    if at is None:
        return f"the database is empty; this version's is {newest}"
    if at not in migrate.revisions():
        raise Unwell(f"{at} is newer than this version's {newest}: a newer version has run here")
    return f"{at}, nothing to migrate" if at == newest else f"{at}; this version's is {newest}"


def _pending(at: str | None) -> list[Judgement]:
    """Return what is said of each migration that ``idp db upgrade`` would run."""
    known = migrate.revisions()
    if at is None or at not in known:
        return []
    return [judge(migrate.script(revision)) for revision in known[known.index(at) + 1 :]]


def _migration(judgement: Judgement, at: str) -> str:
    if judgement.problems:
        says = "; ".join(judgement.problems)
        raise Unwell(f"{judgement.summary} NOT safe while the version before runs: {says}")
    since = judgement.unused_since
    if since is None:
        return f"{judgement.summary} Only adds: safe while the version before runs"
    if at < since:
        raise Unwell(
            f"{judgement.summary} Drops what the version that runs may use: first upgrade every"
            f" node to a version whose revision is {since} or later"
        )
    return f"{judgement.summary} Drops what no version since {since} uses: safe"


def _transactions(outside: Outside) -> str:
    found = outside.database.long_transactions()
    if found:
        named = ", ".join(
            f"process {one.process} ({one.program}, user {one.user}) for {one.seconds} s"
            for one in found
        )
        raise Unwell(
            f"long transactions keep a migration waiting: {named}; wait for their end, or end them"
            " with pg_terminate_backend"
        )
    return "no long one runs"


def _disk(settings: Settings, outside: Outside) -> str:
    for folder in (settings.server.runtime_folder, settings.keys.folder):
        _require(folder, LEAST_FREE)
    url = settings.database.url
    if url.startswith(SQLITE):
        file = Path(url.removeprefix(SQLITE))
        size = file.stat().st_size if file.exists() else 0
        return f"{_require(file.parent, size + LEAST_FREE)} MiB are free beside the database"
    size = outside.database.size() or 0
    return (
        f"enough in the hub's folders; the database has {size // MEBIBYTE} MiB, look on its server"
        " for room for new indexes and the WAL"
    )


def _require(folder: Path, least: int) -> int:
    """Return how many MiB are free where ``folder`` is or will be. Raises Unwell for too few."""
    there = next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())
    free = shutil.disk_usage(there).free
    if free < least:
        raise Unwell(f"{folder}: {free // MEBIBYTE} MiB are free, {least // MEBIBYTE} are needed")
    return free // MEBIBYTE
