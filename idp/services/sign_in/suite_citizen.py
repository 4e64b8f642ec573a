"""The citizen whom a conformance suite signs in as; only in the test mode, on loopback."""

from dataclasses import dataclass, replace
from datetime import datetime

from idp.domain.people.account import (
    Account,
    AccountState,
    Assurance,
    Credentials,
    IdentityMethod,
    MobileMethod,
)
from idp.domain.people.email_address import EmailAddress
from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.people.person import Gender, Person, RegistryBirth
from idp.domain.people.places import Residence
from idp.domain.people.questions import SecurityQuestion
from idp.services.kernel import Kernel

ACCOUNT_ID = "suite-citizen"
STANDARD_CLAIMS = {
    "middle_name": "میانه",
    "nickname": "نمونه",
    "preferred_username": "suite",
    "profile": "https://suite.example.com/profile",
    "picture": "https://suite.example.com/picture.png",
    "website": "https://suite.example.com/",
}
"""Claims of OIDC Core 5.1 that citizens do not have."""

PROFESSION = {"council_number": "99999", "profession": "pharmacist"}
"""Claims without a profession on the account, which would require a second step each time."""

NATIONAL_ID = NationalId("9990000018")
"""Belongs to no citizen: its prefix is in no published list of cities."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteCitizen:
    """Writes an account that has a value for every claim of every scope."""

    kernel: Kernel

    def put(self, password: str) -> None:
        """Write the account with this password; an existing one is replaced and its epoch grows."""
        hashed = self.kernel.hashing.hash(password)
        now = self.kernel.clock()
        with self.kernel.begin() as work:
            known = work.accounts.lock(ACCOUNT_ID)
            if known is not None:
                anew = _account(hashed, now)
                work.accounts.save(
                    replace(anew, created_at=known.created_at, epoch=known.epoch + 1)
                )
                return
            work.accounts.add(_account(hashed, now))


def _account(password_hash: str, now: datetime) -> Account:
    # No question can be answered: the suite has no phone to recover with.
    question = SecurityQuestion.parse("first_teacher")
    return Account(
        id=ACCOUNT_ID,
        state=AccountState.ACTIVE,
        national_id=NATIONAL_ID,
        mobile=Mobile("+989120000000"),
        phone_proven=True,
        person=_PERSON,
        residence=Residence("IR", "تهران"),
        email=EmailAddress("suite@example.com"),
        email_confirmed_at=now,
        credentials=Credentials(password_hash, "", question, now),
        roles=("insured", "pensioner", "employer"),
        assurance=Assurance(IdentityMethod.REGISTRY, MobileMethod.OWNERSHIP, now),
        created_at=now,
        updated_at=now,
    )


_PERSON = Person(
    national_id=NATIONAL_ID,
    given_name="نمونه",
    family_name="آزمایشی",
    birth=RegistryBirth(1360, 5, 12),
    gender=Gender.FEMALE,
)
