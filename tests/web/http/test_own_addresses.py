"""Addresses in pages are those of Flask, however often they are asked for."""

import pytest

from idp.web.http.own_addresses import OwnAddresses
from tests.web.hub import ORIGIN


@pytest.mark.parametrize(
    ("endpoint", "values", "address"),
    [
        ("help.show", {}, "/help"),
        ("static", {"filename": "js/forms.js"}, "/static/js/forms.js"),
        ("static", {"filename": "hub.css"}, "/static/hub.css"),
        ("login.show", {"context": "first"}, "/login?context=first"),
        ("login.show", {"context": "second"}, "/login?context=second"),
        (".code", {}, "/login/code"),
    ],
)
def test_an_address_is_the_same_each_time(hub, endpoint, values, address):
    addresses = OwnAddresses()
    with hub.app.test_request_context("/login", base_url=ORIGIN):
        hub.app.preprocess_request()
        assert [addresses(endpoint, **values) for _ in range(2)] == [address] * 2


def test_below_another_path_an_address_is_that_of_the_path(hub):
    addresses, said = OwnAddresses(), []
    for root in ("", "/account", ""):
        with hub.app.test_request_context("/login", base_url=ORIGIN + root):
            said.append(addresses("help.show"))
    assert said == ["/help", "/account/help", "/help"]
