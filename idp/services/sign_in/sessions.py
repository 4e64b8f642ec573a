"""Hub sessions: opened at sign-in, found by cookie at each request, raised by a second step."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from idp.domain.people.account import Account, AccountStanding
from idp.domain.sign_in.origin import NOWHERE, Origin
from idp.domain.sign_in.session import Session, SessionLimits
from idp.services.kernel import Kernel
from idp.store.unit_of_work import UnitOfWork

NOBODY = ""
"""The token of no session: a browser without one costs the same look-up."""


@dataclass(frozen=True, slots=True)
class Proof:
    """When and how a citizen authenticated (``acr``, ``amr`` of RFC 8176)."""

    at: datetime
    acr: str
    amr: tuple[str, ...]

    def of(self, session: Session) -> Session:
        """Return the session of the same citizen, authenticated anew."""
        return replace(session, auth_time=self.at, acr=self.acr, amr=self.amr, password_at=self.at)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session, and the token for the browser's cookie; the row keeps only the token's digest."""

    session: Session
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """Opens, finds and raises sessions. Every change of rights gives a new token (attack SE01)."""

    kernel: Kernel
    limits: SessionLimits

    def find_live(self, token: str) -> Session | None:
        """Return the live session of the cookie's token, or None: unknown, ended, idle or too old.

        None also when the account is not active, has a newer epoch (attack SE08), or requires more
        than the session's ``acr``.
        A use renews the idle time-out, written at most once a minute.

        Source: ASVS 7.3.1, 7.3.2, 7.4.
        """
        session = self.peek(token)
        return self._touched(session, self.kernel.clock()) if session else None

    def peek(self, token: str | None) -> Session | None:
        """Return the session as ``find_live`` does, without renewing the idle time-out.

        The same statement runs with and without a session, so that timing does not tell a portal
        whether somebody is signed in when it gets ``login_required`` (attack R16).
        """
        with self.kernel.begin(read_only=True) as work:
            found = work.sessions.find_with_account(token or NOBODY)
        if found is None:
            return None
        session, account = found
        is_alive = session.is_alive(self.kernel.clock(), self.limits)
        return session if is_alive and _is_of_now(session, account) else None

    def living(self, tokens: Sequence[str], *, at_most: int | None = None) -> tuple[str, ...]:
        """Return the tokens whose session is live, in order, the first ``at_most``.

        A sibling host may have planted all cookies but one: all tokens are looked up in one
        statement, and only those of a session are read (attack X15).
        """
        with self.kernel.begin(read_only=True) as work:
            known = work.sessions.known_tokens(tokens)
        return tuple(islice(filter(self.peek, known), at_most))

    def new(self, account: Account, proof: Proof, origin: Origin = NOWHERE) -> SignedIn:
        """Return a new session of the account, to be written; the caller has checked the proof."""
        now = self.kernel.clock()
        session = Session(
            id=self.kernel.randomness.identifier(),
            account_id=account.id,
            auth_time=proof.at,
            acr=proof.acr,
            amr=proof.amr,
            password_at=proof.at,
            epoch=account.epoch,
            created_at=now,
            last_seen_at=now,
            origin=origin,
        )
        return SignedIn(session, self.kernel.randomness.token())

    def open(
        self, work: UnitOfWork, account: Account, proof: Proof, origin: Origin = NOWHERE
    ) -> SignedIn:
        """Write a new session of the account within ``work``; see ``new``."""
        signed_in = self.new(account, proof, origin)
        work.sessions.add(signed_in.session, signed_in.token)
        return signed_in

    def prove_again(self, work: UnitOfWork, proven: Session) -> SignedIn | None:
        """Save the ``proven`` session under a new token within ``work``; None when it has ended.

        The old cookie becomes invalid; portals keep their ``sid``. A second step leaves
        ``auth_time`` and ``password_at``: a code does not make the password fresh (attack SE06).
        """
        signed_in = SignedIn(proven, self.kernel.randomness.token())
        try:
            work.sessions.step_up(proven, signed_in.token)
        except KeyError:  # signed out in another tab: it stays ended
            return None
        return signed_in

    def _touched(self, session: Session, now: datetime) -> Session:
        if not session.is_touch_due(now):
            return session
        with self.kernel.begin() as work:
            work.sessions.touch(session.id, now)
        return replace(session, last_seen_at=now)


def _is_of_now(session: Session, account: AccountStanding | None) -> bool:
    if account is None or not account.lets_live(session.epoch):
        return False
    return account.is_enough(session.acr)
