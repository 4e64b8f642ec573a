"""A client that registered itself reads, updates and removes its registration (RFC 7592)."""

from dataclasses import replace

import pytest

from idp.domain.clients.client import ClientState
from idp.domain.clients.registration import NOT_FOR_CLIENTS
from idp.protocol.core.features import WhoRegisters
from tests import factories
from tests.domain.clients.test_png import PICTURE
from tests.protocol.hub import CALLBACK, ISSUER, key_pair

OTHER = "https://portal.example/other"
LOGO = "https://portal.example/logo.png"


class Registered:
    """A client that manages itself."""

    def __init__(self, hub, **metadata):
        self.hub = hub
        self.told = hub.register_itself({"redirect_uris": [CALLBACK], **metadata}).body
        self.client_id = self.told["client_id"]
        self.token = self.told["registration_access_token"]

    def read(self, token=None):
        return self.hub.manage("GET", self.client_id, token or self.token)

    def update(self, token=None, **metadata):
        whole = {"client_id": self.client_id, "redirect_uris": [CALLBACK], **metadata}
        return self.hub.manage("PUT", self.client_id, token or self.token, whole)

    def delete(self, token=None):
        return self.hub.manage("DELETE", self.client_id, token or self.token)

    @property
    def stored(self):
        with self.hub.at.begin(read_only=True) as work:
            return work.clients.find(self.client_id)

    def change(self, **changes):
        with self.hub.at.begin() as work:
            factories.put_client(work, replace(self.stored, **changes))


@pytest.fixture
def hub(hub):
    hub.switch_on(registration=WhoRegisters.ANYBODY)
    return hub


@pytest.fixture
def client(hub):
    return Registered(hub, client_name="a portal")


def test_its_address_is_told(client):  # RFC 7592 3
    told = client.told["registration_client_uri"]
    assert told == f"{ISSUER}/oauth2/register/{client.client_id}"


def test_it_reads_what_is_registered(client):  # RFC 7592 2.1
    reply = client.read()

    unseen = {"client_secret", "client_secret_expires_at"}
    assert reply.status == 200
    assert reply.body == {k: v for k, v in client.told.items() if k not in unseen}


def test_an_update_replaces_everything(client):  # RFC 7592 2.2
    reply = client.update(redirect_uris=[OTHER])

    assert reply.body["redirect_uris"] == [OTHER]
    assert reply.body["client_name"] == "portal.example"


def test_an_update_keeps_the_secret(client):
    kept = client.stored.secrets
    reply = client.update()

    assert "client_secret" not in reply.body
    assert client.stored.secrets == kept


def test_a_client_that_now_needs_a_secret_gets_one(hub):
    public = Registered(hub, token_endpoint_auth_method="none")

    assert public.update(token_endpoint_auth_method="client_secret_post").body["client_secret"]


def test_a_client_that_proves_itself_by_keys_has_no_secret_left(client):
    public_key = key_pair("ES256").as_dict(private=False)
    client.update(token_endpoint_auth_method="private_key_jwt", jwks={"keys": [public_key]})

    assert client.stored.secrets == ()


def test_an_update_may_show_the_secret_it_has(client):  # RFC 7592 2.2
    assert client.update(client_secret=client.told["client_secret"]).status == 200


@pytest.mark.parametrize("secret", ["other", 5, "سلام", "\ud800", []])
def test_an_update_may_not_choose_a_secret(client, secret):  # RFC 7592 2.2
    assert client.update(client_secret=secret).status == 400


def test_an_update_names_its_own_client(client):  # RFC 7592 2.2
    assert client.update(client_id="another").status == 400


@pytest.mark.parametrize(
    "member",
    [
        *("registration_access_token", "registration_client_uri"),
        *("client_secret_expires_at", "client_id_issued_at"),
    ],
)
def test_an_update_leaves_out_what_is_not_the_clients(client, member):  # RFC 7592 2.2
    assert client.update(**{member: client.told[member]}).status == 400


def test_a_refused_update_changes_nothing(client):
    before = client.stored

    assert client.update(redirect_uris=["http://portal.example/"]).status == 400
    assert client.stored == before


def test_an_update_does_not_widen_the_scopes(client):
    assert client.update(scope="openid profile").body["scope"] == "openid"


