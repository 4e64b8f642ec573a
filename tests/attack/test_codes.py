"""Codes: attacks C01 to C07."""

import pytest

from idp.domain.people.account import AccountState
from tests.attack.both import at_both
from tests.attack.targets import AUTHORIZE, at_once, parameters_of, told
from tests.protocol.hub import challenge_of, encode
from tests.web.hub import ORIGIN


@at_both(hub="invalid_grant, then 401", naive="invalid_grant, then 200")
def test_attack_C01_a_replay_revokes_what_the_first_use_gave(target, expected):  # RFC 6749 4.1.2
    portal = target.register()
    code = portal.obtain_code()
    first = portal.redeem(code).get_json()

    second = told(portal.redeem(code))

    assert f"{second}, then {target.userinfo(first['access_token']).status_code}" == expected


@at_both(hub=1, naive="several")
def test_attack_C02_of_sixteen_at_once_one_succeeds(target, expected):  # RFC 9700 2.1.1
    portal = target.register()

    def winners():
        code = portal.obtain_code()
        return [told(answer) for answer in at_once(lambda: portal.redeem(code))].count("tokens")

    most = max(winners() for _ in range(3))

    assert (most if most < 2 else "several") == expected


def test_attack_C02_what_the_one_got_is_revoked(ours):  # RFC 6749 4.1.2
    portal = ours.register()
    code = portal.obtain_code()
    answers = at_once(lambda: portal.redeem(code))

    (token,) = [one.json["access_token"] for one in answers if told(one) == "tokens"]

    assert ours.userinfo(token).status_code == 401


def test_attack_C03_a_code_is_of_its_client(ours):  # RFC 6749 4.1.3
    code = ours.register().obtain_code()
    other = ours.register("other")

    assert [told(other.redeem(code)) for _ in range(2)] == ["invalid_grant"] * 2


def test_attack_C03_a_client_cannot_end_the_sign_in_at_another(ours):
    portal, other = ours.register(), ours.register("other")
    code = portal.obtain_code()
    other.redeem(code)

    assert told(portal.redeem(code)) == "tokens"


@pytest.mark.parametrize("seconds", [60, 61, 86_400 * 3])
def test_attack_C04_a_code_is_good_for_less_than_a_minute(ours, seconds):  # ASVS 10.4.3
    portal = ours.register()
    code = portal.obtain_code()
    ours.later(seconds=seconds)

    assert told(portal.redeem(code)) == "invalid_grant"


@pytest.mark.parametrize(
    "change",
    [{"state": AccountState.SUSPENDED}, {"state": AccountState.CLOSED}, {"epoch": 1}],
    ids=["suspended", "closed", "new password"],
)
def test_attack_C05_a_code_dies_with_the_account(ours, change):
    portal = ours.register()
    code = portal.obtain_code()
    ours.change_account(**change)

    assert told(portal.redeem(code)) == "invalid_grant"


def test_attack_C05_a_code_dies_with_the_session(ours):
    portal = ours.register()
    code = portal.obtain_code()
    ours.end_sessions()

    assert told(portal.redeem(code)) == "invalid_grant"


def test_attack_C06_a_code_of_one_browser_needs_that_ones_verifier(ours):  # RFC 9700 4.5
    portal = ours.register()
    stolen = portal.obtain_code(code_challenge=challenge_of("victims" * 7))

    assert told(portal.redeem(stolen)) == "invalid_grant"


FORGERIES = {
    "cut": lambda code: code[:-1],
    "longer": lambda code: code + "A",
    "prefix": lambda code: code[: len(code) // 2],
    "other case": str.swapcase,
    "guessed": lambda _: "A" * 43,
    "JSON": lambda _: '{"client_id":"portal"}',
    "not ASCII": lambda _: "é",
    "NUL": lambda _: "\x00",
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_attack_C07_what_is_no_code_gives_nothing(ours, forge):
    portal = ours.register()
    code = portal.obtain_code()

    assert told(portal.redeem(forge(code))) in {"invalid_grant", "invalid_request"}


def test_attack_C07_no_other_seal_of_ours_is_a_code(ours):
    portal = ours.register()
    query = encode(portal.request()).decode()
    asked = ours.stranger.get(f"{AUTHORIZE}?{query}", base_url=ORIGIN)
    sealed = parameters_of(asked.location)["context"]

    assert told(portal.redeem(sealed)) == "invalid_grant"
