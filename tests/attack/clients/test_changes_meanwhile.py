"""A15: what was read before a slow server was asked is not what is written after."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from idp.domain.clients.client import ClientAuthMethod
from idp.protocol.core.features import WhoRegisters
from idp.services.clients.manage_clients import ManageClients
from tests import fakes
from tests.domain.clients.test_png import PICTURE
from tests.fakes import bulkhead
from tests.protocol.client_proofs import assertion
from tests.protocol.hub import ASSERTION_TYPE, CALLBACK, VERIFIER, Portal, key_pair

LOGO, JWKS_URI = "https://portal.example/logo.png", "https://portal.example/jwks"
OBJECT = "https://portal.example/request.jwt"
JWKS = {"keys": [{**key_pair("RSA", 1).as_dict(private=False), "kid": "one"}]}


class SlowWeb:
    """The portal's servers: while they take their time, somebody does something else."""

    def __init__(self, pages):
        self.pages = pages
        self.meanwhile = lambda: None

    def get(self, url, *, media_types):
        self.meanwhile()
        return self.pages[url]


@pytest.fixture
def web(hub):
    slow = SlowWeb({LOGO: PICTURE, JWKS_URI: json.dumps(JWKS).encode(), OBJECT: b"e30.e30."})
    hub.at = replace(hub.at, fetch=bulkhead(slow))
    hub.switch_on(registration=WhoRegisters.ANYBODY, unsigned_request_objects=True)
    return slow


@pytest.fixture
def manage(hub):
    at = hub.at
    return ManageClients(kernel=fakes.kernel_of(at), loopback_http=False)


@pytest.fixture
def told(hub, web):
    return hub.register_itself({"redirect_uris": [CALLBACK]}).body


def put(hub, told, **changes):
    whole = {"client_id": told["client_id"], "redirect_uris": [CALLBACK], "logo_uri": LOGO}
    return hub.manage("PUT", told["client_id"], told["registration_access_token"], whole | changes)


def find(hub, client_id):
    with hub.at.begin(read_only=True) as work:
        return work.clients.find(client_id)


def actions(hub, client_id):
    with hub.at.begin(read_only=True) as work:
        return [entry.action for entry in work.audit.tail(subject=client_id)]


def test_attack_A15_a_suspended_client_stays_suspended(hub, web, manage, told):
    web.meanwhile = lambda: manage.suspend(told["client_id"], officer="o-1", reason="fraud")

    reply = put(hub, told)

    assert (reply.status, reply.body["error"]) == (401, "invalid_token")
    assert not find(hub, told["client_id"]).is_active
    assert actions(hub, told["client_id"])[-1] == "client.suspended"


def test_attack_A15_a_removed_client_stays_removed(hub, web, manage, told):
    web.meanwhile = lambda: manage.remove(told["client_id"], officer="o-1")

    assert put(hub, told).status == 401
    assert find(hub, told["client_id"]) is None


def test_attack_A15_what_an_administrator_granted_stays(hub, web, manage, told):
    more = frozenset({"openid", "phone"})
    web.meanwhile = lambda: manage.grant(told["client_id"], more, officer="o-1")

    reply = put(hub, told)

    assert (reply.status, reply.body["error"]) == (409, "registration_changed")
    assert find(hub, told["client_id"]).scopes == more
    assert find(hub, told["client_id"]).registration.is_reviewed


def test_attack_A15_a_secret_that_was_replaced_stays_replaced(hub, web, manage, told):
    def rotate():
        now = timedelta(0)
        manage.rotate_secret(told["client_id"], officer="o-1", keep_old=now)

    web.meanwhile = rotate

    assert put(hub, told).status == 409
    portal = Portal(hub, find(hub, told["client_id"]))
    assert portal.token({}, client_id=portal.client_id, client_secret="x").status == 401
    assert len(find(hub, told["client_id"]).secrets) == 2


def test_attack_A15_of_two_updates_in_flight_one_is_written(hub, web, told):
    def second():
        web.meanwhile = lambda: None
        assert put(hub, told, client_name="the second", logo_uri=None).status == 200

    web.meanwhile = second

    assert put(hub, told, client_name="the first").status == 409
    assert find(hub, told["client_id"]).name == "the second"


def signing(hub):
    return hub.register(auth_method=ClientAuthMethod.PRIVATE_KEY_JWT, secrets=(), jwks_uri=JWKS_URI)


@pytest.mark.parametrize("act", ["suspend", "remove"])
def test_attack_A15_a_client_that_ends_while_its_keys_are_fetched_gets_no_tokens(
    hub, web, manage, act
):
    portal = signing(hub)
    code = portal.obtain_code()
    how = {"officer": "o-1"} | ({"reason": "fraud"} if act == "suspend" else {})
    web.meanwhile = lambda: getattr(manage, act)("portal", **how)
    proof = {"client_assertion": assertion(), "client_assertion_type": ASSERTION_TYPE}
    form = {"redirect_uri": CALLBACK, "code": code, "code_verifier": VERIFIER}

    reply = portal.token({}, grant_type="authorization_code", **form, **proof)

    assert (reply.status, reply.body["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("act", "error"), [("suspend", "client_suspended"), ("remove", "unknown_client")]
)
def test_attack_A15_a_client_that_ends_while_its_request_is_fetched_gets_no_code(
    hub, web, manage, act, error
):
    portal = hub.register(request_uris=(OBJECT,), request_object_signing_alg="none")
    web.pages[OBJECT] = b"eyJhbGciOiJub25lIn0.e30."
    how = {"officer": "o-1"} | ({"reason": "fraud"} if act == "suspend" else {})
    web.meanwhile = lambda: getattr(manage, act)("portal", **how)

    reply = portal.authorize(request_uri=OBJECT)

    assert reply.code == error


def test_attack_A15_administrators_do_not_undo_each_other(hub, manage):
    metadata = {"client_id": "records", "client_name": "x", "redirect_uris": [CALLBACK]}
    client = manage.register(metadata, officer="o-1").client
    manage.suspend("records", officer="o-2", reason="fraud")

    updated = manage.update(metadata | {"client_name": "y"}, officer="o-1")

    assert (client.is_active, updated.is_active, updated.name) == (True, False, "y")
