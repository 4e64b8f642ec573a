"""Accounts as rows."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Connection,
    bindparam,
    delete,
    func,
    literal_column,
    select,
    update,
)

from idp.domain.people.account import (
    Account,
    AccountState,
    Assurance,
    Credentials,
    IdentityMethod,
    MobileMethod,
)
from idp.domain.people.certificate import Series
from idp.domain.people.email_address import EmailAddress
from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.people.person import Gender, Person, RegistryBirth
from idp.domain.people.physician import CouncilNumber
from idp.domain.people.places import Residence
from idp.domain.people.questions import QUESTIONS
from idp.ports import BATCH
from idp.store.account.hash_costs import cost_of
from idp.store.account.stored_account import PURPOSE, StoredAccount
from idp.store.sql.prepared import Prepared, Row, is_one_of, numbered
from idp.store.sql.retention_tables import closed_accounts
from idp.store.sql.sealing import Sealing
from idp.store.sql.tables import (
    accounts,
    consents,
    council_numbers,
    known_devices,
    mobile_changes,
    releases,
)
from idp.store.sql.upserts import insert_new

# In the words of the index: of a parameter PostgreSQL cannot tell whether the index fits, and plans
# a prepared statement anew at each call.
NOT_CLOSED = accounts.c.state != literal_column(f"'{AccountState.CLOSED}'")

_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
_NOBODY = Account(
    id="00000000-0000-0000-0000-000000000000",
    state=AccountState.ACTIVE,
    national_id=NationalId("0000000000"),
    mobile=Mobile("+989400000000"),
    phone_proven=True,
    person=Person(
        national_id=NationalId("0000000000"),
        given_name="محمدرضا",
        family_name="احمدی نژاد",
        birth=RegistryBirth(1360, 1, 1),
        gender=Gender.MALE,
        certificate_number="1354",
        series=Series("الف", "12"),
        serial="123456",
    ),
    residence=Residence("IR", "تهران"),
    email=EmailAddress("somebody@example.com"),
    credentials=Credentials("", "", QUESTIONS[0], _BEGINNING),
    roles=("insured",),
    assurance=Assurance(IdentityMethod.REGISTRY, MobileMethod.OWNERSHIP, _BEGINNING),
    created_at=_BEGINNING,
    updated_at=_BEGINNING,
)
"""The decoy, whose row is opened for national IDs without an account; it is in no table."""

_BY_ID = Prepared(lambda _: select(accounts).where(accounts.c.id == bindparam("id")))
_LOCK = Prepared(
    lambda _: select(accounts).where(accounts.c.id == bindparam("id")).with_for_update()
)


@lru_cache(maxsize=8)
def _by_national_id(hashes: int) -> Prepared:
    """Return the look-up of the account that is not closed by so many digests."""
    is_it = is_one_of(accounts.c.national_id_hash, "hash", hashes)
    return Prepared(lambda _: select(accounts).where(is_it, NOT_CLOSED))


class Accounts:
    """Accounts; at most one that is not closed per national ID."""

    def __init__(self, connection: Connection, sealing: Sealing) -> None:
        self._connection = connection
        self._sealing = sealing

    def add(self, account: Account) -> bool:
        """Insert; False when the national ID has an account already (nothing is written)."""
        if self._has_under_older_key(account.national_id):
            return False
        return insert_new(self._connection, accounts, self._row(account))

    def save(self, account: Account) -> None:
        """Write the whole account; closing it frees its council number and starts its retention.

        Raises KeyError when it does not exist.
        """
        statement = update(accounts).where(accounts.c.id == account.id)
        if not self._connection.execute(statement.values(self._row(account))).rowcount:
            raise KeyError(account.id)
        if account.state is AccountState.CLOSED:
            self.free_council_number(account.id)
            row = {"account_id": account.id, "closed_at": account.updated_at}
            insert_new(self._connection, closed_accounts, row)

    def forget_closed(self, before: datetime, limit: int = BATCH) -> Sequence[str]:
        """Delete at most ``limit`` accounts closed before ``before``; return their ids.

        With them go consents, release log, devices and changes of the mobile. An id is never used
        again; the national ID has been free since the closing.
        """
        old = select(closed_accounts.c.account_id).where(closed_accounts.c.closed_at < before)
        gone = list(self._connection.execute(old.limit(limit)).scalars())
        for table in (consents, releases, known_devices, mobile_changes, closed_accounts):
            self._connection.execute(delete(table).where(table.c.account_id.in_(gone)))
        is_closed = accounts.c.state == AccountState.CLOSED.value
        self._connection.execute(delete(accounts).where(accounts.c.id.in_(gone), is_closed))
        return gone

    def find(self, account_id: str) -> Account | None:
        """Return the account, or None."""
        return self.opened(_BY_ID.first(self._connection, id=account_id))

    def stored(self, account_id: str) -> StoredAccount | None:
        """Return the account with its personal values still sealed, or None."""
        row = _BY_ID.first(self._connection, id=account_id)
        return StoredAccount(row, self._sealing) if row else None

    def lock(self, account_id: str) -> Account | None:
        """Return the account, locked until the transaction ends.

        Call it before ``save``.
        """
        return self.opened(_LOCK.first(self._connection, id=account_id))

    def find_by_national_id(self, national_id: NationalId) -> Account | None:
        """Return the account that is not closed, or None."""
        hashes = self.hashes(national_id)
        statement = _by_national_id(len(hashes))
        return self.opened(statement.first(self._connection, **numbered("hash", hashes)))

    def any(self) -> Account | None:
        """Return some account, or None: to see whether what is sealed opens. Raises BrokenSeal."""
        return self.opened(self._connection.execute(select(accounts).limit(1)).mappings().first())

    def count(self, prefix: str) -> int:
        """Return how many accounts have an id with this beginning."""
        like = accounts.c.id.startswith(prefix, autoescape=True)
        return self._connection.execute(select(func.count()).where(like)).scalar_one()

    def has_others(self, prefix: str) -> bool:
        """Return whether an account has an id with another beginning."""
        other = ~accounts.c.id.startswith(prefix, autoescape=True)
        return (
            self._connection.execute(select(accounts.c.id).where(other).limit(1)).first()
            is not None
        )

    def hashes(self, national_id: NationalId | None) -> Sequence[str]:
        """Return the digests to look up; for None as many that no account has."""
        return self._sealing.national_id_hashes(national_id or _NOBODY.national_id)

    def opened(self, row: Row | None) -> Account | None:
        """Return the account of the row. Without a row, the decoy is opened and None returned.

        Attackers type national IDs at sign-in and recovery: the response time must not reveal which
        of them have an account (attack E01).
        """
        account = StoredAccount(row or _decoy_row(self._sealing), self._sealing).open()
        return account if row else None

    def take_council_number(self, account_id: str, number: CouncilNumber) -> bool:
        """Assign the council number to the account; False when another account holds it.

        The account's other number is freed only when it gets this one. Of concurrent calls one
        wins.
        """
        keys = self._sealing.council_number_hashes(number)
        is_it = council_numbers.c.number_hash.in_(keys)
        held = council_numbers.c.account_id == account_id
        holder = select(council_numbers.c.account_id).where(is_it)
        with self._connection.begin_nested() as trial:
            self._connection.execute(delete(council_numbers).where(held, ~is_it))
            if self._connection.execute(holder).first() is None:
                row = {"number_hash": keys[0], "account_id": account_id}
                insert_new(self._connection, council_numbers, row)
            is_ours = bool(self._connection.execute(holder).scalar_one() == account_id)
            if not is_ours:
                trial.rollback()
        return is_ours

    def free_council_number(self, account_id: str) -> None:
        """Free the council number of the account."""
        held = council_numbers.c.account_id == account_id
        self._connection.execute(delete(council_numbers).where(held))

    def _has_under_older_key(self, national_id: NationalId) -> bool:
        """Look under older look-up keys: the unique index only compares digests of one key."""
        older = self._sealing.national_id_hashes(national_id)[1:]
        held = select(accounts.c.id).where(accounts.c.national_id_hash.in_(older), NOT_CLOSED)
        return bool(older) and self._connection.execute(held).first() is not None

    def _row(self, account: Account) -> dict[str, Any]:
        return account_row(account, self._sealing)


def account_row(account: Account, sealing: Sealing) -> dict[str, Any]:
    """Return the values of the account's columns."""
    credentials, assurance = account.credentials, account.assurance
    return {
        "id": account.id,
        "state": account.state.value,
        "national_id_hash": sealing.national_id_hashes(account.national_id)[0],
        "sealed": sealing.seal(_personal(account), purpose=PURPOSE, bound_to=account.id),
        "phone_proven": account.phone_proven,
        "password_hash": credentials.password_hash,
        "password_cost": cost_of(credentials.password_hash),
        "answer_hash": credentials.answer_hash,
        "answer_cost": cost_of(credentials.answer_hash),
        "question_id": credentials.question.id,
        "password_changed_at": credentials.password_changed_at,
        "roles": list(account.roles),
        "assurance_method": assurance.method.value,
        "assurance_mobile": assurance.mobile.value,
        "assured_at": assurance.at,
        "created_at": account.created_at,
        "updated_at": account.updated_at,
        "epoch": account.epoch,
        "email_confirmed_at": account.email_confirmed_at,
        "recovery_held_until": account.recovery_held_until,
    }


@lru_cache(maxsize=1)
def _decoy_row(sealing: Sealing) -> Mapping[str, Any]:
    """Return the row of the decoy, as large as an ordinary one; made once a process."""
    return account_row(_NOBODY, sealing)


def _personal(account: Account) -> dict[str, Any]:
    residence = account.residence
    return {
        "national_id": account.national_id.value,
        "mobile": account.mobile.e164,
        "person": account.person.to_json(),
        "residence": [residence.country, residence.city] if residence else None,
        "email": account.email.value if account.email else None,
        "physician": account.physician and account.physician.to_json(),
        "claim": account.claim and account.claim.to_json(),
    }
