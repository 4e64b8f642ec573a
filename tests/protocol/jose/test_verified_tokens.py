"""A token that comes again costs no second signature check, and is not trusted a moment longer."""

import pytest

from idp.protocol.jose import jws
from idp.protocol.jose.jws import BadToken
from idp.protocol.jose.verified_tokens import MOST, VerifiedTokens
from tests.protocol.hub import key_pair, sign

ONE, OTHER = key_pair("ES256", 1), key_pair("ES256", 2)


class Ring:
    """Keys by their ``kid``, and the tokens whose signature was checked with them."""

    def __init__(self):
        self.keys = {"one": ONE}
        self.checked = []
        self.tokens = VerifiedTokens(self.check, self.find)

    def find(self, kid, _alg):
        return self.keys.get(kid)

    def check(self, token):
        self.checked.append(token)
        return jws.verify(token, self.find, ("ES256",))


@pytest.fixture
def ring():
    return Ring()


def token(number=1, kid="one", key=ONE):
    return sign({"jti": number}, key, kid=kid, alg="ES256")


def test_a_good_token_is_verified(ring):
    assert ring.tokens.verify(token(7)).claims == {"jti": 7}


def test_a_token_that_comes_again_costs_no_second_check(ring):
    shown = token()

    first, second = ring.tokens.verify(shown), ring.tokens.verify(shown)

    assert first == second
    assert ring.checked == [shown]


def test_tokens_are_told_apart(ring):
    tokens = [token(number) for number in range(3)]

    told = [ring.tokens.verify(shown).claims["jti"] for shown in tokens * 2]

    assert told == [0, 1, 2] * 2


def test_a_key_that_is_gone_verifies_no_remembered_token(ring):
    shown = token()
    ring.tokens.verify(shown)
    del ring.keys["one"]

    with pytest.raises(BadToken):
        ring.tokens.verify(shown)


def test_a_key_that_was_replaced_verifies_no_remembered_token(ring):
    shown = token()
    ring.tokens.verify(shown)
    ring.keys["one"] = OTHER

    with pytest.raises(BadToken):
        ring.tokens.verify(shown)


def test_attack_J12_a_changed_copy_of_a_remembered_token_is_checked(ring):
    shown = token()
    ring.tokens.verify(shown)
    head, claims, _signature = shown.split(".")
    _head, _claims, of_another = token(2).split(".")

    with pytest.raises(BadToken):
        ring.tokens.verify(f"{head}.{claims}.{of_another}")


@pytest.mark.parametrize("bad", ["", "x", "a.b.c", "\ud800", token(kid="two")])
def test_a_bad_token_is_bad_each_time(ring, bad):
    for _ in range(2):
        with pytest.raises(BadToken):
            ring.tokens.verify(bad)


def remember_others(ring, count):
    for number in range(count):
        ring.tokens.verify(token(1000 + number))


def test_the_last_tokens_are_remembered(ring):
    shown = token()
    ring.tokens.verify(shown)
    remember_others(ring, MOST - 1)
    ring.tokens.verify(shown)

    assert ring.checked.count(shown) == 1


def test_no_more_tokens_are_remembered_than_the_memory_is_planned_for(ring):
    shown = token()
    ring.tokens.verify(shown)
    remember_others(ring, MOST)
    ring.tokens.verify(shown)

    assert ring.checked.count(shown) == 2


def test_a_token_that_comes_again_and_again_outlives_others(ring):
    shown = token()
    ring.tokens.verify(shown)
    remember_others(ring, MOST // 2)
    ring.tokens.verify(shown)
    remember_others(ring, MOST - 1)
    ring.tokens.verify(shown)

    assert ring.checked.count(shown) == 1
