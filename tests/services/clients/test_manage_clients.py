"""What administrators do with clients, on the embedded database."""

from datetime import timedelta

import pytest

from idp.domain.clients.client import ClientSecret, SelfRegistration
from idp.domain.clients.problems import InvalidClientMetadata
from idp.services.clients.manage_clients import (
    CameByFile,
    Change,
    ChangeKind,
    ClientExists,
    HasNoSecret,
    ManageClients,
    PlanChanged,
    StateIsSo,
    UnknownClient,
)
from idp.store.database import Database
from tests import fakes
from tests.factories import client, grant
from tests.fakes import NOON, FixedClock, PlainVault

RECORDS = {
    "client_id": "records",
    "client_name": "سوابق بیمه",
    "redirect_uris": ["https://records.test/cb"],
    "scope": ["openid", "profile"],
}
COPY = RECORDS | {"client_id": "copy", "client_name": "نسخه"}
PUBLIC = RECORDS | {"client_id": "app", "token_endpoint_auth_method": "none"}


@pytest.fixture
def clock():
    return FixedClock()


@pytest.fixture
def database(migrated_sqlite_url):
    opened = Database(migrated_sqlite_url, PlainVault())
    yield opened
    opened.close()


@pytest.fixture
def manage(database, clock):
    return ManageClients(kernel=fakes.kernel(database.begin, clock), loopback_http=False)


def wanted(manage, *metadata):
    return [manage.parse(one) for one in metadata]


def audit_of(database, subject):
    with database.begin(read_only=True) as work:
        return [(entry.actor, entry.action) for entry in work.audit.tail(subject=subject)]


def test_a_confidential_client_gets_its_secret_once(manage):
    secret = manage.register(RECORDS, officer="o1").secret
    assert secret
    assert secret not in repr(manage.find("records"))


def test_only_a_digest_of_the_secret_is_kept(manage):
    done = manage.register(RECORDS, officer="o1")
    digest = PlainVault().digest(done.secret, purpose="client_secret")
    assert [kept.digest for kept in manage.find("records").secrets] == [digest]


def test_a_public_client_gets_no_secret(manage):
    assert manage.register(PUBLIC, officer="o1").secret is None


def test_registering_twice_is_refused(manage):
    manage.register(RECORDS, officer="o1")
    with pytest.raises(ClientExists):
        manage.register(RECORDS, officer="o1")


def test_wrong_metadata_registers_nothing(manage):
    with pytest.raises(InvalidClientMetadata):
        manage.register(RECORDS | {"scope": ["everything"]}, officer="o1")
    assert not manage.list()


def test_updating_keeps_secret_and_state(manage):
    manage.register(RECORDS, officer="o1")
    manage.suspend("records", officer="o1", reason="leak")
    before = manage.find("records")
    after = manage.update(RECORDS | {"client_name": "نام دیگر"}, officer="o1")
    assert (after.name, after.state, after.secrets) == ("نام دیگر", before.state, before.secrets)


def test_attack_OP8_every_change_moves_the_version_that_consents_are_bound_to(manage):
    manage.register(RECORDS, officer="o1")
    before = manage.find("records").version
    assert manage.update(COPY | {"client_id": "records"}, officer="o1").version == before + 1


def test_the_old_secret_lives_on_for_the_time_given(manage, clock):
    manage.register(RECORDS, officer="o1")
    manage.rotate_secret("records", officer="o1", keep_old=timedelta(hours=1))
    _, old = manage.find("records").secrets
    clock.move(timedelta(minutes=59))
    assert old.is_live(clock())
    clock.move(timedelta(minutes=2))
    assert not old.is_live(clock())


def test_at_most_two_secrets_live(manage):
    manage.register(RECORDS, officer="o1")
    for _ in range(3):
        manage.rotate_secret("records", officer="o1", keep_old=timedelta(hours=1))
    assert len(manage.find("records").secrets) == 2


def test_a_client_without_secret_cannot_rotate_it(manage):
    manage.register(PUBLIC, officer="o1")
    with pytest.raises(HasNoSecret):
        manage.rotate_secret("app", officer="o1", keep_old=timedelta(0))


def test_resuming_a_suspended_client(manage):
    manage.register(RECORDS, officer="o1")
    manage.suspend("records", officer="o1", reason="leak")
    assert manage.resume("records", officer="o1", reason="mended").is_active


def test_a_suspension_ends_a_services_tokens_for_good(manage, clock):
    manage.register(RECORDS, officer="o1")
    manage.suspend("records", officer="o1", reason="leak")
    clock.move(timedelta(hours=1))
    manage.resume("records", officer="o1", reason="mended")

    assert manage.update(RECORDS, officer="o1").service_tokens_since == NOON


def test_a_removed_client_is_unknown(manage):
    manage.register(RECORDS, officer="o1")
    manage.remove("records", officer="o1")
    with pytest.raises(UnknownClient):
        manage.find("records")


@pytest.mark.parametrize("act", ["suspend", "resume"])
def test_acts_on_an_unknown_client_are_refused(manage, act):
    with pytest.raises(UnknownClient):
        getattr(manage, act)("nobody", officer="o1", reason="x")


