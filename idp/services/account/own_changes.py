"""What every change of the own account begins with."""

from idp.domain.people.account import Account
from idp.domain.sign_in.session import Session
from idp.store.unit_of_work import UnitOfWork


def locked_account(work: UnitOfWork, session: Session) -> Account | None:
    """Return the session's account, locked; None when its sessions have ended (attack SE08)."""
    account = work.accounts.lock(session.account_id)
    if account is None or not account.is_active or account.epoch != session.epoch:
        return None
    return account