def test_an_update_may_narrow_the_scopes(hub):
    hub.switch_on(registration=WhoRegisters.ANYBODY, suite=True)
    client = Registered(hub)

    assert client.update(scope="openid email").body["scope"] == "email openid"
    assert client.update(scope="openid profile").body["scope"] == "openid"


def test_an_update_gives_a_new_token(client):  # RFC 7592 3
    fresh = client.update().body["registration_access_token"]

    assert fresh != client.token
    assert client.read(fresh).status == 200


def test_the_old_token_serves_ten_minutes_for_an_answer_that_was_lost(hub, client):
    client.update()

    assert client.update().status == 200
    hub.move(minutes=10)
    assert client.read().status == 401


def test_using_the_old_token_again_does_not_lengthen_its_life(hub, client):
    client.update()
    hub.move(minutes=9)
    client.update()
    hub.move(minutes=1)

    assert client.read().status == 401


def test_a_logo_is_not_fetched_again_for_an_update(hub):
    hub.web.pages[LOGO] = PICTURE
    client = Registered(hub, logo_uri=LOGO)
    client.update(logo_uri=LOGO)

    assert hub.web.asked == [LOGO]
    with hub.at.begin(read_only=True) as work:
        assert work.clients.find_logo(client.client_id) == PICTURE


def test_a_logo_goes_with_its_address(hub):
    hub.web.pages[LOGO] = PICTURE
    client = Registered(hub, logo_uri=LOGO)
    client.update()

    with hub.at.begin(read_only=True) as work:
        assert work.clients.find_logo(client.client_id) is None


def test_removing_answers_without_content(client):  # RFC 7592 2.3
    assert client.delete().status == 204
    assert client.stored is None


def test_what_a_removed_client_held_is_dead(hub, client):  # RFC 7592 2.3
    with hub.at.begin() as work:
        work.grants.add(factories.grant(client_id=client.client_id))
    client.delete()

    with hub.at.begin(read_only=True) as work:
        assert work.grants.find("grant-1").revoked_at


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_without_a_token_nothing_is_told(client, hub, method):
    reply = hub.manage(method, client.client_id, None)

    assert (reply.status, reply.body) == (401, {})


def test_another_clients_token_is_no_token(hub, client):
    other = Registered(hub)

    assert client.read(other.token).body == {"error": "invalid_token"}


@pytest.mark.parametrize("client_id", ["unknown", "..", "x" * 200, "\x00"])
def test_an_unknown_client_is_no_other_answer(hub, client, client_id):  # RFC 7592 3
    assert hub.manage("GET", client_id, client.token).body == {"error": "invalid_token"}


def test_a_client_with_a_file_has_no_such_address(hub, portal):
    assert hub.manage("GET", portal.client_id, "x" * 43).status == 401


def test_attack_A14_a_suspended_client_does_not_manage_itself(client):
    client.change(state=ClientState.SUSPENDED)

    assert client.read().status == 401
    assert client.delete().status == 401


def test_what_an_administrator_granted_more_to_only_administrators_change(client):
    client.change(registration=replace(client.stored.registration, is_reviewed=True))

    assert client.update(redirect_uris=[OTHER]).status == 403
    assert client.read().status == 200
    assert client.delete().status == 204


def test_each_act_is_audited(hub, client):
    client.update()
    client.delete()

    with hub.at.begin(read_only=True) as work:
        told = [(one.actor, one.action) for one in work.audit.tail(subject=client.client_id)]
    assert sorted(told) == [
        ("anybody", "client.registered_itself"),
        ("client", "client.removed_itself"),
        ("client", "client.updated_itself"),
    ]


TWO = [CALLBACK, "https://other.example/cb"]


def test_a_client_of_two_hosts_repeats_what_it_was_told(hub):  # RFC 7592 2.2
    client = Registered(hub, redirect_uris=TWO)
    told = client.read().body
    kept = {name: value for name, value in told.items() if name not in NOT_FOR_CLIENTS}

    assert kept["subject_type"] == "pairwise"
    assert client.update(**kept).status == 200
    assert client.stored.sector == f"client:{client.client_id}"


def test_attack_J22_another_host_changes_the_sector(hub):
    client = Registered(hub)
    assert client.stored.sector == "portal.example"

    assert client.update(redirect_uris=TWO).status == 200

    assert client.stored.sector == f"client:{client.client_id}"
