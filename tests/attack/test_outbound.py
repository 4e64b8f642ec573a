"""Where the hub can be made to go: attacks S01 to S10."""

import json
import time
from urllib.parse import parse_qs

import pytest

from idp import settings
from idp.adapters.fetch import LONGEST_BODY, SafeFetch
from idp.adapters.sms.kavenegar import Kavenegar
from idp.domain.clients.metadata import parse_client
from idp.domain.clients.problems import InvalidClientMetadata
from idp.ports import FetchRefused
from tests import factories
from tests.adapters.conftest import simulate
from tests.attack.both import at_both
from tests.attack.consumers import PUBLIC
from tests.attack.targets import CALLBACK, REVOKE, told
from tests.domain.clients.test_png import PICTURE
from tests.protocol.hub import ASSERTION_TYPE, Web, key_pair, sign
from tests.simulators.http import Answer
from tests.web.hub import ORIGIN

__all__ = ["simulate"]

JWKS = json.dumps(PUBLIC).encode()
AT = "https://portal.example/keys"
JSON = frozenset({"application/json"})


@pytest.fixture
def web():
    """The rest of the world, which notes what it is asked for."""
    return Web()


@pytest.fixture
def fetch(web):
    return web


INSIDE = [
    "http://169.254.169.254/latest/meta-data",
    "https://169.254.169.254/latest/meta-data",
    "https://127.0.0.1/keys",
    "https://10.0.0.1/keys",
    "https://192.168.1.1/keys",
    "https://[::1]/keys",
    "https://[::ffff:10.0.0.1]/keys",
    "https://[fe80::1]/keys",
    "https://0.0.0.0/keys",
    "https://2130706433/keys",
    "https://0x7f.0.0.1/keys",
    "https://0177.0.0.1/keys",
    "https://127.1/keys",
    "https://10.0.0.1./keys",
    "https://localhost/keys",
    "https://portal.localhost/keys",
]


@pytest.mark.parametrize("uri", INSIDE)
def test_attack_S01_a_request_is_not_fetched_from_anywhere(ours, web, uri):
    portal = ours.register()

    answer = portal.ask(request_uri=uri)

    assert (told(answer), web.asked) == ("request_uri_not_supported", [])


@pytest.mark.parametrize(
    "uri", [INSIDE[0], "https://portal.example/keys?x=1", AT + "/..", "HTTPS://portal.example/keys"]
)
def test_attack_S01_but_from_the_registered_address(ours, web, uri):
    portal = ours.register(request_uris=[AT])

    answer = portal.ask(request_uri=uri)

    assert (told(answer), web.asked) == ("invalid_request_uri", [])


@pytest.mark.parametrize("uri", ["https://10.0.0.1/keys", INSIDE[0]])
@at_both(hub="invalid_client_metadata", naive="ok")
def test_attack_S02_no_address_inside_is_registered(target, expected, uri):
    assert told(target.register_by_http(jwks_uri=uri)) == expected


GOOD = {"client_id": "portal", "client_name": "portal", "redirect_uris": [CALLBACK]}
FETCHED = ["jwks_uri", "logo_uri", "sector_identifier_uri", "request_uris"]


@pytest.mark.parametrize("uri", INSIDE)
def test_attack_S02_in_no_spelling_and_for_no_purpose(uri):
    for member in FETCHED:
        value = [uri] if member == "request_uris" else uri
        with pytest.raises(InvalidClientMetadata, match=member):
            parse_client({**GOOD, member: value})


@pytest.mark.parametrize("uri", [AT, "https://8.8.8.8/keys"])
def test_attack_S02_what_may_be_public_is_left_to_the_fetcher(uri):
    assert parse_client({**GOOD, "jwks_uri": uri}).jwks_uri == uri


@pytest.mark.parametrize("uri", INSIDE)
def test_attack_S02_and_none_is_fetched(uri):
    with pytest.raises(FetchRefused):
        SafeFetch(seconds=2.0).get(uri, media_types=JSON)


def test_attack_S03_a_name_is_looked_up_once(simulate):
    """The second answer leads inside: what was checked is what is connected to."""
    simulator = simulate(lambda _: Answer(200, JWKS))
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    fetch = SafeFetch(allow_loopback=True, resolve=lambda _host, _port: next(answers))

    fetch.get(f"http://portal.example:{simulator.port}/keys", media_types=JSON)

    assert simulator.received[0].headers["Host"] == f"portal.example:{simulator.port}"
    assert list(answers) == [["10.0.0.1"]]


def test_attack_S03_one_address_inside_among_others_is_enough_to_refuse():
    fetch = SafeFetch(resolve=lambda _host, _port: ["8.8.8.8", "10.0.0.1"])

    with pytest.raises(FetchRefused, match="address_not_public"):
        fetch.get(AT, media_types=JSON)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_attack_S04_a_redirect_is_not_followed(simulate, status):
    inside = simulate(lambda _: Answer(200, JWKS))
    outside = simulate(lambda _: Answer(status, headers=(("Location", inside.url),)))

    with pytest.raises(FetchRefused, match=f"status_{status}"):
        SafeFetch(allow_loopback=True).get(outside.url, media_types=JSON)

    assert inside.received == []


SECTOR = "https://sector.example/list.json"


