"""Ending sessions: shared by sign-out, password change, suspension and closing an account."""

from datetime import datetime

from idp.domain.sign_in.session import Session
from idp.ports import AuditEntry
from idp.store.unit_of_work import UnitOfWork


def end_sessions(
    work: UnitOfWork,
    account_id: str,
    now: datetime,
    *,
    reason: str,
    except_session: str | None = None,
) -> int:
    """End the account's sessions, revoke all its grants, and put logout notices for the portals.

    Grants with ``offline_access`` and those of ``except_session`` are revoked too: the portals of
    that session get new tokens in one silent redirect, and a stolen token stays revoked. Return how
    many sessions were ended.

    Source: ASVS 7.4.1 to 7.4.3.
    """
    if except_session is None:
        ended = list(work.sessions.end_all(account_id, now))
    else:
        others = (s.id for s in work.sessions.of_account(account_id) if s.id != except_session)
        ended = [session_id for session_id in others if work.sessions.end(session_id, now)]
    work.grants.revoke_of_account(account_id, now)
    for session_id in ended:
        work.deliveries.put(session_id, now)
    _note(work, account_id, now, reason=reason, sessions=len(ended))
    return len(ended)


def end_one_session(
    work: UnitOfWork, session: Session, now: datetime, reason: str, *, keep_offline: bool = True
) -> bool:
    """End one session, revoke its grants, and put logout notices for the portals visited.

    ``keep_offline``: grants with ``offline_access`` outlive a sign-out (Back-Channel Logout 2.7).
    Return False, and do nothing, when the session has already ended.
    """
    if not work.sessions.end(session.id, now):
        return False
    work.grants.revoke_of_session(session.id, now, keep_offline=keep_offline)
    work.deliveries.put(session.id, now)
    _note(work, session.account_id, now, reason=reason, sessions=1)
    return True


def _note(work: UnitOfWork, account_id: str, now: datetime, *, reason: str, sessions: int) -> None:
    details = {"reason": reason, "sessions": str(sessions)}
    work.audit.add(
        AuditEntry(
            at=now, actor="hub", action="sessions.ended", subject=account_id, details=details
        )
    )
