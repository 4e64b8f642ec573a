"""S11, S12, D15: what the hub fetches of clients, how often, and what it believes of a cache."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest

from idp.domain.clients.client import ClientAuthMethod
from idp.ports import FetchBusy
from idp.protocol.core.features import WhoRegisters
from idp.protocol.provider import Provider
from tests.domain.clients.test_png import PICTURE
from tests.fakes import bulkhead
from tests.protocol.client_proofs import assertion, is_unknown
from tests.protocol.hub import ASSERTION_TYPE, CALLBACK, key_pair

JWKS_URI = "https://portal.example/jwks"
STRANGER = key_pair("RSA", 5)
DAY = timedelta(days=1)
SIGNS = {"auth_method": ClientAuthMethod.PRIVATE_KEY_JWT, "secrets": ()}


def jwks_of(key):
    return json.dumps({"keys": [key.as_dict(private=False)]})


@pytest.fixture
def hub(hub):
    hub.switch_on(registration=WhoRegisters.ANYBODY, unsigned_request_objects=True)
    hub.web.pages[JWKS_URI] = jwks_of(key_pair("RSA", 1)).encode()
    return hub


@pytest.fixture
def portal(hub):
    return hub.register(jwks_uri=JWKS_URI, **SIGNS)


def authenticate(portal, key=None, **claims):
    """Send a token request whose code is nonsense: it is answered 400 once the client is proven."""
    now, name = int(portal.hub.clock().timestamp()), portal.client_id
    given = {"iss": name, "sub": name, "iat": now, "exp": now + 60, **claims}
    signed = assertion(key, header={"kid": None}, **given)
    proof = {"client_assertion": signed, "client_assertion_type": ASSERTION_TYPE}
    return portal.token({}, grant_type="authorization_code", code="none", **proof)


def restarted(hub):
    """Go on as another process: it knows what database and cache hold, and nothing else."""
    hub.provider = Provider(hub.at)


class Noting:
    """A cache that notes the names of what is put into it."""

    def __init__(self, real):
        self._real = real
        self.names = []

    def __getattr__(self, name):
        return getattr(self._real, name)

    def put(self, key, value, *, ttl):
        self.names.append(key)
        self._real.put(key, value, ttl=ttl)


@pytest.fixture
def kept_at(hub, portal):
    """Where the cache keeps the portal's keys."""
    noting = Noting(hub.at.ephemeral)
    hub.at = replace(hub.at, ephemeral=noting)
    restarted(hub)
    assert authenticate(portal, jti="first").status == 400
    return tuple(noting.names)


FORGED = {
    "the keys": jwks_of(STRANGER),
    "the time and the keys": "2026-03-21T12:00:00+00:00\n" + jwks_of(STRANGER),
    "nothing": "",
    "half a seal": "k1.AAAA",
}


@pytest.mark.parametrize("value", FORGED.values(), ids=FORGED)
def test_attack_S11_a_key_set_that_somebody_puts_into_the_cache_proves_nothing(
    hub, portal, kept_at, value
):
    for name in kept_at:
        hub.at.ephemeral.put(name, value, ttl=DAY)
    restarted(hub)

    assert is_unknown(authenticate(portal, STRANGER, jti="forged"))


def test_attack_S11_a_cache_that_is_not_ours_is_as_good_as_none(hub, portal, kept_at):
    for name in kept_at:
        hub.at.ephemeral.put(name, "garbage", ttl=DAY)
    restarted(hub)
    hub.move(minutes=1)

    assert authenticate(portal, jti="second").status == 400
    assert len(hub.web.asked) == 2


def test_attack_S11_the_keys_of_one_client_are_not_anothers(hub, portal, kept_at):
    """Whoever can write to the cache copies a sealed entry of their own client."""
    (own,) = kept_at
    hub.web.pages["https://stranger.example/jwks"] = jwks_of(STRANGER).encode()
    address = "https://stranger.example/jwks"
    stranger = hub.register(client_id="stranger", jwks_uri=address, **SIGNS)
    assert authenticate(stranger, STRANGER, jti="own").status == 400
    sealed = hub.at.ephemeral.find(own.replace("portal", "stranger"))
    hub.at.ephemeral.put(own, sealed, ttl=DAY)
    restarted(hub)

    assert sealed
    assert is_unknown(authenticate(portal, STRANGER, jti="copied"))


def test_attack_S11_an_entry_of_an_earlier_address_is_none(hub, portal, kept_at):
    hub.web.pages["https://portal.example/new"] = jwks_of(key_pair("RSA", 2)).encode()
    portal.change(jwks_uri="https://portal.example/new")
    hub.move(minutes=1)
    restarted(hub)

    assert is_unknown(authenticate(portal, key_pair("RSA", 1), jti="earlier"))
    assert authenticate(portal, key_pair("RSA", 2), jti="new").status == 400


