"""Builds backups, restores and drills of the database that the settings name."""

from collections.abc import Iterator
from datetime import timedelta
from importlib.metadata import version
from itertools import chain
from pathlib import Path

from idp.adapters import age
from idp.adapters.backup_file import read_private, write_private
from idp.adapters.clock import system_clock
from idp.adapters.operator import this_operator
from idp.app.backup_files import (
    Copy,
    copy_of,
    manifest_line,
    on_database,
    reading,
    require_engine,
    verified,
    with_progress,
)
from idp.app.drill import Drill
from idp.app.outside import Outside, build_outside
from idp.ports import (
    BrokenBackup,
    DatabaseInUse,
    DatabaseNotEmpty,
    DatabaseUnavailable,
    Manifest,
    Progress,
)
from idp.protocol.clients import private_key_jwt
from idp.protocol.core.provider_context import SKEW
from idp.services.upkeep.after_restore import AfterRestore
from idp.settings import Settings, SettingsError
from idp.store import migrate
from idp.store.backup.content import counted_rows
from idp.store.backup.mass_ending import MassEnding
from idp.store.sql.transactions import opened

DISTRIBUTION = "tamin-account"
FENCED = {
    private_key_jwt.ONCE: timedelta(seconds=private_key_jwt.MAX_LIFE_SECONDS)
    + 2 * SKEW
    + private_key_jwt.REMEMBER_LONGER
}
"""Client assertions: one that was used before the restore is refused until it has expired."""


class DatabaseBackups:
    """The port ``Backups``."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def back_up(self, file: Path, progress: Progress) -> tuple[Manifest, int]:
        """Write a backup to ``file``, encrypted, and return its manifest and size.

        Raises:
            SettingsError: backup.public_key is missing or wrong.
            OSError, DatabaseUnavailable, DatabaseToolMissing, BrokenBackup: nothing is left.
        """
        key = self._public_key()
        copy = copy_of(self._settings.database.url)
        with copy.dump(system_clock(), version(DISTRIBUTION)) as (manifest, archive):
            plain = chain([manifest_line(manifest)], with_progress("dumping", archive, progress))
            return manifest, write_private(file, age.encrypted(plain, key))

    def restore(self, file: Path, key_file: Path, progress: Progress, *, replace: bool) -> Manifest:
        """Restore the backup into the database, and end every right that it may bring back.

        The whole file is verified first. Until all is done, no hub starts on the database.

        Raises:
            DatabaseInUse, DatabaseNotEmpty: nothing was changed.
            BrokenBackup: nothing was changed, or the database cannot be used before it is restored
                again: ``replace``.
            OSError, DatabaseUnavailable, DatabaseToolMissing: as BrokenBackup.
        """
        key, url = _private_key(key_file), self._settings.database.url
        manifest, copy = verified(file, key, progress), copy_of(url)
        _require_fit(manifest, copy, replace=replace)
        self.load(file, key, copy, progress, replace=replace)
        return manifest

    def load(
        self, file: Path, key: bytes, copy: Copy, progress: Progress, *, replace: bool
    ) -> None:
        """Load a verified backup, check its rows, migrate it and end its rights."""
        with (
            reading(file, key, "restoring", progress) as (manifest, archive),
            copy.loading(archive, replace=replace) as url,
        ):
            _require_rows(manifest, url)
            with progress.step("migrating") as advance:
                migrate.upgrade_restored(url, manifest.revision, lambda _: advance(1))
            self._settled(url, manifest, progress)
            migrate.mark_restored(url)

    def end_rights(self, progress: Progress) -> None:
        """Do for a database that was restored by other means what a restore does in the end.

        Raises DatabaseUnavailable: also for one of an older revision.
        """
        if migrate.is_behind(self._settings.database.url):
            raise DatabaseUnavailable("it is not at the newest revision: `idp db upgrade` first")
        self._end(self._settings, {"from": "elsewhere"}, progress)

    def drill(
        self, file: Path, key_file: Path, scratch: str | None, progress: Progress
    ) -> Iterator[str]:
        """Prove the backup in a scratch database; yield a sentence for each step that went well.

        Raises DrillFailed.
        """
        key, url = _private_key(key_file), self._settings.database.url
        drill = Drill(
            settings=self._settings,
            verify=lambda: verified(file, key, progress),
            load=lambda copy: self.load(file, key, copy, progress, replace=False),
        )
        return drill.run(copy_of(scratch or url), is_given=scratch is not None)

    def _settled(self, url: str, manifest: Manifest, progress: Progress) -> None:
        at = {"backup": manifest.made_at.isoformat(timespec="seconds")}
        self._end(on_database(self._settings, url), at, progress)

    def _end(self, settings: Settings, details: dict[str, str], progress: Progress) -> None:
        outside = build_outside(settings, operator=this_operator())
        try:
            _require_secrets(outside)
            with opened(settings.database.url, patient=True) as transactions:
                after_restore(outside, MassEnding(transactions)).run(progress, details)
        finally:
            outside.database.close()

    def _public_key(self) -> bytes:
        text = self._settings.backup.public_key
        if not text:
            raise SettingsError("backup.public_key is empty: `idp backup-key FILE` makes a key")
        try:
            return age.public_key(text)
        except ValueError as error:
            raise SettingsError(f"backup.public_key: {error}") from None


def after_restore(outside: Outside, ending: MassEnding) -> AfterRestore:
    """Return the use case that ends what a restored database would bring back."""
    return AfterRestore(kernel=outside.kernel, ending=ending, fenced=FENCED)


def write_key(file: Path) -> str:
    """Write a new private key to ``file``, mode 0600, and return the public one. Raises OSError."""
    keys = age.new_keys()
    text = f"# The private key of the backups. Public key: {keys.public}\n{keys.private}\n"
    write_private(file, [text.encode()])
    return keys.public


def _private_key(file: Path) -> bytes:
    try:
        return age.private_key(read_private(file))
    except ValueError as error:
        raise BrokenBackup(f"{file}: {error}") from None


def _require_fit(manifest: Manifest, copy: Copy, *, replace: bool) -> None:
    """Raise where the backup may not go into this database."""
    require_engine(manifest, copy)
    if copy.others():
        raise DatabaseInUse
    there = copy.in_the_way()
    if there and not replace:
        raise DatabaseNotEmpty(f"{len(there)} tables")


def _require_secrets(outside: Outside) -> None:
    """Raise BrokenBackup, BrokenSeal when the settings have other secrets than the database."""
    with outside.begin(read_only=True) as work:
        if work.audit.head() is None:
            raise BrokenBackup("secrets.index_key is not the key with which its audit was written")
        work.accounts.any()


def _require_rows(manifest: Manifest, url: str) -> None:
    found = counted_rows(url)
    wrong = sorted(name for name, rows in manifest.rows.items() if found.get(name) != rows)
    if wrong:
        raise BrokenBackup(f"other numbers of rows than were backed up: {', '.join(wrong)}")
