"""Signing out: the hub session ends, what hangs on it is revoked, the portals are told."""

from collections.abc import Sequence

from idp.domain.client import Client
from idp.domain.session import Session
from idp.ports import Begin, Clock
from idp.services.end_sessions import end_one_session


class SignOut:
    """Ends one session (the guide: «پس از انجام و اتمام کار، حتماً از سیستم خارج شوید.»)."""

    def __init__(self, begin: Begin, clock: Clock) -> None:
        self._begin = begin
        self._clock = clock

    def visited(self, session: Session) -> Sequence[Client]:
        """Return the portals that learnt of the session, by name."""
        with self._begin(read_only=True) as work:
            clients = [work.clients.find(one) for one in work.sessions.visited(session.id)]
        return sorted((one for one in clients if one is not None), key=lambda one: one.name)

    def sign_out(self, session: Session) -> Sequence[Client]:
        """End the session and return the portals that are being told; ended twice tells nobody.

        Telling is a job for each portal, so a slow one delays nobody (Back-Channel Logout 2.5).
        """
        portals = self.visited(session)
        with self._begin() as work:
            ended = end_one_session(work, session, self._clock(), "signed_out")
        return portals if ended else ()
