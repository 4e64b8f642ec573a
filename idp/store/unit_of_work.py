"""One transaction with its repositories (the port ``Work``)."""

from functools import cached_property

from sqlalchemy import Connection

from idp.ports import Operator
from idp.store.account.accounts import SqlAccounts
from idp.store.account.mobile_changes import SqlMobileChanges
from idp.store.account.recoveries import SqlRecoveries
from idp.store.clients.clients import SqlClients
from idp.store.clients.consents import SqlConsents
from idp.store.clients.grants import SqlGrants
from idp.store.clients.invitations import SqlInvitations
from idp.store.clients.releases import SqlReleases
from idp.store.clients.single_use import SqlSingleUse
from idp.store.messages.deliveries import SqlDeliveries
from idp.store.messages.outbox import SqlOutbox
from idp.store.protection.counters import SqlCounters
from idp.store.registration.cases import SqlCases
from idp.store.registration.step_ones import SqlStepOnes
from idp.store.sign_in.codes import SqlCodes
from idp.store.sign_in.contexts import SqlContexts
from idp.store.sign_in.devices import SqlDevices
from idp.store.sign_in.pending_sign_ins import SqlPendingSignIns
from idp.store.sign_in.sessions import SqlSessions
from idp.store.sql.sealing import Sealing
from idp.store.upkeep.audit import SqlAudit


class UnitOfWork:
    """A repository is built when it is first used; most transactions use two or three."""

    def __init__(
        self, connection: Connection, sealing: Sealing, operator: Operator | None = None
    ) -> None:
        self._connection = connection
        self._operator = operator
        self._sealing = sealing

    def finish(self) -> None:
        """Write what comes last in the transaction."""
        if "audit" in self.__dict__:
            self.audit.finish()

    @cached_property
    def accounts(self) -> SqlAccounts:
        """Return the accounts."""
        return SqlAccounts(self._connection, self._sealing)

    @cached_property
    def cases(self) -> SqlCases:
        """Return the cases."""
        return SqlCases(self._connection, self._sealing)

    @cached_property
    def step_ones(self) -> SqlStepOnes:
        """Return the step-one records."""
        return SqlStepOnes(self._connection, self._sealing)

    @cached_property
    def recoveries(self) -> SqlRecoveries:
        """Return the recoveries."""
        return SqlRecoveries(self._connection, self._sealing)

    @cached_property
    def pending_sign_ins(self) -> SqlPendingSignIns:
        """Return the sign-ins that wait for a code."""
        return SqlPendingSignIns(self._connection, self._sealing)

    @cached_property
    def codes(self) -> SqlCodes:
        """Return the one-time codes."""
        return SqlCodes(self._connection)

    @cached_property
    def counters(self) -> SqlCounters:
        """Return the counters."""
        return SqlCounters(self._connection)

    @cached_property
    def sessions(self) -> SqlSessions:
        """Return the sessions."""
        return SqlSessions(self._connection, self._sealing)

    @cached_property
    def devices(self) -> SqlDevices:
        """Return the known devices."""
        return SqlDevices(self._connection, self._sealing)

    @cached_property
    def grants(self) -> SqlGrants:
        """Return the grants."""
        return SqlGrants(self._connection)

    @cached_property
    def single_use(self) -> SqlSingleUse:
        """Return the rights that are given once."""
        return SqlSingleUse(self._connection)

    @cached_property
    def contexts(self) -> SqlContexts:
        """Return the long sealed contexts."""
        return SqlContexts(self._connection)

    @cached_property
    def invitations(self) -> SqlInvitations:
        """Return the invitations to register clients."""
        return SqlInvitations(self._connection)

    @cached_property
    def consents(self) -> SqlConsents:
        """Return the consents."""
        return SqlConsents(self._connection)

    @cached_property
    def releases(self) -> SqlReleases:
        """Return the release log."""
        return SqlReleases(self._connection)

    @cached_property
    def mobile_changes(self) -> SqlMobileChanges:
        """Return the changes of mobiles."""
        return SqlMobileChanges(self._connection, self._sealing)

    @cached_property
    def clients(self) -> SqlClients:
        """Return the clients."""
        return SqlClients(self._connection)

    @cached_property
    def outbox(self) -> SqlOutbox:
        """Return the outbox."""
        return SqlOutbox(self._connection, self._sealing)

    @cached_property
    def deliveries(self) -> SqlDeliveries:
        """Return the logout notices."""
        return SqlDeliveries(self._connection)

    @cached_property
    def audit(self) -> SqlAudit:
        """Return the audit."""
        return SqlAudit(self._connection, self._sealing, self._operator)