def test_every_act_is_audited_with_its_officer(manage, database):
    manage.register(RECORDS, officer="o1")
    manage.suspend("records", officer="o2", reason="leak")
    assert audit_of(database, "records") == [
        ("o1", "client.registered"),
        ("o2", "client.suspended"),
    ]


def test_applying_registers_what_is_missing_and_returns_the_secrets(manage):
    added = manage.apply(wanted(manage, RECORDS, COPY), prune=False, officer="o1")
    assert {done.client.client_id for done in added if done.secret} == {"records", "copy"}


def test_applying_twice_changes_nothing(manage):
    manage.apply(wanted(manage, RECORDS), prune=False, officer="o1")
    before = manage.list()
    assert manage.apply(wanted(manage, RECORDS), prune=True, officer="o1") == []
    assert manage.list() == before


def test_the_plan_names_what_differs(manage):
    manage.register(RECORDS, officer="o1")
    plan = manage.plan(wanted(manage, RECORDS | {"scope": ["openid"]}), prune=False)
    assert plan == [
        Change(ChangeKind.UPDATE, "records", {"scopes": ("openid profile", "openid")}),
    ]


def test_pruning_removes_only_what_has_no_file(manage):
    manage.apply(wanted(manage, RECORDS, COPY), prune=False, officer="o1")
    manage.apply(wanted(manage, COPY), prune=True, officer="o1")
    assert [client.client_id for client in manage.list()] == ["copy"]


def test_without_pruning_nothing_is_removed(manage):
    manage.apply(wanted(manage, RECORDS, COPY), prune=False, officer="o1")
    manage.apply(wanted(manage, COPY), prune=False, officer="o1")
    assert len(manage.list()) == 2


def test_a_plan_that_is_not_the_one_shown_any_more_is_not_carried_out(manage):
    manage.register(RECORDS, officer="o1")
    shown = manage.plan(wanted(manage, RECORDS), prune=True)
    manage.register(COPY, officer="o2")
    with pytest.raises(PlanChanged):
        manage.apply(wanted(manage, RECORDS), prune=True, officer="o1", shown=shown)
    assert len(manage.list()) == 2


def test_the_plan_that_was_shown_is_carried_out(manage):
    shown = manage.plan(wanted(manage, RECORDS), prune=True)
    manage.apply(wanted(manage, RECORDS), prune=True, officer="o1", shown=shown)
    assert [client.client_id for client in manage.list()] == ["records"]


@pytest.fixture
def by_itself(database):
    """A client that registered itself."""
    came = SelfRegistration((ClientSecret("digest", NOON),), "invitation-1")
    with database.begin() as work:
        work.clients.add(client("clinic", scopes=frozenset({"openid"}), registration=came))
    return "clinic"


def test_an_administrator_grants_scopes_to_who_registered_itself(manage, by_itself):
    granted = manage.grant(by_itself, frozenset({"openid", "phone"}), officer="o1")

    assert granted.scopes == {"openid", "phone"}
    assert granted.registration.is_reviewed


def test_granting_is_audited(manage, database, by_itself):
    manage.grant(by_itself, frozenset({"openid", "phone"}), officer="o1")

    assert audit_of(database, by_itself) == [("o1", "client.granted")]


def test_a_client_with_a_file_is_granted_nothing_beside_it(manage):
    manage.register(RECORDS, officer="o1")
    with pytest.raises(CameByFile):
        manage.grant("records", frozenset({"openid", "phone"}), officer="o1")


def test_an_unknown_client_is_granted_nothing(manage):
    with pytest.raises(UnknownClient):
        manage.grant("nobody", frozenset({"openid"}), officer="o1")


def test_pruning_leaves_who_registered_itself(manage, by_itself):
    assert manage.plan(wanted(manage, RECORDS), prune=True) == [
        Change(ChangeKind.ADD, "records"),
    ]


def test_a_file_takes_over_who_registered_itself(manage, by_itself):
    taken = RECORDS | {"client_id": "clinic"}
    (change,) = manage.plan(wanted(manage, taken), prune=False)

    assert change.members["registration"] == ("by itself", "None")
    assert manage.update(taken, officer="o1").registration is None


def test_what_a_suspension_left_that_was_cut_short_is_revoked_before_the_client_resumes(
    manage, database
):
    manage.register(RECORDS, officer="o1")
    manage.suspend("records", officer="o1", reason="leak")
    with database.begin() as work:
        work.grants.add(grant(client_id="records"))

    manage.resume("records", officer="o1", reason="mended")

    with database.begin(read_only=True) as work:
        assert work.grants.find("grant-1").revoked_at is not None


def test_a_refused_resumption_revokes_nothing(manage, database):
    manage.register(RECORDS, officer="o1")
    with database.begin() as work:
        work.grants.add(grant(client_id="records"))

    with pytest.raises(StateIsSo):
        manage.resume("records", officer="o1", reason="mended")

    with database.begin(read_only=True) as work:
        assert work.grants.find("grant-1").revoked_at is None
