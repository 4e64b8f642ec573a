"""Fault F28: a backup is restored; every token of before the restore is replayed, and all fail."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from idp.adapters.vault import AesVault
from idp.app.backups import FENCED
from idp.protocol.provider import Provider
from idp.services.upkeep.after_restore import AfterRestore
from idp.store import migrate
from idp.store.backup.mass_ending import MassEnding
from idp.store.backup.sqlite import SqliteCopy
from idp.store.database import Database
from idp.store.sql.transactions import opened
from tests.fakes import NOON, kernel_of
from tests.migrated import migrated
from tests.protocol.conftest import make_hub
from tests.protocol.hub import Portal
from tests.services.upkeep.test_after_restore import Steps


class Ledger:
    """What clients were given, before the backup and after it."""

    def __init__(self, portal: Portal, copy: SqliteCopy) -> None:
        self.codes = {"unused": portal.obtain_code(), "used": portal.obtain_code()}
        self.online = portal.obtain_tokens()["access_token"]
        first, revoked = portal.obtain_offline(), portal.obtain_offline()
        with copy.dump(NOON, "1.0") as (manifest, archive):
            self.manifest, self.image = manifest, b"".join(archive)
        portal.redeem(self.codes["used"])
        rotated = portal.refresh(first["refresh_token"]).body
        portal.revoke(revoked["refresh_token"])
        self.codes["later"] = portal.obtain_code()
        later = portal.obtain_offline()
        self.tokens = {"first": first, "rotated": rotated, "revoked": revoked, "later": later}


@pytest.fixture(scope="module")
def restored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Portal, Ledger]]:
    """The portal at the restored hub, and what it was given before."""
    file: Path = tmp_path_factory.mktemp("restore") / "hub.sqlite3"
    url, vault = migrated(f"sqlite:///{file}"), AesVault([("k1", b"s" * 32)], b"i" * 32)
    copy = SqliteCopy(url)
    with closing(Database(url, vault)) as database:
        hub = make_hub(database, vault)
        portal = hub.register()
        ledger = Ledger(portal, copy)
    with copy.loading([ledger.image], replace=True) as beside:
        migrate.upgrade_restored(beside, ledger.manifest.revision, lambda _: None)
        with closing(Database(beside, vault)) as database, opened(beside) as transactions:
            kernel = kernel_of(replace(hub.at, begin=database.begin, clients=database.clients))
            after = AfterRestore(kernel=kernel, ending=MassEnding(transactions), fenced=FENCED)
            after.run(Steps(), {})
        migrate.mark_restored(beside)
    with closing(Database(url, vault)) as database:
        at = replace(hub.at, begin=database.begin, clients=database.clients)
        yield Portal(replace(hub, at=at, provider=Provider(at)), portal.client), ledger


CODES = ("unused", "used", "later")
TOKENS = ("first", "rotated", "revoked", "later")


@pytest.mark.parametrize("name", CODES)
def test_no_code_of_before_is_good(restored, name):
    portal, ledger = restored
    assert portal.redeem(ledger.codes[name]).body["error"] == "invalid_grant"


@pytest.mark.parametrize("name", TOKENS)
def test_no_refresh_token_of_before_is_good(restored, name):
    portal, ledger = restored
    again = portal.refresh(ledger.tokens[name]["refresh_token"])
    assert again.body["error"] == "invalid_grant"


@pytest.mark.parametrize("name", TOKENS)
def test_no_access_token_of_before_opens_userinfo(restored, name):
    portal, ledger = restored
    assert portal.hub.userinfo(ledger.tokens[name]["access_token"]).status == 401


def test_a_grant_that_lived_with_its_session_is_inactive(restored):
    portal, ledger = restored
    assert portal.introspect(ledger.online).body == {"active": False}
    assert portal.hub.userinfo(ledger.online).status == 401


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
@pytest.mark.parametrize("name", TOKENS)
def test_every_token_of_before_is_inactive(restored, name, kind):
    portal, ledger = restored
    assert portal.introspect(ledger.tokens[name][kind]).body == {"active": False}


def test_the_cookie_of_before_is_of_a_session_that_has_ended(restored):
    portal, _ = restored
    with portal.hub.at.begin(read_only=True) as work:
        session, _ = work.sessions.find_with_account("token-of-session-1")
    assert session.ended_at is not None


def test_who_signs_in_anew_gets_tokens(restored):
    portal, _ = restored
    session = portal.hub.sign_in("session-after", created_at=NOON)
    portal.hub.session = session
    assert portal.redeem(portal.obtain_code()).status == 200
