"""Signing keys: next, active, retired (D12)."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest

from idp.ports import SigningDeviceUnavailable
from idp.protocol.jose.signing_keys import LATE, KeyRefused, KeyRing, NoSigningKey
from tests.fakes import FixedClock
from tests.protocol.hub import MemoryKeys, key_pair, read_header, sign

CACHE, LIFE = timedelta(hours=1), timedelta(minutes=10)


@pytest.fixture
def clock():
    return FixedClock()


@pytest.fixture
def store():
    return MemoryKeys()


@pytest.fixture
def ring(store, clock):
    return make_ring(store, clock)


def make_ring(store, clock):
    return KeyRing(store, clock, may_sign=lambda: None, jwks_cache=CACHE, longest_token=LIFE)


def published(ring):
    return [key["kid"] for key in ring.published()]


@pytest.fixture
def first(ring):
    """The first key, which signs."""
    return ring.promote(ring.new("RS256").kid)


def test_a_new_key_is_published_and_does_not_sign(ring):
    key = ring.new("RS256")

    assert published(ring) == [key.kid]
    with pytest.raises(NoSigningKey):
        ring.signer("RS256")


def test_the_first_key_need_not_wait(ring, first):
    assert ring.signer("RS256").kid == first.kid


def test_later_keys_are_published_for_twice_the_cache_time_first(ring, clock, first):
    second = ring.new("RS256")
    clock.move(2 * CACHE - timedelta(seconds=1))

    with pytest.raises(KeyRefused):
        ring.promote(second.kid)
    clock.move(timedelta(seconds=1))
    ring.promote(second.kid)
    assert ring.signer("RS256").kid == second.kid


def test_after_a_leak_a_key_need_not_wait(ring, first):
    second = ring.promote(ring.new("RS256").kid, at_once=True)

    assert ring.signer("RS256").kid == second.kid


@pytest.fixture
def second(ring, clock, first):
    """A key that took over."""
    made = ring.new("RS256")
    clock.move(2 * CACHE)
    return ring.promote(made.kid)


def test_the_key_before_stays_published(ring, first, second):
    assert published(ring) == [first.kid, second.kid]


def test_a_key_is_retired_when_its_last_token_is_dead(ring, clock, first, second):
    with pytest.raises(KeyRefused):
        ring.retire(first.kid)
    clock.move(LIFE + LATE)
    ring.retire(first.kid)

    assert published(ring) == [second.kid]


def test_after_a_leak_a_key_is_retired_at_once(ring, first, second):
    ring.retire(first.kid, at_once=True)

    assert published(ring) == [second.kid]


def test_the_key_that_signs_is_not_retired(ring, first):
    with pytest.raises(KeyRefused):
        ring.retire(first.kid, at_once=True)


def test_a_retired_key_does_not_come_back(ring, clock, first, second):
    ring.retire(first.kid, at_once=True)

    for change in (ring.promote, ring.retire):
        with pytest.raises(KeyRefused):
            change(first.kid)


@pytest.mark.parametrize("change", ["promote", "retire"])
def test_an_unknown_key_is_refused(ring, change):
    with pytest.raises(KeyRefused):
        getattr(ring, change)("nobody")


def test_an_unknown_algorithm_is_refused(ring):
    with pytest.raises(KeyRefused):
        ring.new("HS256")


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "EdDSA"])
def test_each_algorithm_has_keys_of_its_own(ring, alg):
    ring.promote(ring.new(alg).kid)

    assert ring.algorithms() == (alg,)


def test_public_keys_hold_nothing_private(ring):  # OIDC Core 10.1
    for alg in ("RS256", "ES256", "EdDSA"):
        ring.new(alg)

    for key in ring.published():
        assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & key.keys()
        assert key.keys() >= {"kid", "kty", "alg", "use"}


def test_a_change_by_another_process_is_seen_within_five_seconds(ring, clock, store, first):
    other = make_ring(store, clock)
    assert ring.signer("RS256").kid == first.kid
    second = other.promote(other.new("RS256").kid, at_once=True)

    assert ring.signer("RS256").kid == first.kid
    clock.move(timedelta(seconds=5))
    assert ring.signer("RS256").kid == second.kid


def test_a_broken_folder_keeps_the_old_set(ring, clock, store, first):
    assert ring.signer("RS256").kid == first.kid
    store.is_broken = True
    clock.move(timedelta(seconds=6))

    assert ring.signer("RS256").kid == first.kid


class SlowKeys(MemoryKeys):
    """A key store that reads only when it is let."""

    def __init__(self, *algorithms: str) -> None:
        super().__init__(*algorithms)
        self.is_reading, self.may_go_on = Event(), Event()

    def load(self):
        self.is_reading.set()
        assert self.may_go_on.wait(10)
        return super().load()


def test_who_comes_while_the_keys_are_read_waits_for_them(clock):
    slow = SlowKeys("RS256")
    ring = make_ring(slow, clock)

    with ThreadPoolExecutor(2) as pool:
        early = pool.submit(ring.published)
        assert slow.is_reading.wait(10)
        late = pool.submit(ring.published)
        late_came_back = late_is_done_within(late, seconds=0.2)
        slow.may_go_on.set()

    assert not late_came_back
    assert len(early.result()) == len(late.result()) == 1


def late_is_done_within(late, seconds):
    try:
        late.result(seconds)
    except TimeoutError:
        return False
    return True


def test_a_clock_that_jumped_back_delays_no_change(ring, clock, store, first):  # F20
    assert ring.signer("RS256").kid == first.kid
    other = make_ring(store, clock)
    second = other.promote(other.new("RS256").kid, at_once=True)

    clock.move(-timedelta(hours=1))

    assert ring.signer("RS256").kid == second.kid


def test_without_keys_there_is_no_key_set_to_be_kept(hub):  # RFC 7517 5; fault F22
    hub.key_store.files.clear()
    hub.key_store.is_broken = True

    reply = hub.provider.jwks()

    assert (reply.status, reply.headers["Cache-Control"]) == (503, "no-store")
    assert "Retry-After" in reply.headers


def test_attack_J16_what_signs_is_published(hub, portal):  # OIDC Core 10.1.1
    for alg in ("RS256", "PS256", "ES256", "EdDSA"):
        portal.change(id_token_signed_response_alg=alg)
        header = read_header(portal.obtain_tokens()["id_token"])
        kids = {key["kid"]: key["alg"] for key in hub.provider_keys()}
        assert kids[header["kid"]] == header["alg"] == alg


def test_attack_J16_a_next_key_verifies_nothing_it_did_not_sign(hub):
    stranger = sign({"iss": "x"}, key_pair("RSA", 9), kid="key-RS256", typ="at+jwt")

    assert hub.userinfo(stranger).status == 401


@pytest.fixture
def shown(hub, portal):
    """An access token that the hub has answered a moment ago, and remembers."""
    token = portal.obtain_tokens()["access_token"]
    assert hub.userinfo(token).status == portal.introspect(token).status == 200
    return token


def is_good(hub, portal, token):
    return hub.userinfo(token).status == 200 and portal.introspect(token).body["active"]


def test_a_token_that_was_shown_before_dies_with_its_key(hub, portal, shown):  # attack J16
    old = hub.at.keys.signer("RS256").kid
    hub.move(seconds=1)
    hub.at.keys.promote(hub.at.keys.new("RS256").kid, at_once=True)
    still_good = is_good(hub, portal, shown)
    hub.at.keys.retire(old, at_once=True)

    assert still_good
    assert not is_good(hub, portal, shown)


def test_a_key_retired_by_another_process_verifies_nothing_five_seconds_later(hub, portal, shown):
    hub.key_store.write(replace(hub.key_store.files["key-RS256"], state="retired"))
    hub.move(seconds=5)

    assert not is_good(hub, portal, shown)


def test_the_key_set_changes_with_the_keys(hub):
    before = hub.provider.jwks()
    hub.at.keys.new("ES256")
    after = hub.provider.jwks()

    assert before.etag != after.etag
    assert len(json.loads(after.content)["keys"]) == 5


class Away:
    """A device that holds keys and does not answer."""

    algorithms = frozenset({"ES256"})

    def generate(self, alg):
        made = key_pair("ES256")
        return "in-device", made.as_dict(private=False)

    def sign(self, kid, alg, message):
        raise SigningDeviceUnavailable

    def destroy(self, kid):
        raise SigningDeviceUnavailable

    def close(self):
        pass


@pytest.fixture
def device_away(hub):
    """A hub whose ES256 key is in a device that does not answer."""
    hub.key_store.device = Away()
    hub.clock.move(timedelta(seconds=1))
    hub.at.keys.promote(hub.at.keys.new("ES256").kid, at_once=True)
    return hub


def test_a_device_that_is_away_is_answered_503(device_away, portal):
    portal.change(id_token_signed_response_alg="ES256")

    reply = portal.redeem(portal.obtain_code())

    assert (reply.status, reply.headers["Retry-After"]) == (503, "10")


def test_a_device_that_is_away_keeps_its_keys_published(device_away):
    assert "in-device" in {key["kid"] for key in device_away.provider_keys()}


def test_a_device_that_is_away_stops_no_other_algorithm(device_away, portal):
    assert portal.redeem(portal.obtain_code()).status == 200


def test_a_device_that_is_away_stops_the_start(device_away):
    with pytest.raises(SigningDeviceUnavailable):
        device_away.at.keys.check()
