"""One transaction with its repositories, and how to open it."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from sqlalchemy import Connection

from idp.ports import Operator
from idp.store.account.accounts import Accounts
from idp.store.account.mobile_changes import MobileChanges
from idp.store.account.recoveries import Recoveries
from idp.store.branches.branches import Branches
from idp.store.clients.client_cache import ClientCache
from idp.store.clients.clients import Clients
from idp.store.clients.consents import Consents
from idp.store.clients.grants import Grants
from idp.store.clients.invitations import Invitations
from idp.store.clients.redemptions import Redemptions
from idp.store.clients.refusals import Refusals
from idp.store.clients.releases import NotedReleases, Releases
from idp.store.clients.single_use import SingleUse
from idp.store.clients.standing import Standings
from idp.store.messages.deliveries import Deliveries
from idp.store.messages.outbox import Outbox
from idp.store.protection.counters import Counters
from idp.store.registration.cases import Cases
from idp.store.registration.step_ones import StepOnes
from idp.store.sign_in.codes import Codes
from idp.store.sign_in.contexts import Contexts
from idp.store.sign_in.devices import Devices
from idp.store.sign_in.entrances import Entrances
from idp.store.sign_in.pending_sign_ins import PendingSignIns
from idp.store.sign_in.sessions import Sessions
from idp.store.sql.sealing import Sealing
from idp.store.upkeep.audit import Audit
from idp.store.upkeep.key_reports import KeyReports


@dataclass(frozen=True, slots=True)
class Memory:
    """What a process remembers of rows."""

    clients: ClientCache
    releases: NotedReleases


class UnitOfWork:
    """One transaction. Commits when the block ends well, rolls back on an exception.

    A repository is built when it is first used; most transactions use two or three.
    """

    def __init__(
        self,
        connection: Connection,
        sealing: Sealing,
        memory: Memory,
        operator: Operator | None = None,
    ) -> None:
        self._connection = connection
        self._memory = memory
        self._operator = operator
        self._sealing = sealing

    def finish(self) -> None:
        """Write the added audit entries, last in the transaction, and commit as they need it."""
        if "audit" in self.__dict__:
            self.audit.commit()

    def committed(self) -> None:
        """Bring what the process remembers of rows up to date, after the commit."""
        if "clients" in self.__dict__ and self.clients.have_changed:
            self._memory.clients.forget()
        if "releases" in self.__dict__:
            self._memory.releases.remember(self.releases.written)

    @cached_property
    def accounts(self) -> Accounts:
        """Return the accounts."""
        return Accounts(self._connection, self._sealing)

    @cached_property
    def cases(self) -> Cases:
        """Return the cases."""
        return Cases(self._connection, self._sealing)

    @cached_property
    def step_ones(self) -> StepOnes:
        """Return the step-one records."""
        return StepOnes(self._connection, self._sealing)

    @cached_property
    def recoveries(self) -> Recoveries:
        """Return the recoveries."""
        return Recoveries(self._connection, self._sealing)

    @cached_property
    def pending_sign_ins(self) -> PendingSignIns:
        """Return the sign-ins that wait for a code."""
        return PendingSignIns(self._connection, self._sealing)

    @cached_property
    def codes(self) -> Codes:
        """Return the one-time codes."""
        return Codes(self._connection)

    @cached_property
    def counters(self) -> Counters:
        """Return the counters."""
        return Counters(self._connection)

    @cached_property
    def sessions(self) -> Sessions:
        """Return the sessions."""
        return Sessions(self._connection, self._sealing)

    @cached_property
    def devices(self) -> Devices:
        """Return the known devices."""
        return Devices(self._connection, self._sealing)

    @cached_property
    def entrances(self) -> Entrances:
        """Return what writes a sign-in by password."""
        return Entrances(self._connection, self._sealing)

    @cached_property
    def grants(self) -> Grants:
        """Return the grants."""
        return Grants(self._connection)

    @cached_property
    def redemptions(self) -> Redemptions:
        """Return what redeems codes and rotates refresh tokens."""
        return Redemptions(self._connection, self._sealing)

    @cached_property
    def standings(self) -> Standings:
        """Return the grants with what decides whether their tokens are good."""
        return Standings(self._connection, self._sealing)

    @cached_property
    def single_use(self) -> SingleUse:
        """Return the single-use rights."""
        return SingleUse(self._connection)

    @cached_property
    def contexts(self) -> Contexts:
        """Return the sealed contexts that are too long for a URL."""
        return Contexts(self._connection)

    @cached_property
    def invitations(self) -> Invitations:
        """Return the invitations to register clients."""
        return Invitations(self._connection)

    @cached_property
    def consents(self) -> Consents:
        """Return the consents."""
        return Consents(self._connection)

    @cached_property
    def releases(self) -> Releases:
        """Return the release log."""
        return Releases(self._connection, self._memory.releases)

    @cached_property
    def refusals(self) -> Refusals:
        """Return the log of refused requests of clients."""
        return Refusals(self._connection)

    @cached_property
    def mobile_changes(self) -> MobileChanges:
        """Return the changes of mobiles."""
        return MobileChanges(self._connection, self._sealing)

    @cached_property
    def clients(self) -> Clients:
        """Return the clients."""
        return Clients(self._connection)

    @cached_property
    def branches(self) -> Branches:
        """Return the branches of the organisation."""
        return Branches(self._connection)

    @cached_property
    def outbox(self) -> Outbox:
        """Return the outbox."""
        return Outbox(self._connection, self._sealing)

    @cached_property
    def deliveries(self) -> Deliveries:
        """Return the deliveries of logout tokens."""
        return Deliveries(self._connection)

    @cached_property
    def key_reports(self) -> KeyReports:
        """Return what each process says about the signing keys."""
        return KeyReports(self._connection)

    @cached_property
    def audit(self) -> Audit:
        """Return the audit."""
        return Audit(self._connection, self._sealing, self._operator)


class Begin(Protocol):
    """Opens a unit of work."""

    def __call__(
        self, *, read_only: bool = False, alone: bool = False
    ) -> AbstractContextManager[UnitOfWork]:
        """Return one transaction.

        ``read_only``: nothing is written; each look is for itself. ``alone``: one statement writes,
        so that PostgreSQL needs no transaction around it.
        """
