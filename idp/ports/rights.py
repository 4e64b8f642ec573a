"""Rows that give rights: sessions, grants, single uses, consents, clients."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from idp.domain.authorization.grant import Consent, Grant, RefreshToken
from idp.domain.authorization.release import Release
from idp.domain.clients.client import Client
from idp.domain.clients.invitation import Invitation
from idp.domain.sign_in.known_device import KnownDevice
from idp.domain.sign_in.session import Session
from idp.ports.basics import BATCH


class Sessions(Protocol):
    """Hub sessions. The cookie's token is looked up by its digest."""

    def add(self, session: Session, token: str) -> None: ...

    def find_by_token(self, token: str) -> Session | None:
        """Return the session, ended ones too, or None; ended ones are for the caller to refuse."""

    def known_tokens(self, tokens: Sequence[str]) -> Sequence[str]:
        """Return those that are of a session which was not ended, in their order; one statement."""

    def find(self, session_id: str) -> Session | None: ...

    def touch(self, session_id: str, now: datetime) -> None:
        """Move ``last_seen_at``; callers do it at most once a minute."""

    def step_up(self, session: Session, token: str) -> None:
        """Write what the session has proven by now and replace the token.

        The old cookie is dead (SE01).
        """

    def end(self, session_id: str, now: datetime) -> bool:
        """End one session; False when it had ended before."""

    def end_all(self, account_id: str, now: datetime) -> Sequence[str]:
        """End every session of the account; return the ids of those that lived."""

    def of_account(self, account_id: str) -> Sequence[Session]: ...

    def visit(self, session_id: str, client_id: str, now: datetime) -> bool:
        """Note that the client got tokens in this session (whom to tell at logout).

        False when the session has ended; who ends it waits for this transaction, or this for them.
        """

    def visited(self, session_id: str) -> Sequence[str]:
        """Return the client ids that learnt of the session."""

    def forget_opened(self, before: datetime, limit: int = BATCH) -> int:
        """Delete at most ``limit`` that were opened before; return how many.

        Those of which a grant is left stay: whoever ends it must know which portals to tell.
        """


class Devices(Protocol):
    """Known devices: what spares the owner the code of a new one."""

    def save(self, device: KnownDevice) -> None:
        """Insert or replace."""

    def find(self, device_id: str) -> KnownDevice | None: ...

    def find_all(self, device_ids: Sequence[str]) -> Sequence[KnownDevice]:
        """Return those that there are, in the order of the ids; one statement."""

    def of_account(self, account_id: str) -> Sequence[KnownDevice]:
        """Return all, the one used last first."""

    def forget(self, account_id: str, device_id: str) -> bool:
        """Delete one of the account; False when it has none of this id."""

    def forget_all(self, account_id: str) -> int: ...

    def forget_expired(self, now: datetime, limit: int = BATCH) -> int: ...


class RefreshOutcome(StrEnum):
    """``taken``: first use. ``repeated``: again within the grace. ``reused``: a replay.

    ``unknown``: never ours or expired.
    """

    TAKEN = "taken"
    REPEATED = "repeated"
    REUSED = "reused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RefreshTake:
    """What became of presenting a refresh token.

    ``successor`` is the sealed one of a repeated use.
    """

    outcome: RefreshOutcome
    token: RefreshToken | None = None
    successor: str | None = field(default=None, repr=False)


