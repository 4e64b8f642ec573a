from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, select, update

from idp.domain.clients.client import (
    ApplicationType,
    ClientAuthMethod,
    ClientSecret,
    ClientState,
    SelfRegistration,
)
from idp.ports import AuditEntry, ClientChanged
from idp.store.sql.tables import clients
from tests.factories import client, consent
from tests.fakes import NOON

LATER = NOON + timedelta(hours=1)


def test_a_client_comes_back_as_it_was(database):
    whole = client(
        state=ClientState.SUSPENDED,
        application_type=ApplicationType.NATIVE,
        auth_method=ClientAuthMethod.PRIVATE_KEY_JWT,
        secrets=(ClientSecret("one", NOON), ClientSecret("two", NOON, LATER)),
        jwks={"keys": [{"kty": "EC"}]},
        contacts=("it@portal.example",),
        post_logout_redirect_uris=("https://portal.example/",),
        access_token_audience=("https://api.example",),
        introspection_audience=("https://api.example",),
        default_max_age=300,
        request_object_signing_alg="ES256",
        request_uris=("https://portal.example/request.jwt#v1",),
        response_types=frozenset({"code", "id_token token"}),
        registration=SelfRegistration(
            (ClientSecret("three", NOON), ClientSecret("four", NOON, LATER)), "invitation-1", True
        ),
        version=7,
    )
    with database.begin() as work:
        work.clients.add(whole)
        assert work.clients.find("portal") == whole


def test_a_client_of_a_later_version_is_read_without_what_is_new(database, migrated_url):  # F27
    with database.begin() as work:
        work.clients.add(client())
    engine = create_engine(migrated_url)
    with engine.begin() as connection:
        document = connection.scalar(select(clients.c.document))
        later = {**document, "later_member": ["of", "another version"]}
        connection.execute(update(clients).values(document=later))
    engine.dispose()
    with database.begin() as work:
        assert work.clients.find("portal") == client()


def test_a_saved_client_replaces_the_earlier_one(database):
    with database.begin() as work:
        work.clients.add(client())
        work.clients.save(client(name="دیگر", created_at=None, version=2))
        assert work.clients.list() == [client(name="دیگر", created_at=None, version=2)]


def test_a_client_is_added_once(database):
    with database.begin() as work:
        assert work.clients.add(client())
        assert not work.clients.add(client(name="دیگر"))
        assert work.clients.find("portal") == client()


@pytest.mark.parametrize("stale", [1, 2, 4])
def test_a_client_that_was_changed_since_it_was_read_is_not_replaced(database, stale):
    with database.begin() as work:
        work.clients.add(client())
        work.clients.save(client(version=2))
    with pytest.raises(ClientChanged), database.begin() as work:
        work.clients.save(client(name="دیگر", version=stale))
    with database.begin(read_only=True) as work:
        assert work.clients.find("portal") == client(version=2)


def test_a_client_that_is_gone_does_not_come_back(database):
    with database.begin() as work:
        work.clients.add(client())
        work.clients.remove("portal")
    with pytest.raises(ClientChanged), database.begin() as work:
        work.clients.save(client(version=2))
    with database.begin(read_only=True) as work:
        assert work.clients.find("portal") is None


def test_a_locked_client_is_found_as_it_is(database):
    with database.begin() as work:
        work.clients.add(client())
        assert work.clients.lock("portal") == client()
        assert work.clients.lock("another") is None


def test_clients_are_listed_by_id(database):
    with database.begin() as work:
        work.clients.add(client("b"))
        work.clients.add(client("a"))
        assert [one.client_id for one in work.clients.list()] == ["a", "b"]


def test_a_removed_client_is_gone(database):
    with database.begin() as work:
        work.clients.add(client())
        assert work.clients.remove("portal")
        assert not work.clients.remove("portal")
        assert work.clients.find("portal") is None


