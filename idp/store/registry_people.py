"""The embedded registry's people as rows: development, the demo, rehearsals."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from idp.domain.mobile import Mobile
from idp.domain.national_id import NationalId
from idp.domain.person import Person
from idp.ports import RegistryRecord
from idp.store.sealing import Sealing
from idp.store.tables import registry_people
from idp.store.transactions import Transactions
from idp.store.upserts import insert_into

_PURPOSE = "registry_person"


class SqlRegistryPeople:
    """The port ``RegistryPeople``."""

    def __init__(self, transactions: Transactions, sealing: Sealing) -> None:
        self._transactions = transactions
        self._sealing = sealing

    def load(self, people: Mapping[NationalId, RegistryRecord]) -> int:
        """Insert or replace, all or none; return how many."""
        with self._transactions.begin() as connection:
            for national_id, record in people.items():
                row = self._row(national_id, record)
                statement = insert_into(connection, registry_people).values(row)
                connection.execute(
                    statement.on_conflict_do_update(
                        index_elements=["national_id_hash"], set_={"sealed": row["sealed"]}
                    )
                )
        return len(people)

    def find(self, national_id: NationalId) -> RegistryRecord | None:
        """Return the person's record, or None."""
        key = self._sealing.national_id_hash(national_id)
        wanted = select(registry_people.c.sealed).where(registry_people.c.national_id_hash == key)
        with self._transactions.begin(read_only=True) as connection:
            sealed = connection.execute(wanted).scalar_one_or_none()
        if sealed is None:
            return None
        return _record(self._sealing.open(sealed, purpose=_PURPOSE, bound_to=key))

    def _row(self, national_id: NationalId, record: RegistryRecord) -> dict[str, str]:
        key = self._sealing.national_id_hash(national_id)
        values = {
            "person": record.person and record.person.to_json(),
            "mobile": record.mobile and record.mobile.e164,
            "civil": record.civil,
            "phone": record.phone,
            "insured": record.insured,
            "roles": list(record.roles),
        }
        sealed = self._sealing.seal(values, purpose=_PURPOSE, bound_to=key)
        return {"national_id_hash": key, "sealed": sealed}


def _record(values: Mapping[str, Any]) -> RegistryRecord:
    return RegistryRecord(
        person=Person.from_json(values["person"]) if values["person"] else None,
        mobile=Mobile(values["mobile"]) if values["mobile"] else None,
        civil=values["civil"],
        phone=values["phone"],
        insured=values["insured"],
        roles=tuple(values["roles"]),
    )
