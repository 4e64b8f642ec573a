"""What a restored database needs before a hub may use it: the past gives no right any more.

The backup is older than the fault. Since then codes and refresh tokens were used, sessions ended,
grants and invitations revoked, of which the restored database knows nothing (fault F28).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from idp.ports import AuditEntry, Progress
from idp.services.kernel import Kernel
from idp.services.messages.messages import SMS_CODE
from idp.store.backup.mass_ending import MassEnding, Notices


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterRestore:
    """Ends everything that may have been used or revoked since the backup."""

    kernel: Kernel
    ending: MassEnding
    fenced: Mapping[str, timedelta]
    """Kinds of single-use rights, and for how long one that was used before may still be valid."""

    def run(self, progress: Progress, details: Mapping[str, str]) -> Mapping[str, int]:
        """End it, and return how many rows of each table; the audit's entry is ``restored``.

        In short transactions, so that the size of the database does not matter; run again after a
        crash, it goes on. No hub may serve meanwhile.
        """
        now = self.kernel.clock()
        ended = _counted("ending what gave a right", self.ending.end_everything(now), progress)
        waiting = self.ending.settle_messages(now, SMS_CODE)
        settled = _counted("settling messages", waiting, progress)
        with self.kernel.begin() as work:
            for kind, life in self.fenced.items():
                work.single_use.fence(kind, until=now + life)
            for client in work.clients.list():
                work.clients.save(
                    replace(
                        client,
                        service_tokens_since=now,
                        updated_at=now,
                        version=client.version + 1,
                    )
                )
            work.audit.add(
                AuditEntry(
                    at=now, actor="restore", action="restored", subject="database", details=details
                )
            )
        return {**ended, **settled}


@dataclass(frozen=True, slots=True, kw_only=True)
class EndAllSessions:
    """Ends the sessions of everybody, after a leak (fault F35)."""

    kernel: Kernel
    ending: MassEnding

    def run(
        self, progress: Progress, *, officer: str, reason: str, notices_a_second: int = 0
    ) -> Mapping[str, int]:
        """End all sessions, grants, known devices and flows under way; return how many rows.

        The hub goes on meanwhile. Portals get logout tokens for the sessions in which they were
        visited, so many a second at most (``jobs``). With 0 they get none: their own sessions end
        by their time, and their next request for tokens fails.
        """
        now = self.kernel.clock()
        notices = self._notices(notices_a_second) if notices_a_second else None
        ended = _counted("ending sessions", self.ending.end_sessions(now, notices), progress)
        details = {
            "reason": reason,
            "sessions": str(ended["sessions"]),
            "logout_tokens": str(ended["jobs"]),
        }
        with self.kernel.begin() as work:
            work.audit.add(
                AuditEntry(
                    at=now,
                    actor=officer,
                    action="sessions.all_ended",
                    subject="everybody",
                    details=details,
                )
            )
        return ended

    def _notices(self, a_second: int) -> Notices:
        with self.kernel.begin(read_only=True) as work:
            clients = work.clients.list()
        told = [one.client_id for one in clients if one.backchannel_logout_uri is not None]
        return Notices(clients=told, a_second=a_second)


def _counted(
    name: str, batches: Iterable[tuple[str, int]], progress: Progress
) -> Mapping[str, int]:
    counts: Counter[str] = Counter()
    with progress.step(name) as advance:
        for table, rows in batches:
            counts[table] += rows
            advance(rows)
    return counts
