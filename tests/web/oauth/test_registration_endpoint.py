"""Clients register themselves over HTTP (RFC 7591, RFC 7592)."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from idp.services.clients.invite_clients import InviteClients
from tests import fakes
from tests.web.hub import ORIGIN

REGISTER = "/oauth2/register"
WEEK = timedelta(days=7)
METADATA = {"redirect_uris": ["https://portal.example/callback"]}
MOST = 120
"""Requests without a right token, of one network in a minute."""


@pytest.fixture
def hub(make_hub):
    return make_hub('[openid]\nregistration = "open"\n')


class AtTheHub(FlaskClient):
    """A program that asks the hub by its own host."""

    def open(self, *args, **kwargs):
        return super().open(*args, base_url=ORIGIN, **kwargs)


@pytest.fixture
def web(hub):
    hub.app.test_client_class = AtTheHub
    return hub.app.test_client()


@pytest.fixture
def told(web):
    return web.post(REGISTER, json=METADATA).json


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def own_address(told):
    return told["registration_client_uri"].removeprefix(ORIGIN)


def test_a_client_is_registered(web):
    answer = web.post(REGISTER, json=METADATA)

    assert (answer.status_code, answer.mimetype) == (201, "application/json")
    assert answer.headers["Cache-Control"] == "no-store"


def test_no_cookie_is_set(web):
    assert "Set-Cookie" not in web.post(REGISTER, json=METADATA).headers


def test_a_client_reads_itself(web, told):
    own = web.get(own_address(told), headers=bearer(told["registration_access_token"]))

    assert (own.status_code, own.json["client_id"]) == (200, told["client_id"])


def test_a_client_updates_itself(web, told):
    wanted = {**METADATA, "client_id": told["client_id"], "client_name": "دیگر"}
    headers = bearer(told["registration_access_token"])

    assert web.put(own_address(told), json=wanted, headers=headers).json["client_name"] == "دیگر"


def test_a_client_removes_itself(web, told):
    headers = bearer(told["registration_access_token"])
    gone = web.delete(own_address(told), headers=headers)

    assert (gone.status_code, gone.data) == (204, b"")
    assert web.get(own_address(told), headers=headers).status_code == 401


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_another_method_is_an_error_for_machines(web, method):
    answer = web.open(REGISTER, method=method)

    assert (answer.status_code, answer.mimetype) == (405, "application/json")


def test_who_comes_without_an_invitation_is_counted_by_network(web):
    for _ in range(MOST):
        assert web.post(REGISTER, json={}).status_code == 400

    late = web.post(REGISTER, json=METADATA)
    assert late.status_code == 429
    assert int(late.headers["Retry-After"]) > 0


def test_who_comes_with_one_is_not(hub, web):
    deps = hub.deps
    service = InviteClients(kernel=fakes.kernel_of(deps))
    token = service.invite("a portal", lasts=WEEK, uses=1, officer="o-17").token
    for _ in range(MOST):
        web.post(REGISTER, json={})

    assert web.post(REGISTER, json=METADATA, headers=bearer(token)).status_code == 201


def test_attack_A13_wrong_tokens_are_counted_by_network(web, told):
    for _ in range(MOST - 1):  # the registration itself came without an invitation
        assert web.get(own_address(told), headers=bearer("x" * 43)).status_code == 401

    assert web.get(own_address(told), headers=bearer("x" * 43)).status_code == 429


def test_no_script_of_another_origin_reads_it(web):
    answer = web.post(REGISTER, json=METADATA, headers={"Origin": "https://evil.example"})

    assert "Access-Control-Allow-Origin" not in answer.headers
