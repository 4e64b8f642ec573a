"""Sign-out: end the hub session, revoke its grants, notify the portals."""

from collections.abc import Sequence
from dataclasses import dataclass

from idp.domain.clients.client import Client
from idp.domain.sign_in.session import Session
from idp.services.kernel import Kernel
from idp.services.sign_out.back_channel_logout import HOLDER, LEASE, ImmediateBackChannelLogout
from idp.services.sign_out.end_sessions import end_one_session
from idp.store.messages.logout_notices import unique_of_notice


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOut:
    """Ends one session (the guide: «پس از انجام و اتمام کار، حتماً از سیستم خارج شوید.»)."""

    kernel: Kernel
    tell: ImmediateBackChannelLogout

    def visited(self, session_id: str) -> Sequence[Client]:
        """Return the portals visited in the session, by name. The session may have ended."""
        with self.kernel.begin(read_only=True) as work:
            visited = work.sessions.visited(session_id)
        clients = [self.kernel.clients.find(one) for one in visited]
        return sorted((one for one in clients if one is not None), key=lambda one: one.name)

    def sign_out(self, session: Session) -> Sequence[Client]:
        """End the session and return the portals to notify; none when it has already ended.

        Each portal is notified by a job. Portals with a ``backchannel_logout_uri`` are notified
        before the browser is answered (Back-Channel Logout 2.5), for ``WITHIN`` at most; the worker
        retries those that are slow or unavailable.
        """
        portals, now = self.visited(session.id), self.kernel.clock()
        with self.kernel.begin() as work:
            if not end_one_session(work, session, now, "signed_out"):
                return ()
            notices = [
                unique_of_notice(session.id, portal.client_id)
                for portal in portals
                if portal.backchannel_logout_uri is not None
            ]
            held = work.outbox.take(notices, HOLDER, now, lease=LEASE)
        self.tell.now(held)
        return portals
