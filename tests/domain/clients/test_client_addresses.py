"""Which addresses a client's file may hold, and whose they are (OIDC Registration 2)."""

import pytest

from idp.domain.clients.addresses import host_of, redirect_problem
from idp.domain.clients.client import Client
from idp.domain.clients.metadata import parse_client
from idp.domain.clients.problems import InvalidClientMetadata, Problem
from tests.domain.clients.client_files import LEAST, parsed, problems, refusal


def test_the_sector_is_the_host_of_the_sector_document():  # OIDC Core 8.1
    assert parsed(sector_identifier_uri="https://sector.test/list").sector == "sector.test"


HTTPS, LOOPBACK, SCHEME = "https://app.test/cb", "http://127.0.0.1/cb", "com.app.test:/cb"


@pytest.mark.parametrize("uris", [[SCHEME], [LOOPBACK], [HTTPS], [LOOPBACK, SCHEME, HTTPS]])
def test_attack_J22_a_native_client_is_a_sector_by_itself(uris):
    app = {"redirect_uris": uris, "application_type": "native"}

    sectors = {parsed(client_id=name, **app).sector for name in ("app-1", "app-2")}

    assert sectors == {"client:app-1", "client:app-2"}


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.8", "app.localhost"])
def test_attack_J22_nor_is_a_host_a_sector_that_nobody_owns(host):
    client = parsed(client_id="app-1", redirect_uris=[f"https://{host}/cb"])

    assert client.sector == "client:app-1"


def test_a_native_client_may_be_of_a_sector():
    named = {"sector_identifier_uri": "https://sector.test/list"}

    assert parsed(redirect_uris=[SCHEME], application_type="native", **named).sector == (
        "sector.test"
    )


@pytest.mark.parametrize(
    ("uri", "host"),
    [("https://App.test:444/cb", "app.test"), ("com.app:/cb", None), ("https://[::1/", None)],
)
def test_the_host_of_an_address(uri, host):
    assert host_of(uri) == host


def test_several_hosts_need_no_sector_for_public_subjects():  # OIDC Core 8.1
    hosts = ["https://a.test/cb", "https://b.test/cb"]

    assert parsed(redirect_uris=hosts, subject_type="public").redirect_uris == tuple(hosts)


@pytest.mark.parametrize(
    "named", [{"sector": "a.test"}, {"sector_identifier_uri": "https://a.test/"}]
)
def test_several_hosts_with_a_sector_are_one(named):  # OIDC Core 8.1
    hosts = ["https://a.test/cb", "https://b.test/cb"]

    assert parsed(redirect_uris=hosts, **named).sector == "a.test"


@pytest.mark.parametrize("member", ["backchannel_logout_uri", "frontchannel_logout_uri"])
def test_attack_S07_a_logout_address_has_a_redirects_host(member):
    hosts = ["https://a.test/cb", "https://app.test/cb"]
    asked = {"redirect_uris": hosts, "sector": "app.test"}

    assert parsed(**asked, **{member: "https://app.test/out"})
    assert problems(**asked, **{member: "https://other.test/out"}) == [member]


@pytest.mark.parametrize("member", ["initiate_login_uri", "sector_identifier_uri"])
def test_some_addresses_are_https_on_loopback_too(member):  # OIDC Core 4, 8.1
    home = LEAST | {"redirect_uris": ["http://127.0.0.1:5000/cb"]}
    with pytest.raises(InvalidClientMetadata):
        parse_client(home | {member: "http://127.0.0.1:5000/x"}, loopback_http=True)


@pytest.mark.parametrize("member", ["jwks_uri", "client_uri", "backchannel_logout_uri"])
def test_other_addresses_may_be_on_loopback_in_development(member):
    home = {"redirect_uris": ["http://127.0.0.1:5000/cb"], member: "http://127.0.0.1:5000/x"}

    assert parse_client(LEAST | home, loopback_http=True)


@pytest.mark.parametrize("member", ["request_uris", "redirect_uris", "post_logout_redirect_uris"])
def test_listed_addresses_may_be_on_loopback_in_development(member):
    assert parse_client(LEAST | {member: ["http://127.0.0.1:5000/x"]}, loopback_http=True)


@pytest.mark.parametrize("member", ["client_uri", "request_uris"])
def test_a_native_clients_other_addresses_are_https(member):
    uri = "com.app.test:/x"
    native = {"application_type": "native", member: [uri] if member == "request_uris" else uri}

    assert problems(**native) == [member]