@pytest.mark.parametrize(
    "listed", [b"[]", b'["https://evil.example/"]', b'{"a":1}', b"5", b"[" * 5_000, b"\xff"]
)
def test_attack_S05_a_sector_lists_every_address(ours, web, listed):  # OIDC Core 8.1
    web.pages[SECTOR] = listed

    answer = ours.register_by_http(sector_identifier_uri=SECTOR)

    assert (told(answer), web.asked) == ("invalid_client_metadata", [SECTOR])


LOGO = "https://portal.example/logo.png"


@pytest.mark.parametrize("picture", [b"<svg onload='alert(1)'/>", b"GIF89a", PICTURE[:20], b""])
def test_attack_S06_a_logo_is_a_whole_PNG(ours, web, picture):
    web.pages[LOGO] = picture

    assert told(ours.register_by_http(logo_uri=LOGO)) == "invalid_client_metadata"


def test_attack_S06_a_logo_is_fetched_once_and_links_never(ours, web):
    web.pages[LOGO] = PICTURE
    links = {
        name: f"https://portal.example/{name}" for name in ("policy_uri", "tos_uri", "client_uri")
    }

    told_of = ours.register_by_http(logo_uri=LOGO, **links).json
    page = ours.get(f"/portals/{told_of['client_id']}/logo.png")

    assert web.asked == [LOGO]
    assert page.status_code in {200, 404}


@pytest.mark.parametrize("member", ["logo_uri", "policy_uri", "tos_uri", "client_uri"])
@pytest.mark.parametrize("uri", ["http://portal.example/x", "javascript:alert(1)", "data:,x"])
def test_attack_S06_addresses_for_people_are_https(ours, web, member, uri):
    answer = ours.register_by_http(**{member: uri})

    assert (told(answer), web.asked) == ("invalid_client_metadata", [])


@pytest.mark.parametrize(
    "uri",
    [
        "http://portal.example/out",
        "https://evil.example/out",
        "https://portal.example.evil.example/out",
        "https://${session}.portal.example/out",
        "https://{sid}/out",
        "https://user@portal.example/out",
        "https://portal.example/out#x",
        "https://10.0.0.1/out",
    ],
)
def test_attack_S07_logout_tokens_go_to_the_portals_own_host(ours, uri):
    answer = ours.register_by_http(backchannel_logout_uri=uri)

    assert told(answer) == "invalid_client_metadata"


def assertion(kid, number=7):
    now = 1_774_094_400  # the hub's noon
    named = {"iss": "signer", "sub": "signer", "aud": ORIGIN, "exp": now + 60, "jti": kid}
    return sign(named, key_pair("RSA", number), kid=kid)


def prove(ours, kid="rsa"):
    """Let the signer prove itself by a key that the hub must fetch; return the status."""
    form = {"client_assertion": assertion(kid), "client_assertion_type": ASSERTION_TYPE}
    return ours.post(REVOKE, {"client_id": "signer", "token": "x", **form}).status_code


def signer_with_keys_at(ours, uri):
    ours.register("signer", token_endpoint_auth_method="private_key_jwt", jwks_uri=AT)
    ours.change_client("signer", jwks_uri=uri)


FAULTS = ["slow", "drip", "drip_headers", "cut", "html", "redirect", "gzip", "short", "500"]


@pytest.mark.parametrize("fetch", [SafeFetch(allow_loopback=True, seconds=0.3)], ids=["quick"])
@pytest.mark.parametrize("fault", [None, *FAULTS])
def test_attack_S08_a_server_of_a_portal_holds_nobody_up(ours, simulate, fault):
    simulator = simulate(lambda _: Answer(200, JWKS))
    simulator.script(*([fault] if fault else []))
    signer_with_keys_at(ours, f"{simulator.url}/keys")
    start = time.monotonic()

    status = prove(ours)

    assert status == (401 if fault else 200)
    assert time.monotonic() - start < 3


@pytest.mark.parametrize("fetch", [SafeFetch(allow_loopback=True)], ids=["ordinary"])
@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, b" " * (LONGEST_BODY + 1)),
        Answer(200, JWKS, promised=10**9),
        Answer(200, JWKS, "text/html"),
        Answer(200, JWKS, "image/png"),
    ],
    ids=["long", "promised", "text/html", "image/png"],
)
def test_attack_S08_nothing_large_and_nothing_else_is_read(ours, simulate, answer):
    signer_with_keys_at(ours, f"{simulate(lambda _: answer).url}/keys")

    assert prove(ours) == 401


def test_attack_S09_no_text_of_a_citizen_is_part_of_an_address(simulate):
    simulator = simulate(lambda _: Answer(200, b"{}"))
    account = settings.Kavenegar(
        url=f"{simulator.url}/v1", api_key="../key?", sender="1000", timeout_seconds=5
    )
    text = "../../evil?receptor=1&url=http://169.254.169.254/#\r\nHost: evil"

    Kavenegar(account).send(1, factories.MOBILE, text, again=False)

    (sent,) = simulator.received
    assert sent.path == "/v1/..%2Fkey%3F/sms/send.json"
    assert parse_qs(sent.body.decode())["message"] == [text]


def test_attack_S10_unknown_keys_are_looked_for_once_a_minute(ours, web):
    web.pages[AT] = JWKS
    signer_with_keys_at(ours, AT)
    prove(ours)

    for number in range(10):
        prove(ours, f"unknown-{number}")

    assert web.asked == [AT] * 2


def test_attack_S10_nor_does_a_server_that_is_away_get_more(ours, web):
    signer_with_keys_at(ours, AT)

    for number in range(10):
        prove(ours, f"unknown-{number}")

    assert web.asked == [AT]
