"""One transaction, and how to open it."""

from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Protocol

from idp.ports.deliveries import Deliveries
from idp.ports.outbox import Audit, Outbox
from idp.ports.people import (
    Accounts,
    Cases,
    Codes,
    Counters,
    MobileChanges,
    PendingSignIns,
    Recoveries,
    StepOnes,
)
from idp.ports.rights import (
    Clients,
    Consents,
    Contexts,
    Devices,
    Grants,
    Invitations,
    Releases,
    Sessions,
    SingleUse,
)


class Work(Protocol):
    """One transaction. Commits when the block ends well, rolls back on an exception."""

    @property
    def accounts(self) -> Accounts: ...
    @property
    def cases(self) -> Cases: ...
    @property
    def step_ones(self) -> StepOnes: ...
    @property
    def recoveries(self) -> Recoveries: ...
    @property
    def pending_sign_ins(self) -> PendingSignIns: ...
    @property
    def codes(self) -> Codes: ...
    @property
    def counters(self) -> Counters: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def devices(self) -> Devices: ...
    @property
    def grants(self) -> Grants: ...
    @property
    def single_use(self) -> SingleUse: ...
    @property
    def contexts(self) -> Contexts: ...
    @property
    def consents(self) -> Consents: ...
    @property
    def releases(self) -> Releases: ...
    @property
    def mobile_changes(self) -> MobileChanges: ...
    @property
    def clients(self) -> Clients: ...
    @property
    def invitations(self) -> Invitations: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def audit(self) -> Audit: ...


class Begin(Protocol):
    """Opens a transaction."""

    def __call__(self, *, read_only: bool = False) -> AbstractContextManager[Work]:
        """Return one transaction; ``read_only`` ones take no write lock on SQLite."""


class DatabaseUnavailable(Exception):
    """The database cannot be reached or has no connection to give: 503 with Retry-After."""

    retry_after = timedelta(seconds=5)