def test_a_native_client_returns_to_its_scheme_after_sign_out():
    native = {"application_type": "native", "post_logout_redirect_uris": ["com.app.test:/bye"]}

    assert parsed(**native).post_logout_redirect_uris == ("com.app.test:/bye",)


def test_after_sign_out_nobody_goes_to_plain_http():
    bye = {"post_logout_redirect_uris": ["http://app.test/bye"]}

    assert problems(**bye) == ["post_logout_redirect_uris"]


@pytest.mark.parametrize(
    "uri",
    [
        "http://localhost/cb",
        "http://localhost:3000/cb",
        "http://127.0.0.1/cb",
        "http://[::1]:99/cb",
        "https://app.test:444/cb?x=1",
    ],
)
def test_in_development_a_web_client_may_be_on_loopback(uri):
    assert redirect_problem(uri, native=False, loopback_http=True) is None


@pytest.mark.parametrize(
    "uri",
    [
        "http://localhost.test/cb",
        "http://app.test/cb",
        "com.app.test://host/cb",
        "app:/cb",
        "cb",
        "https:///cb",
        "https://me@app.test/cb",
        "https://app.test:99999/cb",
        "https://app.test/*",
        "https://app.test/#x",
        "https://app.test/é",
        "https://app.test/\x7f",
        "https://app.test/a b",
        "https://app.test\\cb",
    ],
)
@pytest.mark.parametrize("native", [True, False])
def test_attack_R14_some_addresses_are_nobodys(uri, native):
    assert redirect_problem(uri, native=native, loopback_http=True)


@pytest.mark.parametrize("native", [True, False])
def test_attack_R14_in_production_localhost_is_nobodys(native):  # RFC 8252 8.3
    why = redirect_problem("http://localhost:3000/cb", native=native, loopback_http=False)
    assert "server.environment" in why
    assert "native" not in why


def test_the_refusal_of_a_loopback_address_names_what_would_allow_it():
    why = redirect_problem("http://127.0.0.1:3000/cb", native=False, loopback_http=False)
    assert "application_type" in why
    assert "server.environment" in why


def test_the_names_of_a_developers_machine_need_no_sector():
    own = {"redirect_uris": ["http://localhost/cb", "http://127.0.0.1/cb", "http://[::1]/cb"]}
    assert parse_client(LEAST | own, loopback_http=True).sector == f"client:{LEAST['client_id']}"


REQUESTS = Client(
    client_id="app", name="app", request_uris=("https://app.test/r#1", "https://app.test/s")
)


@pytest.mark.parametrize("asked", ["https://app.test/r", "https://app.test/r#2#3"])
def test_a_request_uri_matches_without_its_fragment(asked):  # OIDC Core 6.2
    assert REQUESTS.match_request_uri(asked) == "https://app.test/r"


@pytest.mark.parametrize("asked", ["https://app.test/", "https://app.test/r?1", "", "#1"])
def test_another_request_uri_matches_nothing(asked):
    assert REQUESTS.match_request_uri(asked) is None


FETCHED = ["jwks_uri", "sector_identifier_uri", "backchannel_logout_uri"]


@pytest.mark.parametrize("host", ["10.0.0.1", "[::1]", "localhost", "0x7f.1"])
@pytest.mark.parametrize("member", FETCHED)
def test_attack_S02_what_we_fetch_has_a_public_host(member, host):
    inside = f"https://{host}/x"
    refused = refusal(redirect_uris=[f"https://{host}/cb"], **{member: inside})

    assert Problem(member, f"{inside!r} must have a public host") in refused.problems


def test_attack_S02_a_request_object_is_fetched_from_a_public_host():
    uris = ["https://app.test/r", "https://10.0.0.1/r"]

    assert problems(request_uris=uris, jwks_uri="https://10.0.0.1/k") == [
        "jwks_uri",
        "request_uris",
    ]


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost"])
def test_a_developers_own_machine_is_fetched_from_where_that_is_allowed(host):
    own = LEAST | {"jwks_uri": f"https://{host}:5000/keys"}

    assert parse_client(own, loopback_http=True)
    with pytest.raises(InvalidClientMetadata):
        parse_client(own, loopback_http=False)


def test_loopback_opens_no_other_inside_address():
    with pytest.raises(InvalidClientMetadata):
        parse_client(LEAST | {"jwks_uri": "https://10.0.0.1/keys"}, loopback_http=True)
