"""Checks whether a grant is active, read from the database each time."""

from datetime import datetime

from idp.domain.authorization.grant import Grant
from idp.domain.clients.client import Client
from idp.domain.people.account import Account
from idp.store.unit_of_work import UnitOfWork


def find_live_account(work: UnitOfWork, grant: Grant, now: datetime) -> Account | None:
    """Return the account of an active grant; None when grant, account or session has ended.

    A grant of an older epoch has ended (password change, suspension). Only offline grants outlive
    their session (OIDC Core 11).

    Source: attacks C05, C20, SE08; ASVS 7.4.
    """
    account = work.accounts.find(grant.account_id)
    if not grant.is_live(now) or account is None or not account.is_active:
        return None
    if account.epoch != grant.account_epoch:
        return None
    return account if grant.offline or is_session_live(work, grant.session_id) else None


def is_session_live(work: UnitOfWork, session_id: str) -> bool:
    """Return whether the session has not ended; idle time counts for browser requests only."""
    session = work.sessions.find(session_id)
    return session is not None and session.ended_at is None


def is_consented(work: UnitOfWork, grant: Grant, client: Client) -> bool:
    """Return whether the consent is not revoked; a first party needs none."""
    if client.first_party:
        return True
    consent = work.consents.find(grant.account_id, client.client_id)
    return consent is not None and consent.revoked_at is None
