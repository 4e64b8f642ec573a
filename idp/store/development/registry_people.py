"""The embedded registry's people as rows: development, the demo, rehearsals."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, delete, select

from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.people.person import Person
from idp.domain.people.physician import CouncilNumber, PhysicianClaim
from idp.ports import RegistryRecord
from idp.store.development.tables import registry_people
from idp.store.sql.sealing import Sealing
from idp.store.sql.transactions import Transactions
from idp.store.sql.upserts import insert_into

_PURPOSE = "registry_person"


class SqlRegistryPeople:
    """The port ``RegistryPeople``."""

    def __init__(self, transactions: Transactions, sealing: Sealing) -> None:
        self._transactions = transactions
        self._sealing = sealing

    def load(
        self,
        people: Mapping[NationalId, RegistryRecord],
        advance: Callable[[int], None] = lambda _: None,
    ) -> int:
        """Insert or replace, all or none; return how many. ``advance`` is told of each one."""
        with self._transactions.begin() as connection:
            for national_id, record in people.items():
                older = self._sealing.national_id_hashes(national_id)[1:]
                connection.execute(
                    delete(registry_people).where(registry_people.c.national_id_hash.in_(older))
                )
                row = self._row(national_id, record)
                statement = insert_into(connection, registry_people).values(row)
                connection.execute(
                    statement.on_conflict_do_update(index_elements=["national_id_hash"], set_=row)
                )
                advance(1)
        return len(people)

    def find(self, national_id: NationalId) -> RegistryRecord | None:
        """Return the person's record, or None."""
        keys = self._sealing.national_id_hashes(national_id)
        return self._first(registry_people.c.national_id_hash.in_(keys))

    def find_by_council_number(self, number: CouncilNumber) -> RegistryRecord | None:
        """Return the record of the holder of the number, or None."""
        keys = self._sealing.council_number_hashes(number)
        return self._first(registry_people.c.council_number_hash.in_(keys))

    def _first(self, wanted: ColumnElement[bool]) -> RegistryRecord | None:
        by_key = registry_people.c.national_id_hash
        statement = select(registry_people).where(wanted).order_by(by_key).limit(1)
        with self._transactions.begin(read_only=True) as connection:
            row = connection.execute(statement).mappings().first()
        if row is None:
            return None
        key = row["national_id_hash"]
        return _record(self._sealing.open(row["sealed"], purpose=_PURPOSE, bound_to=key))

    def _row(self, national_id: NationalId, record: RegistryRecord) -> dict[str, str | None]:
        key = self._sealing.national_id_hashes(national_id)[0]
        values = {
            "person": record.person and record.person.to_json(),
            "mobile": record.mobile and record.mobile.e164,
            "civil": record.civil,
            "phone": record.phone,
            "insured": record.insured,
            "roles": list(record.roles),
            "physician": record.physician and record.physician.to_json(),
            "council": record.council,
        }
        physician = record.physician
        return {
            "national_id_hash": key,
            "council_number_hash": self._sealing.council_number_hashes(physician.number)[0]
            if physician
            else None,
            "sealed": self._sealing.seal(values, purpose=_PURPOSE, bound_to=key),
        }


def _record(values: Mapping[str, Any]) -> RegistryRecord:
    return RegistryRecord(
        person=Person.from_json(values["person"]) if values["person"] else None,
        mobile=Mobile(values["mobile"]) if values["mobile"] else None,
        civil=values["civil"],
        phone=values["phone"],
        insured=values["insured"],
        roles=tuple(values["roles"]),
        physician=PhysicianClaim.from_json(values["physician"]) if values["physician"] else None,
        council=values["council"],
    )
