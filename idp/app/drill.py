"""A drill: a backup is restored into a scratch database, and a person signs in there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from idp.adapters.randomness import SystemRandomness
from idp.app.backup_files import Copy, on_database, require_engine
from idp.app.outside import Outside, build_outside
from idp.app.use_cases import build_deps
from idp.ports import (
    BrokenBackup,
    BrokenSeal,
    DatabaseToolMissing,
    DatabaseUnavailable,
    DrillFailed,
    Manifest,
)
from idp.services.messages.messages import SMS_CODE
from idp.services.protection.password_tries import Visitor
from idp.services.sign_in.entering import Attempt, Entered
from idp.services.sign_in.sign_in import CodeNeeded
from idp.services.sign_in.suite_citizen import NATIONAL_ID, SuiteCitizen
from idp.settings import Settings
from idp.store import migrate

LOOPBACK = "127.0.0.1"
"""The network of the person who signs in; no request is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """Proves one backup. ``verify`` reads the whole file, ``load`` restores it into a database."""

    settings: Settings
    verify: Callable[[], Manifest]
    load: Callable[[Copy], None]

    def run(self, copy: Copy, *, is_given: bool) -> Iterator[str]:
        """Yield a sentence for each step that went well; the scratch database is gone in the end.

        ``copy`` is the scratch database itself (``is_given``: it must be empty), or the hub's, on
        whose server a scratch database is made. Raises DrillFailed.
        """
        yield _step("read the whole file", lambda: self._look(copy))
        name = f"idp_drill_{SystemRandomness().identifier().replace('-', '')}"
        place = copy.emptied_after() if is_given else copy.scratch(name)
        with _at("make a scratch database"), place as scratch:
            yield _step("restore it", lambda: self._restore(scratch))
            yield _step("read the revision", lambda: _revision(scratch.url))
            outside = build_outside(on_database(self.settings, scratch.url))
            try:
                yield _step("verify the audit", lambda: _audit(outside))
                yield _step("open an account with these secrets", lambda: _account(outside))
                yield _step("sign a test person in", lambda: _sign_in(outside))
            finally:
                outside.database.close()
        yield "drop the scratch database: done"

    def _look(self, copy: Copy) -> str:
        manifest = self.verify()
        require_engine(manifest, copy)
        return f"written {manifest.made_at:%Y-%m-%d %H:%M} UTC at revision {manifest.revision}"

    def _restore(self, scratch: Copy) -> str:
        self.load(scratch)
        return "as many rows as were backed up"


def _step(name: str, act: Callable[[], str]) -> str:
    with _at(name):
        return f"{name}: {act()}"


@contextmanager
def _at(name: str) -> Iterator[None]:
    try:
        yield
    except (BrokenBackup, DatabaseToolMissing, DatabaseUnavailable, OSError) as error:
        raise DrillFailed(f"{name}: {error}") from error
    except BrokenSeal as error:
        raise DrillFailed(f"{name}: secrets.sealing_keys lack the key that sealed it") from error


def _revision(url: str) -> str:
    at = migrate.current(url)
    if at not in migrate.heads():
        raise BrokenBackup(f"{at} is not the newest")
    return str(at)


def _audit(outside: Outside) -> str:
    with outside.begin(read_only=True) as work:
        head, number, broken = work.audit.head(), 0, 0
        for link in work.audit.links():
            number, broken = link.id, broken + (not link.fits)
    if broken or head is None or head.number != number:
        raise BrokenBackup(f"{broken} entries do not follow the one before, or the end is missing")
    return f"{number} entries follow each other"


def _account(outside: Outside) -> str:
    with outside.begin(read_only=True) as work:
        account = work.accounts.any()
    return "there is none" if account is None else "name, national ID and mobile can be read"


def _sign_in(outside: Outside) -> str:
    """Sign the test person in by password, and by the code that the outbox has."""
    password = SystemRandomness().token()
    SuiteCitizen(kernel=outside.kernel).put(password)
    attempt = Attempt(Visitor(browser="drill", address=LOOPBACK))
    sign_in = build_deps(outside).sign_in
    answer = sign_in.with_password(NATIONAL_ID.value, password, attempt)
    by = "by password"
    if isinstance(answer, CodeNeeded):
        by = "by password and code"
        answer = sign_in.with_code(answer.pending_id, _code(outside), attempt)
    if not isinstance(answer, Entered):
        raise BrokenBackup(f"refused ({answer})")
    return by


def _code(outside: Outside) -> str:
    """Return the code of the one message that waits; no gateway gets it."""
    with outside.begin() as work:
        job = work.outbox.claim(
            "drill", outside.clock(), lease=timedelta(minutes=1), kinds=(SMS_CODE,)
        )
    if job is None or job.sms is None:
        raise BrokenBackup("no code was sent")
    return job.sms.text.rpartition("#")[2].strip()
