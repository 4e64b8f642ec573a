"""Which address of a request is one of the client's."""

import pytest

from idp.domain.clients.client import (
    ApplicationType,
    Client,
    ClientAuthMethod,
    ClientState,
    SelfRegistration,
)

AUTH_METHODS = [(method, method is ClientAuthMethod.NONE) for method in ClientAuthMethod]


def matched(registered, asked, kind=ApplicationType.NATIVE):
    client = Client(client_id="app", name="app", application_type=kind, redirect_uris=(registered,))
    found = client.match_redirect(asked)
    return found and found.uri


@pytest.mark.parametrize(
    ("registered", "asked"),
    [
        ("https://127.0.0.1/cb", "http://127.0.0.1:5000/cb"),
        ("http://app.test/cb", "http://app.test:5000/cb"),
        ("https://app.test/cb", "https://app.test:5000/cb"),
        ("com.app:/cb", "com.app://127.0.0.1:5000/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:0/cb"),
        ("http://127.0.0.1:80/cb", "http://127.0.0.1/cb"),
        ("http://127.0.0.1/cb", "http://[::1/cb"),
    ],
)
def test_attack_R07_the_port_is_free_on_plain_loopback_only(registered, asked):  # RFC 8252 7.3
    assert matched(registered, asked) is None


@pytest.mark.parametrize("uri", ["http://127.0.0.1/cb", "com.app:/cb", "https://app.test/cb"])
@pytest.mark.parametrize("kind", ApplicationType)
def test_the_registered_address_matches_itself(kind, uri):
    assert matched(uri, uri, kind) == uri


def test_a_web_clients_port_is_never_free():
    assert matched("http://127.0.0.1/cb", "http://127.0.0.1:5000/cb", ApplicationType.WEB) is None


def in_development(uri="http://localhost:3000/cb"):
    return Client(
        client_id="app",
        name="app",
        loopback_ports=True,
        redirect_uris=(uri,),
        post_logout_redirect_uris=(uri,),
    )


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_in_development_every_client_chooses_the_port_of_its_own_machine(host):
    client, asked = in_development(f"http://{host}/cb"), f"http://{host}:5173/cb"
    assert client.match_redirect(asked).uri == asked
    assert client.may_return_to(asked)


@pytest.mark.parametrize(
    "asked",
    [
        "http://localhost:5173/other",
        "http://localhost.evil:5173/cb",
        "http://127.0.0.1:5173/cb",
        "https://localhost:5173/cb",
        "http://me@localhost:5173/cb",
    ],
)
def test_attack_R07_in_development_nothing_but_the_port_is_free(asked):
    assert in_development().match_redirect(asked) is None
    assert not in_development().may_return_to(asked)


def test_attack_R07_in_production_the_port_of_a_sign_out_is_never_free():
    client = Client(client_id="app", name="app", post_logout_redirect_uris=("http://[::1]/bye",))
    assert client.may_return_to("http://[::1]/bye")
    assert not client.may_return_to("http://[::1]:5000/bye")


def test_a_registered_port_is_free_too():  # RFC 8252 7.3
    assert matched("http://[::1]:80/cb", "http://[::1]:5000/cb") == "http://[::1]:5000/cb"


@pytest.mark.parametrize(("method", "is_public"), AUTH_METHODS)
def test_a_client_without_a_credential_is_public(method, is_public):
    assert Client(client_id="app", name="app", auth_method=method).is_public is is_public


def test_a_suspended_client_is_not_active():
    client = Client(client_id="app", name="app", state=ClientState.SUSPENDED)

    assert not client.is_active


@pytest.mark.parametrize(
    ("registration", "expected"),
    [
        (None, "سوابق بیمه"),
        (SelfRegistration((), is_reviewed=True), "سوابق بیمه"),
        (SelfRegistration(()), None),
    ],
)
def test_a_text_message_bears_names_that_somebody_has_read(registration, expected):  # O17
    name = Client(client_id="app", name="سوابق بیمه", registration=registration).sms_name

    assert (name and name.value) == expected
