"""Accounts for a rehearsal: as many as wanted, whole, and of nobody.

Their national IDs begin with 900 to 998, which no city has (valid all the same), their mobiles with
0940, which no operator has: no message can reach anybody.
"""

from collections.abc import Iterator
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
from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.people.person import Gender, Person, RegistryBirth
from idp.domain.people.places import Residence
from idp.domain.people.questions import QUESTIONS
from idp.ports import AuditEntry, Progress
from idp.services.kernel import Kernel
from idp.store.account.bulk import BulkAccounts

PREFIX = "5eed0000-0000-4000-8000-"
"""The beginning of the ids of seeded accounts; a random id begins so once in 2^96."""
MOST = 50_000_000
FIRST = 900_000_001
GIVEN_NAMES = ("محمدرضا", "فاطمه", "علی", "زهرا", "حسین", "مریم", "امیرحسین")
FAMILY_NAMES = ("احمدی نژاد", "محمدی", "حسینی", "رضایی", "کریمی", "موسوی", "جعفری", "رحیمی")
CITIES = ("تهران", "مشهد", "اصفهان", "شیراز", "تبریز")


class OthersThere(Exception):
    """The database has accounts that were not seeded: it is no rehearsal's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """Writes accounts of a rehearsal."""

    kernel: Kernel
    bulk: BulkAccounts

    def run(self, total: int, password: str | None, progress: Progress) -> int:
        """Write seeded accounts until there are ``total``; return how many were written.

        All have one password, by one hash. Without ``password`` it is random and forgotten: nobody
        can sign in. Begun again after an interruption, it goes on.

        Raises OthersThere: an account of somebody else is there; nothing was written.
        """
        hashed = self.kernel.hashing.hash(password or self.kernel.randomness.token())
        with self.kernel.begin(read_only=True) as work:
            if work.accounts.has_others(PREFIX):
                raise OthersThere
            there = work.accounts.count(PREFIX)
        missing = max(total - there, 0)
        wanted = accounts(there, missing, hashed, self.kernel.clock())
        with progress.step("seeding", missing) as advance:
            self.bulk.add(wanted, advance)
        with self.kernel.begin() as work:
            work.audit.add(
                AuditEntry(
                    at=self.kernel.clock(),
                    actor="seed",
                    action="accounts.seeded",
                    subject="accounts",
                    details={"written": str(missing)},
                )
            )
        return missing


def accounts(start: int, count: int, password_hash: str, at: datetime) -> Iterator[Account]:
    """Yield ``count`` accounts, from the one with number ``start``; each number is one person."""
    template = _template(password_hash, at)
    for number in range(start, start + count):
        national_id = NationalId.of_nine(str(FIRST + number))
        person = replace(
            template.person,
            national_id=national_id,
            given_name=GIVEN_NAMES[number % len(GIVEN_NAMES)],
            family_name=FAMILY_NAMES[number % len(FAMILY_NAMES)],
            gender=Gender.FEMALE if number % 2 else Gender.MALE,
        )
        yield replace(
            template,
            id=f"{PREFIX}{number:012x}",
            national_id=national_id,
            mobile=Mobile(f"+98940{number % 10_000_000:07}"),
            person=person,
            residence=Residence("IR", CITIES[number % len(CITIES)]),
        )


def _template(password_hash: str, at: datetime) -> Account:
    nobody = NationalId.of_nine(str(FIRST))
    return Account(
        id=PREFIX,
        state=AccountState.ACTIVE,
        national_id=nobody,
        mobile=Mobile("+989400000000"),
        phone_proven=True,
        person=Person(
            national_id=nobody,
            given_name=GIVEN_NAMES[0],
            family_name=FAMILY_NAMES[0],
            birth=RegistryBirth(1360, 5, 12),
            gender=Gender.MALE,
        ),
        residence=None,
        email=None,
        # No answer has an empty hash: recovery goes to the branch.
        credentials=Credentials(password_hash, "", QUESTIONS[0], at),
        roles=("insured",),
        assurance=Assurance(IdentityMethod.REGISTRY, MobileMethod.OWNERSHIP, at),
        created_at=at,
        updated_at=at,
    )
