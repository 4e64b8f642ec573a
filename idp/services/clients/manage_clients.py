"""Acts of administrators on clients. Every change is audited; a secret is shown once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from idp.domain.clients.client import (
    SECRET_METHODS,
    SECRET_PURPOSE,
    Client,
    ClientSecret,
    ClientState,
    SelfRegistration,
)
from idp.domain.clients.metadata import parse_client
from idp.domain.errors import DomainError
from idp.ports import (
    AuditEntry,
)
from idp.services.kernel import Kernel
from idp.store.unit_of_work import UnitOfWork

_KEPT = frozenset(
    {"secrets", "state", "service_tokens_since", "created_at", "updated_at", "version"}
)
_COMPARED = tuple(one.name for one in fields(Client) if one.compare and one.name not in _KEPT)


class UnknownClient(DomainError):
    """No client has this id."""

    code = "unknown_client"


class ClientExists(DomainError):
    """A client of this id is registered already; update it instead."""

    code = "client_exists"


class PlanChanged(DomainError):
    """The plan differs from the one that was shown, because clients changed meanwhile."""

    code = "plan_changed"


class StateIsSo(DomainError):
    """The client already has this state: there is nothing to change or to audit."""

    code = "state_is_so"


class CameByFile(DomainError):
    """The client was registered by an administrator's file, which sets its scopes."""

    code = "came_by_file"


class HasNoSecret(DomainError):
    """The client's authentication method uses no secret: a key, or none."""

    code = "has_no_secret"


@dataclass(frozen=True, slots=True)
class Registered:
    """A registered client.

    ``secret`` is shown only here; None for clients without one.
    """

    client: Client
    secret: str | None = field(default=None, repr=False)