class Grants(Protocol):
    """Grants and their refresh families."""

    def add(self, grant: Grant) -> None: ...

    def find(self, grant_id: str) -> Grant | None: ...

    def revoke(self, grant_id: str, now: datetime) -> bool:
        """Revoke the family; False when it was dead or unknown."""

    def revoke_of_account(self, account_id: str, now: datetime) -> int: ...

    def revoke_of_session(
        self, session_id: str, now: datetime, *, keep_offline: bool = False
    ) -> int: ...

    def revoke_of_client(
        self, client_id: str, now: datetime, account_id: str | None = None
    ) -> int: ...

    def add_refresh(self, token: RefreshToken) -> None: ...

    def find_refresh(self, digest: str) -> RefreshToken | None: ...

    def take_refresh(self, digest: str, *, sealed_successor: str, now: datetime) -> RefreshTake:
        """Use a refresh token, in one statement; of any number at once exactly one is ``taken``.

        The winner's ``sealed_successor`` is stored with the used token; the others, and repeats
        within ``REFRESH_GRACE``, get it back (``repeated``). Later uses are ``reused``.
        """

    def forget_dead(self, before: datetime, limit: int = BATCH) -> int:
        """Delete what is left of grants that died before; return how many rows.

        At most ``limit`` refresh tokens, and as many grants that have none left. A living family
        keeps every used token: a replay of the first must still end it.
        """

    def wipe_successors(self, now: datetime) -> int:
        """Erase sealed successors whose grace has passed; return how many."""


class SingleUse(Protocol):
    """Rights that are given once: code ids, assertion ids, handles (D2, D6)."""

    def take(self, kind: str, value: str, *, expires_at: datetime) -> bool:
        """Insert; False when it was taken before.

        Part of the transaction that writes what it gave.
        """

    def forget_expired(self, now: datetime, limit: int = BATCH) -> int: ...


class Contexts(Protocol):
    """Rows for sealed contexts over 4 KiB, one a request and browser."""

    def put(self, handle: str, sealed: str, expires_at: datetime) -> None:
        """Insert, or replace the row of this handle."""

    def find(self, handle: str, now: datetime) -> str | None: ...

    def forget_expired(self, now: datetime, limit: int = BATCH) -> int: ...


class Consents(Protocol):
    """What citizens allowed third-party portals."""

    def find(self, account_id: str, client_id: str) -> Consent | None: ...

    def save(self, consent: Consent) -> None: ...

    def of_account(self, account_id: str) -> Sequence[Consent]: ...

    def revoke(self, account_id: str, client_id: str, now: datetime) -> bool: ...

    def revoke_of_account(self, account_id: str, now: datetime) -> int: ...


class Releases(Protocol):
    """What each portal learnt of each citizen: names of claims, first and last time."""

    def is_noted(
        self, account_id: str, client_id: str, claims: Sequence[str], now: datetime
    ) -> bool:
        """Tell whether the same release was written within the last hour."""

    def note(self, account_id: str, client_id: str, claims: Sequence[str], now: datetime) -> None:
        """Write the release, or move its last time."""

    def of_account(self, account_id: str) -> Sequence[Release]:
        """Return the releases by client, the latest of each first."""


class ClientChanged(Exception):
    """Somebody changed or removed the client since it was read; nothing was written."""


class Clients(Protocol):
    """Registered clients."""

    def find(self, client_id: str) -> Client | None: ...

    def find_logo(self, client_id: str) -> bytes | None:
        """Return the PNG of the client, or None; ``find`` leaves it out."""

    def lock(self, client_id: str) -> Client | None:
        """Return the client, held until the transaction ends, or None."""

    def add(self, client: Client) -> bool:
        """Insert; False when a client of this id is there."""

    def save(self, client: Client) -> None:
        """Replace the client of the version before ``client.version``.

        A logo is replaced by a new one, and goes with its version.

        Raises ClientChanged: the row has another version, or is gone (attack A15).
        """

    def remove(self, client_id: str) -> bool: ...

    def list(self) -> Sequence[Client]: ...

    def changes(self) -> int:
        """Return a number that grows with every change of any client (for caches)."""


class Invitations(Protocol):
    """Invitations to register clients (initial access tokens), looked up by digest."""

    def add(self, invitation: Invitation) -> None: ...

    def find(self, digest: str, now: datetime) -> Invitation | None:
        """Return the one that may be used now, or None."""

    def take(self, invitation_id: str) -> bool:
        """Use one up, in one statement; False when none is left.

        Part of the transaction that writes the client.
        """

    def list(self) -> Sequence[Invitation]: ...

    def remove(self, invitation_id: str) -> bool: ...

    def forget_expired(self, before: datetime, limit: int = BATCH) -> int: ...
