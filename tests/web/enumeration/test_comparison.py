"""Answers and times are compared as the report says."""

from random import Random

import pytest
from werkzeug.test import TestResponse

from tests.web.enumeration.comparison import Timing, compare, holm, ks_p, seen


def answer(text: str, **headers: str) -> TestResponse:
    return TestResponse([text.encode()], "200 OK", headers, None)


def noise(seed: int, shift: float = 0.0) -> list[float]:
    randomness = Random(seed)
    return [randomness.gauss(10 + shift, 1) for _ in range(400)]


def test_one_time_values_of_one_length_are_the_same():
    one, other = ('<input name="flow" value="' + letter * 43 + '">' for letter in "ab")
    assert seen(answer(one)) == seen(answer(other))


def test_one_time_values_of_another_length_are_not():
    one, other = ('<input name="flow" value="' + "a" * length + '">' for length in (43, 44))
    assert seen(answer(one)) != seen(answer(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (answer("کد فرستاده شد"), answer("حساب دارید")),
        (answer("x", Location="/a"), answer("x", Location="/b")),
        (answer("x"), answer("x", Retry="1")),
    ],
)
def test_words_addresses_and_headers_are_compared(one, other):
    assert seen(one) != seen(other)


def test_the_date_is_not_compared():
    assert seen(answer("x", Date="Mon")) == seen(answer("x", Date="Tue"))


def test_the_second_at_which_a_cookie_was_sent_is_not_compared():
    cookie = "a=b; Expires=Tue, 29 Dec 2026 17:39:4{} GMT; Max-Age=2592000"
    one, other = (answer("x", **{"Set-Cookie": cookie.format(second)}) for second in "26")
    assert seen(one) == seen(other)


def test_samples_of_one_distribution_have_a_large_p():
    assert ks_p(noise(1), noise(2)) > 0.05


def test_samples_of_two_distributions_have_a_small_p():
    assert ks_p(noise(1), noise(2, shift=0.5)) < 0.001


def test_equal_samples_have_the_largest_p():
    assert ks_p([1.0, 2.0], [1.0, 2.0]) == 1.0


def test_the_p_of_a_known_distance():
    """Distance 0.5 of twice ten: 0.1123 (Stephens' correction of the asymptotic series)."""
    one, other = [float(n) for n in range(10)], [float(n) + 5 for n in range(10)]
    assert ks_p(one, other) == pytest.approx(0.112, abs=0.002)


def test_many_comparisons_raise_the_bar():
    assert holm([0.02, 0.5, 0.9]) == pytest.approx(0.06)


def test_the_farthest_medians_are_told():
    assert compare({"a": [1.0, 2.0, 3.0], "b": [4.0, 5.0, 6.0]}).farthest == 3.0


@pytest.mark.parametrize(("farthest", "p", "even"), [(9, 0.5, True), (0.5, 0, True), (9, 0, False)])
def test_what_is_even_is_close_or_cannot_be_told_apart(farthest, p, even):
    assert Timing({}, farthest, p).is_even(1.0) is even
