"""Back-channel logout: portals learn that a session has ended (OIDC Back-Channel Logout 1.0)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from idp.domain.clients.client import Client
from idp.domain.messages.delivery import NO_ADDRESS
from idp.ports import (
    ClaimedJob,
    ClockSkew,
    Fetch,
    FetchRefused,
    KeyStoreError,
    ThreadPool,
)
from idp.services.backoff import spread
from idp.services.kernel import Kernel
from idp.telemetry.catalogue import LOGOUT_DELIVERIES

RETRIES = tuple(timedelta(minutes=m) for m in (1, 4, 10, 20, 25))
"""Five retries within one hour."""

TRIES = len(RETRIES) + 1

WITHIN = timedelta(milliseconds=800)
"""How long a sign-out waits for its portals; the whole request takes 1 second at most (F30)."""

LEASE = timedelta(seconds=20)
"""Longer than a portal may take to answer. When the process dies, the job is due after it."""

HOLDER = "sign_out"

log = structlog.get_logger("idp.logout")


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedSession:
    """What a logout token says: the client it is for, the account, the session (``sid``)."""

    client: Client
    account_id: str
    session_id: str


MakeLogoutToken = Callable[[EndedSession, datetime], str]
"""Returns a signed logout token (section 2.4). Each try needs a new one: it expires soon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackChannelLogout:
    """Runs the job ``backchannel_logout``."""

    kernel: Kernel
    fetch: Fetch
    make_logout_token: MakeLogoutToken

    def run(self, job: ClaimedJob) -> None:
        """POST the logout token to the portal; on failure, retry for an hour.

        A client that was removed or has no ``backchannel_logout_uri`` gets nothing. A 2xx is
        success; every other status is a failure, 400 (the portal could not sign out, section 2.8)
        included. Raises StaleLease.
        """
        client = self.kernel.clients.find(job.payload["client_id"])
        if client is None or client.backchannel_logout_uri is None:
            with self.kernel.begin() as work:
                work.outbox.finish(job, self.kernel.clock(), reason=NO_ADDRESS)
            LOGOUT_DELIVERIES.add(client.client_id if client else "", NO_ADDRESS)
            return
        try:
            failure = self._post(client, client.backchannel_logout_uri, job)
        except (KeyStoreError, ClockSkew) as error:
            self._wait(job, error.retry_after)
            LOGOUT_DELIVERIES.add(client.client_id, "cannot_sign")
        else:
            self._conclude(job, failure)
            LOGOUT_DELIVERIES.add(client.client_id, _outcome(job, failure))

    def _post(self, client: Client, uri: str, job: ClaimedJob) -> str | None:
        """Return None on success, else a code for the failure."""
        ended = EndedSession(
            client=client,
            account_id=job.payload["account_id"],
            session_id=job.payload["session_id"],
        )
        token = self.make_logout_token(ended, self.kernel.clock())
        try:
            status = self.fetch.post_form(uri, {"logout_token": token})
        except FetchRefused:
            return "unreachable"
        return None if 200 <= status < 300 else f"status_{status}"

    def _wait(self, job: ClaimedJob, span: timedelta) -> None:
        """Postpone the job with all its tries: the hub cannot sign, the portal is not to blame."""
        with self.kernel.begin() as work:
            work.outbox.postpone(job, run_at=self.kernel.clock() + span, reason="cannot_sign")
        log.warning(
            "back_channel_logout_failed", client=job.payload["client_id"], reason="cannot_sign"
        )

    def _conclude(self, job: ClaimedJob, failure: str | None) -> None:
        now = self.kernel.clock()
        with self.kernel.begin() as work:
            if failure is None:
                work.outbox.finish(job, now)
            elif job.tries < TRIES:
                run_at = now + spread(RETRIES[max(job.tries, 1) - 1], self.kernel.randomness)
                work.outbox.retry(job, run_at=run_at, reason=failure)
            else:
                work.outbox.bury(job, now, reason=failure)
        if failure is not None:
            client_id = job.payload["client_id"]
            log.warning(
                "back_channel_logout_failed", client=client_id, tries=job.tries, reason=failure
            )


def _outcome(job: ClaimedJob, failure: str | None) -> str:
    if failure is None:
        return "delivered"
    return "failed" if job.tries < TRIES else "given_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImmediateBackChannelLogout:
    """Sends logout tokens before the browser is answered (section 2.5); the worker retries."""

    thread_pool: ThreadPool
    notify: Callable[[ClaimedJob], None]
    within: timedelta = WITHIN

    def now(self, jobs: Sequence[ClaimedJob]) -> None:
        """Send the logout tokens of ``jobs``, leased to this process; wait ``within`` at most."""
        self.thread_pool.run([partial(self._tell, job) for job in jobs], self.within)

    def _tell(self, job: ClaimedJob) -> None:
        try:
            self.notify(job)
        except Exception as error:  # noqa: BLE001 (the citizen is signed out; the worker tries again)
            log.warning(
                "back_channel_logout_failed",
                client=job.payload["client_id"],
                reason=type(error).__name__,
            )
