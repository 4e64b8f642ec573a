"""Rotation of the signing keys: publish the next key ahead, promote it, retire the earlier one.

All processes of the hub report which keys they publish (``KeyReport``). A key signs only when each
of them has published it for long enough, and goes only when none signs with it.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog

from idp.ports import (
    AuditEntry,
    Clock,
    DatabaseUnavailable,
    KeyReport,
    KeyStoreError,
    SigningKeyFile,
)
from idp.protocol.jose.key_import import RETIRED
from idp.protocol.jose.key_reports import KeyRefused
from idp.protocol.jose.signing_keys import ACTIVE, NEXT, KeyRing
from idp.store.unit_of_work import Begin, UnitOfWork
from idp.store.upkeep.key_reports import ROTATION

REPORT_EVERY = timedelta(seconds=30)
"""How often a process reports its keys while they stay the same."""

MUST_KNOW_WITHIN = timedelta(minutes=2)
"""A process that reported within this time and lacks a key that is older than this is an alarm."""

KEEP_RETIRED = timedelta(days=400)
"""A portal may sign a citizen out by an ID token of a retired key (``id_token_hint``)."""

_LONG_AGO = datetime.min.replace(tzinfo=UTC)

log = structlog.get_logger("idp.keys")


@dataclass(frozen=True, slots=True)
class RotationSchedule:
    """How long each key signs, and how long it is published before; ``every`` zero: by hand."""

    every: timedelta
    publish_ahead: timedelta


@dataclass(frozen=True, slots=True)
class Step:
    """What was done to a key: ``made``, ``promoted``, ``retired`` or ``erased``."""

    action: str
    kid: str
    alg: str


@dataclass(slots=True)
class Rotation:
    """The steps that were taken, and why others have to wait."""

    steps: list[Step] = field(default_factory=list)
    waits: list[str] = field(default_factory=list)


Act = Callable[[Sequence[KeyReport]], list[Step]]


class KeyReporter:
    """Reports the keys of this process, so that no other signs with a key that it lacks."""

    def __init__(self, begin: Begin, keys: KeyRing, process: str) -> None:
        self._begin = begin
        self._keys = keys
        self._process = process
        self._last: KeyReport | None = None

    def run(self) -> None:
        """Write the report if it changed or is old. Raises DatabaseUnavailable.

        Looks for changed key files, too: a process without requests reads them as soon as others.
        """
        report = self._keys.report(self._process)
        if self._last is not None and self._last.says_as(report, within=REPORT_EVERY):
            return
        with self._begin() as work:
            work.key_reports.put(report)
        self._last = report

    def run_until(self, wait: Callable[[float], bool], seconds: float) -> None:
        """Run every ``seconds`` until ``wait`` returns True; without a database, try again."""
        while True:
            with suppress(DatabaseUnavailable):
                self.run()
            if wait(seconds):
                return


class KeyRotation:
    """Takes the steps that are due: in each worker by the schedule, or for an officer at once."""

    def __init__(
        self, begin: Begin, clock: Clock, keys: KeyRing, schedule: RotationSchedule
    ) -> None:
        self._begin = begin
        self._clock = clock
        self._keys = keys
        self._schedule = schedule

    def run(self) -> None:
        """Raise an alarm about processes whose keys differ, and rotate by the schedule.

        Several workers may run it at once. What is wrong with the keys is an alarm. Raises
        DatabaseUnavailable.
        """
        try:
            self._run()
        except KeyRefused as refused:
            log.error("key_sets_differ", alarm="key_sets_differ", reason=str(refused))  # noqa: TRY400
        except KeyStoreError as error:
            log.error("key_store_error", alarm="key_store_error", reason=str(error))  # noqa: TRY400

    def _run(self) -> None:
        with self._begin(read_only=True) as work:
            reports = work.key_reports.alive(self._clock())
        files = self._keys.all()
        for problem in self._differences(files, reports):
            log.error("key_sets_differ", alarm="key_sets_differ", reason=problem)
        if self._schedule.every and any(self._wanted(files, by_hand=False)):
            for step in self.rotate("worker").steps:
                log.info("key_rotated", action=step.action, kid=step.kid, alg=step.alg)

    def rotate(self, actor: str, *, by_hand: bool = False) -> Rotation:
        """Take each step that is due, alone among all workers and commands; audit it.

        ``by_hand``: whatever the schedule says, the next key is made now, promoted as soon as all
        portals can know it, and no other is made before the earlier one is retired.

        Raises DatabaseUnavailable, KeyStoreError, and KeyRefused when this machine's folder lacks a
        key that another process publishes.
        """
        done = Rotation()

        def take(reports: Sequence[KeyReport]) -> None:
            for act in self._wanted(self._keys.all(), by_hand=by_hand):
                try:
                    done.steps += act(reports)
                except KeyRefused as refused:
                    done.waits.append(str(refused))

        self.change(take, lambda: [(step.action, step.kid) for step in done.steps], actor)
        return done

    def change(
        self,
        act: Callable[[Sequence[KeyReport]], object],
        audited: Callable[[], Sequence[tuple[str, str]]],
        actor: str,
        *,
        forced: bool = False,
    ) -> None:
        """Call ``act`` with all reports while nobody else changes keys, and audit what it did.

        ``forced``: after a leak, even if this folder lacks a key of another process.

        Raises KeyRefused, DatabaseUnavailable, KeyStoreError.
        """
        with self._begin() as work:
            work.key_reports.take_turn()
            now = self._clock()
            reports = work.key_reports.alive(now)
            if not forced:
                self._refuse_other_folder([*reports, *work.key_reports.latest_change(now)])
            act(reports)
            self._audit(work, audited(), actor)
            work.key_reports.put(self._keys.report(ROTATION))

    def _audit(self, work: UnitOfWork, done: Sequence[tuple[str, str]], actor: str) -> None:
        for action, kid in done:
            at = self._clock()
            work.audit.add(AuditEntry(at=at, actor=actor, action=f"keys.{action}", subject=kid))

    def _refuse_other_folder(self, reports: Sequence[KeyReport]) -> None:
        if not reports:
            return  # a new hub, whose folder `idp keys new` makes
        known = {file.kid for file in self._keys.all()}
        for report in reports:
            for kid in report.published.keys() - known:
                raise KeyRefused(_lacks("this key folder", kid, report.process))

    def _differences(
        self, files: Sequence[SigningKeyFile], reports: Sequence[KeyReport]
    ) -> Iterator[str]:
        now, known = self._clock(), {file.kid for file in files}
        shown = [file for file in files if file.state != RETIRED]
        settled = {file.kid for file in shown if now - file.created_at > MUST_KNOW_WITHIN}
        for report in reports:
            if now - report.seen_at > MUST_KNOW_WITHIN:
                continue
            for kid in sorted(settled - report.published.keys()):
                yield _lacks(report.process, kid, "this worker")
            for kid in sorted(report.published.keys() - known):
                yield _lacks("this worker's key folder", kid, report.process)

    def _wanted(self, files: Sequence[SigningKeyFile], *, by_hand: bool) -> Iterator[Act]:
        """Yield the acts that are due but for what the reports say; none is tried for nothing."""
        for alg in sorted({file.alg for file in files if file.state == ACTIVE}):
            of_alg = [file for file in files if file.alg == alg]
            yield from self._of_algorithm(of_alg, by_hand=by_hand)
        if any(file.retired_at and file.retired_at < self._erased_before() for file in files):
            yield self._erase

    def _of_algorithm(self, files: Sequence[SigningKeyFile], *, by_hand: bool) -> Iterator[Act]:
        *older, signer = sorted(
            (file for file in files if file.state == ACTIVE),
            key=lambda file: file.promoted_at or _LONG_AGO,
        )
        for file in older:
            yield partial(self._retire, file)
        due_at = (signer.promoted_at or _LONG_AGO) + self._schedule.every
        waiting = [file for file in files if file.state == NEXT]
        if waiting and (by_hand or self._clock() >= due_at):
            yield partial(self._promote, waiting[0])
        # By hand, what was begun is brought to its end first: three runs are one rotation.
        begins = not older if by_hand else self._clock() >= due_at - self._schedule.publish_ahead
        if not waiting and begins:
            yield partial(self._make, signer.alg)

    def _make(self, alg: str, _reports: Sequence[KeyReport]) -> list[Step]:
        return [Step("made", self._keys.new(alg).kid, alg)]

    def _promote(self, file: SigningKeyFile, reports: Sequence[KeyReport]) -> list[Step]:
        ahead = self._schedule.publish_ahead
        self._keys.promote(file.kid, reports=reports, ahead=ahead)
        return [Step("promoted", file.kid, file.alg)]

    def _retire(self, file: SigningKeyFile, reports: Sequence[KeyReport]) -> list[Step]:
        self._keys.retire(file.kid, reports=reports)
        return [Step("retired", file.kid, file.alg)]

    def _erase(self, _reports: Sequence[KeyReport]) -> list[Step]:
        return [Step("erased", kid, "") for kid in self._keys.erase(self._erased_before())]

    def _erased_before(self) -> datetime:
        return self._clock() - KEEP_RETIRED


def _lacks(who: str, kid: str, publisher: str) -> str:
    return (
        f"{who} lacks the key {kid}, which {publisher} publishes: all machines must read one"
        " folder, or the same files; when all keys are lost, --now makes new ones"
    )
