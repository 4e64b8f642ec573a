"""An account as its row, and opened."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from idp.domain.people.account import (
    Account,
    AccountStanding,
    AccountState,
    Assurance,
    Credentials,
    IdentityMethod,
    MobileMethod,
)
from idp.domain.people.email_address import EmailAddress
from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.people.person import Person
from idp.domain.people.physician import DatedClaim
from idp.domain.people.places import Residence
from idp.domain.people.questions import SecurityQuestion
from idp.store.sql.prepared import Row
from idp.store.sql.sealing import Sealing

PURPOSE = "account"


@dataclass(frozen=True, slots=True)
class StoredAccount:
    """An account as its row: tokens need its standing, and seldom its personal values."""

    row: Row = field(repr=False)
    sealing: Sealing = field(repr=False)

    @property
    def id(self) -> str:
        """The account's id."""
        return str(self.row["id"])

    @property
    def standing(self) -> AccountStanding:
        """Whether the account's sessions and grants live."""
        return standing_of(self.row)

    def open(self) -> Account:
        """Return the account with its personal values. Raises BrokenSeal."""
        row = self.row
        personal = self.sealing.open(row["sealed"], purpose=PURPOSE, bound_to=row["id"])
        residence, email = personal["residence"], personal["email"]
        return Account(
            id=row["id"],
            state=AccountState(row["state"]),
            national_id=NationalId(personal["national_id"]),
            mobile=Mobile(personal["mobile"]),
            phone_proven=row["phone_proven"],
            person=Person.from_json(personal["person"]),
            residence=Residence(*residence) if residence else None,
            email=EmailAddress(email) if email else None,
            credentials=_credentials(row),
            roles=tuple(row["roles"]),
            assurance=Assurance(
                IdentityMethod(row["assurance_method"]),
                MobileMethod(row["assurance_mobile"]),
                row["assured_at"],
            ),
            created_at=row["created_at"],
            updated_at=row["updated_at"],
            epoch=row["epoch"],
            physician=_dated(personal["physician"]),
            claim=_dated(personal["claim"]),
            email_confirmed_at=row["email_confirmed_at"],
            recovery_held_until=row["recovery_held_until"],
        )


def standing_of(row: Row) -> AccountStanding:
    """Return the standing in a row with the columns ``state``, ``epoch`` and ``roles``."""
    return AccountStanding(AccountState(row["state"]), row["epoch"], tuple(row["roles"]))


def _credentials(row: Row) -> Credentials:
    return Credentials(
        row["password_hash"],
        row["answer_hash"],
        SecurityQuestion.parse(row["question_id"]),
        row["password_changed_at"],
    )


def _dated(stored: Mapping[str, Any] | None) -> DatedClaim | None:
    return DatedClaim.from_json(stored) if stored else None