def test_every_change_of_a_client_can_be_noticed(database):
    with database.begin() as work:
        seen = [work.clients.changes()]
        work.clients.add(client())
        seen.append(work.clients.changes())
        work.clients.save(client(version=2))
        seen.append(work.clients.changes())
        work.clients.remove("portal")
        seen.append(work.clients.changes())
        work.clients.remove("portal")
        seen.append(work.clients.changes())
    assert seen == [0, 1, 2, 3, 3]


def test_a_consent_comes_back_as_it_was(database):
    with database.begin() as work:
        work.consents.save(consent())
        assert work.consents.find("account-1", "portal") == consent()
        assert work.consents.find("account-1", "another") is None


def test_a_later_consent_replaces_the_earlier_one(database):
    wider = replace(consent(), scopes=frozenset({"openid", "phone"}), client_version=2)
    with database.begin() as work:
        work.consents.save(consent())
        work.consents.save(wider)
        assert work.consents.of_account("account-1") == [wider]


def test_a_consent_is_revoked_once(database):
    with database.begin() as work:
        work.consents.save(consent())
        assert work.consents.revoke("account-1", "portal", LATER)
        assert not work.consents.revoke("account-1", "portal", LATER)
        assert work.consents.find("account-1", "portal") == replace(consent(), revoked_at=LATER)


def test_a_consent_given_again_lives_again(database):
    with database.begin() as work:
        work.consents.save(consent())
        work.consents.revoke("account-1", "portal", NOON)
        work.consents.save(replace(consent(), given_at=LATER))
        found = work.consents.find("account-1", "portal")
    assert found == replace(consent(), given_at=LATER)


def entry(number: int, subject: str = "account-1") -> AuditEntry:
    return AuditEntry(
        at=NOON, actor="hub", action=f"act.{number}", subject=subject, details={"a": "b"}
    )


def test_the_audits_tail_is_the_newest_in_order(database):
    with database.begin() as work:
        for number in range(5):
            work.audit.add(entry(number))
        assert work.audit.tail(2) == [entry(3), entry(4)]


def test_the_audit_can_be_read_by_subject(database):
    with database.begin() as work:
        work.audit.add(entry(1))
        work.audit.add(entry(2, subject="case-1"))
        assert work.audit.tail(subject="case-1") == [entry(2, subject="case-1")]


def test_a_logo_is_kept_apart_and_stays_with_later_changes(database):
    with database.begin() as work:
        work.clients.add(client(logo=b"picture", logo_version="d1"))
        known = work.clients.find("portal")
        work.clients.save(replace(known, name="دیگر", version=2))
        assert (known.logo, known.logo_version) == (None, "d1")
        assert work.clients.find_logo("portal") == b"picture"


def test_a_new_logo_replaces_the_earlier_one(database):
    with database.begin() as work:
        work.clients.add(client(logo=b"picture", logo_version="d1"))
        work.clients.save(client(logo=b"another", logo_version="d2", version=2))
        assert work.clients.find_logo("portal") == b"another"


def test_a_logo_goes_with_its_version(database):
    with database.begin() as work:
        work.clients.add(client(logo=b"picture", logo_version="d1"))
        work.clients.save(client(version=2))
        assert work.clients.find_logo("portal") is None


def test_a_logo_goes_with_its_client(database):
    with database.begin() as work:
        work.clients.add(client(logo=b"picture", logo_version="d1"))
        work.clients.remove("portal")
        assert work.clients.find_logo("portal") is None


def test_the_audit_of_a_subject_is_paged_by_actions_the_newest_first(database):
    with database.begin() as work:
        for number in (1, 2, 3):
            work.audit.add(entry(number))
        work.audit.add(entry(1, subject="case-1"))
        page = work.audit.page("account-1", {"act.1", "act.3"}, skip=0, limit=5)
        assert page == [entry(3), entry(1)]
        assert work.audit.page("account-1", {"act.1", "act.3"}, skip=1, limit=5) == [entry(1)]
        assert work.audit.page("account-1", {"act.2"}, skip=0, limit=0) == []