def test_attack_S11_an_entry_is_believed_for_a_day_however_long_it_is_kept(hub, portal, kept_at):
    (own,) = kept_at
    sealed = hub.at.ephemeral.find(own)
    hub.web.pages.clear()
    hub.move(hours=24)
    hub.at.ephemeral.put(own, sealed, ttl=DAY)
    restarted(hub)

    assert is_unknown(authenticate(portal, jti="old"))


def registered(hub, **members):
    return hub.register_itself({"redirect_uris": [CALLBACK], **members}).body


def put(hub, told, **members):
    whole = {"client_id": told["client_id"], "redirect_uris": [CALLBACK], **members}
    return hub.manage("PUT", told["client_id"], told["registration_access_token"], whole)


def test_attack_S12_a_changed_registration_has_no_new_minute(hub, portal):
    keys = {"token_endpoint_auth_method": "private_key_jwt"}
    told = registered(hub, jwks_uri=JWKS_URI, **keys)
    portal.client = replace(portal.client, client_id=told["client_id"])
    for number in range(15):
        told = put(hub, told, jwks_uri=f"{JWKS_URI}?{number}", **keys).body
        assert is_unknown(authenticate(portal, STRANGER, jti=f"id-{number}"))
        hub.move(seconds=5)

    assert len(hub.web.asked) <= 2 * 2  # two minutes, for stale keys and for an unknown one


@pytest.mark.parametrize("member", ["logo_uri", "sector_identifier_uri"])
def test_attack_S12_a_document_is_fetched_once_a_minute(hub, member):
    told = registered(hub)
    page = PICTURE if member == "logo_uri" else json.dumps([CALLBACK]).encode()
    hub.web.pages = {f"https://portal.example/{number}": page for number in range(5)}
    first = put(hub, told, **{member: "https://portal.example/0"})
    for number in range(1, 5):
        with pytest.raises(FetchBusy):
            put(hub, told, **{member: f"https://portal.example/{number}"})
    hub.move(minutes=1)

    assert first.status == 200
    assert put(hub, told, **{member: "https://portal.example/4"}).status == 200
    assert len(hub.web.asked) == 2


def test_attack_S12_request_objects_are_fetched_so_often_a_minute_and_no_more(hub):
    address = "https://portal.example/request.jwt"
    hub.web.pages[address] = b"eyJhbGciOiJub25lIn0.e30."
    portal = hub.register(request_uris=(address,), request_object_signing_alg="none")
    for number in range(60):
        portal.authorize(request_uri=f"{address}#{number}")

    with pytest.raises(FetchBusy) as busy:
        portal.authorize(request_uri=f"{address}#more")
    assert busy.value.retry_after == timedelta(minutes=1)
    assert len(hub.web.asked) == 60


class Silent:
    """Servers that take the line and say nothing until they are let go."""

    def __init__(self):
        self.begun, self.full, self.let_go = Event(), Event(), Event()
        self.asked = []

    def get(self, url, *, media_types):
        self.asked.append(url)
        (self.full if len(self.asked) > 1 else self.begun).set()
        self.let_go.wait(20)
        return b"{}"


@pytest.fixture
def silent():
    web = Silent()
    yield web
    web.let_go.set()


def test_attack_D15_slow_servers_hold_so_many_threads_and_no_more(hub, silent):
    """Forty requests, each for another address of a silent server."""
    addresses = [f"https://portal.example/{number}.jwt" for number in range(40)]
    portal = hub.register(request_uris=tuple(addresses))
    hub.at = replace(hub.at, fetch=bulkhead(silent, places=2))
    restarted(hub)

    with ThreadPoolExecutor(2) as pool:
        held = [pool.submit(portal.authorize, request_uri=one) for one in addresses[:2]]
        assert silent.full.wait(10)
        for address in addresses[2:]:
            with pytest.raises(FetchBusy):
                portal.authorize(request_uri=address)
        silent.let_go.set()
        assert [one.result(10) for one in held]
    assert len(silent.asked) == 2


def test_attack_D15_known_keys_serve_while_their_server_is_silent(hub, portal, silent):
    assert authenticate(portal, jti="first").status == 400
    hub.at = replace(hub.at, fetch=bulkhead(silent, places=2, longest_wait=timedelta(seconds=20)))
    restarted(hub)
    hub.move(hours=2)

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(authenticate, portal, jti="slow")
        assert silent.begun.wait(10)
        quick = authenticate(portal, jti="quick")
        assert not slow.done()
        silent.let_go.set()
        assert (quick.status, slow.result(10).status) == (400, 400)


def test_attack_D15_a_failure_is_not_waited_for_again(hub):
    told = registered(hub)
    hub.at = replace(hub.at, fetch=bulkhead(hub.web, remember=timedelta(seconds=30)))
    restarted(hub)
    for _ in range(3):
        assert put(hub, told, logo_uri="https://portal.example/none").status == 400

    assert len(hub.web.asked) == 1