class ChangeKind(StrEnum):
    """What ``apply`` would do with one client."""

    ADD = "add"
    UPDATE = "update"
    REMOVE = "remove"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the plan; ``members`` maps each differing member to its old and new value."""

    kind: ChangeKind
    client_id: str
    members: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ManageClients:
    """Registers, changes, suspends and removes clients."""

    kernel: Kernel
    loopback_http: bool

    def parse(self, metadata: Mapping[str, Any]) -> Client:
        """Return the client that the metadata describes. Raises InvalidClientMetadata."""
        return parse_client(metadata, loopback_http=self.loopback_http)

    def register(self, metadata: Mapping[str, Any], *, officer: str) -> Registered:
        """Add a client and return it with its secret.

        Raises InvalidClientMetadata, ClientExists.
        """
        client = self.parse(metadata)
        with self.kernel.begin() as work:
            return self._add(work, client, officer)

    def update(self, metadata: Mapping[str, Any], *, officer: str) -> Client:
        """Replace the client's metadata; secrets and state stay. Raises UnknownClient."""
        wanted = self.parse(metadata)
        with self.kernel.begin() as work:
            return self._update(work, _locked(work, wanted.client_id), wanted, officer)

    def rotate_secret(self, client_id: str, *, officer: str, keep_old: timedelta) -> Registered:
        """Add a new secret; the newest old one stays valid for ``keep_old`` at most.

        Raises UnknownClient, HasNoSecret.
        """
        now = self.kernel.clock()
        with self.kernel.begin() as work:
            client = _locked(work, client_id)
            if client.auth_method not in SECRET_METHODS:
                raise HasNoSecret(client_id)
            secret, stored = self._new_secret()
            old = tuple(
                replace(s, expires_at=min(s.expires_at or now + keep_old, now + keep_old))
                for s in client.secrets
                if s.is_live(now)
            )[:1]
            client = self._save(work, replace(client, secrets=(stored, *old)))
            self._audit(work, officer, "client.secret_rotated", client_id)
        return Registered(client, secret)

    def suspend(self, client_id: str, *, officer: str, reason: str) -> Client:
        """Suspend the client: refuse its requests and tokens from now on (attack A14).

        Then its grants are revoked, in short transactions: there may be a million (fault F35).
        Raises UnknownClient, StateIsSo.
        """
        with self.kernel.begin() as work:
            client = _in_state(_locked(work, client_id), ClientState.SUSPENDED)
            self._audit(work, officer, "client.suspended", client_id, reason=reason)
            now = self.kernel.clock()
            suspended = self._save(work, replace(client, service_tokens_since=now))
        self._revoke_grants(client_id)
        return suspended

    def resume(self, client_id: str, *, officer: str, reason: str) -> Client:
        """Resume a suspended client; revoked grants stay revoked.

        Those that a suspension left, which was cut short, are revoked first. Raises UnknownClient,
        StateIsSo.
        """
        _in_state(self.find(client_id), ClientState.ACTIVE)
        self._revoke_grants(client_id)
        with self.kernel.begin() as work:
            client = _in_state(_locked(work, client_id), ClientState.ACTIVE)
            self._audit(work, officer, "client.resumed", client_id, reason=reason)
            return self._save(work, client)

    def grant(self, client_id: str, scopes: frozenset[str], *, officer: str) -> Client:
        """Set the scopes of a self-registered client and mark it as reviewed.

        Raises UnknownClient, CameByFile.
        """
        with self.kernel.begin() as work:
            client = _locked(work, client_id)
            if client.registration is None:
                raise CameByFile(client_id)
            reviewed = replace(client.registration, is_reviewed=True)
            told = " ".join(sorted(scopes))
            self._audit(work, officer, "client.granted", client_id, scopes=told)
            return self._save(work, replace(client, scopes=scopes, registration=reviewed))

    def remove(self, client_id: str, *, officer: str) -> None:
        """Remove the client and revoke its grants. Raises UnknownClient."""
        self.find(client_id)
        self._revoke_grants(client_id)
        with self.kernel.begin() as work:
            _locked(work, client_id)
            self._remove(work, client_id, officer)

    def find(self, client_id: str) -> Client:
        """Return the client. Raises UnknownClient."""
        with self.kernel.begin(read_only=True) as work:
            client = work.clients.find(client_id)
        if client is None:
            raise UnknownClient(client_id)
        return client

    def list(self) -> Sequence[Client]:
        """Return all clients, by id."""
        with self.kernel.begin(read_only=True) as work:
            return work.clients.list()

    def plan(self, wanted: Sequence[Client], *, prune: bool) -> Sequence[Change]:
        """Return what ``apply`` would do, sorted by client id; writes nothing."""
        with self.kernel.begin(read_only=True) as work:
            return _plan({c.client_id: c for c in work.clients.list()}, wanted, prune=prune)

    def apply(
        self,
        wanted: Sequence[Client],
        *,
        prune: bool,
        officer: str,
        shown: Sequence[Change] | None = None,
    ) -> Sequence[Registered]:
        """Make the registrations equal ``wanted`` in one transaction.

        Return the added clients with their secrets. ``shown`` is the plan that the officer saw,
        if any.

        A second ``apply`` changes nothing. ``prune`` removes clients that are not in ``wanted``,
        except self-registered ones, which never had a file.

        Raises PlanChanged, ClientExists, ClientChanged: clients were changed meanwhile; nothing is
        written.
        """
        by_id = {client.client_id: client for client in wanted}
        added: list[Registered] = []
        with self.kernel.begin() as work:
            known = {client.client_id: client for client in work.clients.list()}
            plan = _plan(known, wanted, prune=prune)
            if shown is not None and plan != list(shown):
                raise PlanChanged
            for change in plan:
                if change.kind is ChangeKind.ADD:
                    added.append(self._add(work, by_id[change.client_id], officer))
                elif change.kind is ChangeKind.UPDATE:
                    self._update(work, known[change.client_id], by_id[change.client_id], officer)
                elif change.kind is ChangeKind.REMOVE:
                    self._remove(work, change.client_id, officer)
        return added

    def _add(self, work: UnitOfWork, client: Client, officer: str) -> Registered:
        secret = None
        if client.auth_method in SECRET_METHODS:
            secret, stored = self._new_secret()
            client = replace(client, secrets=(stored,))
        now = self.kernel.clock()
        client = replace(client, created_at=now, updated_at=now)
        if not work.clients.add(client):
            raise ClientExists(client.client_id)
        self._audit(work, officer, "client.registered", client.client_id)
        return Registered(client, secret)

    def _revoke_grants(self, client_id: str) -> None:
        """Revoke all grants of the client, each span of them in a transaction of its own."""
        now = self.kernel.clock()
        last: str | None = ""
        while last is not None:
            with self.kernel.begin() as work:
                last = work.grants.revoke_span_of_client(client_id, now, after=last)

    def _update(self, work: UnitOfWork, known: Client, wanted: Client, officer: str) -> Client:
        kept = {name: getattr(known, name) for name in _KEPT}
        client = self._save(work, replace(wanted, **kept))
        self._audit(work, officer, "client.updated", client.client_id)
        return client

    def _remove(self, work: UnitOfWork, client_id: str, officer: str) -> None:
        work.grants.revoke_of_client(client_id, self.kernel.clock())
        work.clients.remove(client_id)
        self._audit(work, officer, "client.removed", client_id)

    def _save(self, work: UnitOfWork, client: Client) -> Client:
        changed = replace(client, updated_at=self.kernel.clock(), version=client.version + 1)
        work.clients.save(changed)
        return changed

    def _new_secret(self) -> tuple[str, ClientSecret]:
        secret = self.kernel.randomness.token()
        digest = self.kernel.vault.digest(secret, purpose=SECRET_PURPOSE)
        return secret, ClientSecret(digest, created_at=self.kernel.clock())

    def _audit(
        self, work: UnitOfWork, officer: str, action: str, client_id: str, **details: str
    ) -> None:
        work.audit.add(
            AuditEntry(
                at=self.kernel.clock(),
                actor=officer,
                action=action,
                subject=client_id,
                details=details,
            )
        )


def _locked(work: UnitOfWork, client_id: str) -> Client:
    """Return the client as it is now, locked until the transaction ends. Raises UnknownClient."""
    client = work.clients.lock(client_id)
    if client is None:
        raise UnknownClient(client_id)
    return client


def _in_state(client: Client, state: ClientState) -> Client:
    if client.state is state:
        raise StateIsSo(client.client_id)
    return replace(client, state=state)


def _plan(known: Mapping[str, Client], wanted: Sequence[Client], *, prune: bool) -> list[Change]:
    changes = [_change(known.get(client.client_id), client) for client in wanted]
    if prune:
        by_file = {one.client_id for one in known.values() if one.registration is None}
        gone = by_file - {client.client_id for client in wanted}
        changes += [Change(ChangeKind.REMOVE, client_id) for client_id in gone]
    return sorted(changes, key=lambda change: change.client_id)


def _change(known: Client | None, wanted: Client) -> Change:
    if known is None:
        return Change(ChangeKind.ADD, wanted.client_id)
    members = {
        name: (_text(getattr(known, name)), _text(getattr(wanted, name)))
        for name in _COMPARED
        if getattr(known, name) != getattr(wanted, name)
    }
    kind = ChangeKind.UPDATE if members else ChangeKind.NOTHING
    return Change(kind, wanted.client_id, members)


def _text(value: object) -> str:
    if isinstance(value, SelfRegistration):
        return "by itself"
    if isinstance(value, frozenset):
        return " ".join(sorted(value))
    return " ".join(value) if isinstance(value, tuple) else str(value)
