"""A dump of the database is no breach: no personal value can be read in it (D13)."""

from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from idp.adapters.vault import AesVault
from idp.ports import InboxMail, InboxMessage, RegistryRecord
from idp.store.database import Database
from tests import factories
from tests.fakes import NOON

SECRETS = [
    factories.NATIONAL_ID.value,
    factories.MOBILE.e164.removeprefix("+98"),
    factories.EMAIL.value,
    "احمدی",
    "رضا",
    "تهران",
    "123456",
    "1360",
    "فعال گردید",
    "browser-1",
    "session-token",
    "5.1.1.0",
    factories.PHYSICIAN.number.value,
    factories.PHYSICIAN.profession.value,
    factories.OTHER_MOBILE.e164.removeprefix("+98"),
]


@pytest.fixture(params=["sqlite", "postgres"])
def dump(request: pytest.FixtureRequest) -> str:
    """Everything that the database holds after one value of each kind was written."""
    url = request.getfixturevalue(f"migrated_{request.param}_url")
    fill(url)
    return sqlite_dump(url) if request.param == "sqlite" else postgres_dump(url)


@pytest.mark.parametrize("secret", SECRETS)
def test_a_dump_holds_no_personal_value(dump, secret):
    assert secret not in dump
    assert secret.encode("unicode_escape").decode() not in dump


def test_the_dump_is_one(dump):
    assert "account-1" in dump


def fill(url: str) -> None:
    database = Database(url, AesVault([("k1", bytes(32))], bytes(32)))
    with database.begin() as work:
        work.accounts.add(factories.account(physician=factories.PROVEN, claim=factories.PROVEN))
        assert work.accounts.take_council_number("account-1", factories.PHYSICIAN.number)
        typed = factories.application(physician=factories.PHYSICIAN)
        work.cases.add(factories.case(person=factories.person(), application=typed))
        work.step_ones.put(factories.step_one())
        work.recoveries.put(factories.recovery())
        work.pending_sign_ins.put(factories.pending_sign_in())
        work.sessions.add(factories.session(), "session-token")
        work.mobile_changes.add(factories.mobile_change())
        work.devices.save(factories.known_device())
        work.outbox.put(factories.job(sms=factories.sms()))
    database.registry_people().load({factories.NATIONAL_ID: registry_record()})
    database.sms_inbox().add(
        InboxMessage(uid=1, to=factories.MOBILE, text=factories.sms().text, at=NOON)
    )
    with database.begin() as work:
        work.outbox.put(factories.job("mail-1", kind="mail", mail=factories.mail()))
    database.mail_inbox().add(
        InboxMail(uid=1, to=factories.EMAIL, subject="موضوع", text="فعال گردید", at=NOON)
    )
    database.close()


def registry_record() -> RegistryRecord:
    return RegistryRecord(
        person=factories.person(),
        mobile=factories.MOBILE,
        civil="found",
        phone="match",
        insured=True,
        physician=factories.PHYSICIAN,
    )


def sqlite_dump(url: str) -> str:
    path = Path(str(make_url(url).database))
    files = sorted(path.parent.glob(f"{path.name}*"))
    return b"".join(file.read_bytes() for file in files).decode("utf-8", "replace")


def postgres_dump(url: str) -> str:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        names = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        ).fetchall()
        rows = [
            connection.execute(f'SELECT t::text FROM "{name}" t').fetchall() for (name,) in names
        ]
    return repr(rows)
