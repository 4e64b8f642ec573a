"""Ending sessions: what every way out shares (sign-out, password change, suspension, closing)."""

from datetime import datetime

from idp.domain.sign_in.session import Session
from idp.ports import (
    AuditEntry,
    Job,
)
from idp.store.unit_of_work import UnitOfWork

BACKCHANNEL_LOGOUT = "backchannel_logout"


def end_sessions(
    work: UnitOfWork,
    account_id: str,
    now: datetime,
    *,
    reason: str,
    except_session: str | None = None,
) -> int:
    """End the account's sessions, revoke every grant of it, and leave word for the portals visited.

    Offline grants die too, and so do those of ``except_session``: its portals get new tokens in one
    silent redirect, while a token that a stranger holds is dead for good. Returns how many sessions
    lived.

    Source: ASVS 7.4.1 to 7.4.3.
    """
    if except_session is None:
        ended = list(work.sessions.end_all(account_id, now))
    else:
        others = (s.id for s in work.sessions.of_account(account_id) if s.id != except_session)
        ended = [session_id for session_id in others if work.sessions.end(session_id, now)]
    work.grants.revoke_of_account(account_id, now)
    for session_id in ended:
        _put_notices(work, account_id, session_id, now)
    _note(work, account_id, now, reason=reason, sessions=len(ended))
    return len(ended)


def end_one_session(
    work: UnitOfWork, session: Session, now: datetime, reason: str, *, keep_offline: bool = True
) -> bool:
    """End one session, revoke what hangs on it, and leave word for the portals visited.

    ``keep_offline``: grants with ``offline_access`` outlive a sign-out (Back-Channel Logout 2.7).
    Returns False, and does nothing, when the session had ended before.
    """
    if not work.sessions.end(session.id, now):
        return False
    work.grants.revoke_of_session(session.id, now, keep_offline=keep_offline)
    _put_notices(work, session.account_id, session.id, now)
    _note(work, session.account_id, now, reason=reason, sessions=1)
    return True


def unique_of_notice(session_id: str, client_id: str) -> str:
    """Return the key of the job that tells this portal of the end of this session."""
    return f"{BACKCHANNEL_LOGOUT}:{session_id}:{client_id}"


def _put_notices(work: UnitOfWork, account_id: str, session_id: str, now: datetime) -> None:
    for client_id in work.sessions.visited(session_id):
        work.outbox.put(
            Job(
                kind=BACKCHANNEL_LOGOUT,
                subject=session_id,
                unique=unique_of_notice(session_id, client_id),
                run_at=now,
                payload={
                    "client_id": client_id,
                    "account_id": account_id,
                    "session_id": session_id,
                },
            )
        )


def _note(work: UnitOfWork, account_id: str, now: datetime, *, reason: str, sessions: int) -> None:
    details = {"reason": reason, "sessions": str(sessions)}
    work.audit.add(
        AuditEntry(
            at=now, actor="hub", action="sessions.ended", subject=account_id, details=details
        )
    )
