"""The search for secrets finds what stands in clear, and takes no chance for a leak."""

import pytest

from tests.e2e.leaks import leaks

CODE, ID = "423749", "9981000043"
DIGEST = b"ab12" * 16
IN_DIGEST = DIGEST[:20] + CODE.encode() + DIGEST[26:]


@pytest.mark.parametrize(
    "text",
    [
        b"code=423749",
        b"x" + CODE.encode() + DIGEST,
        DIGEST + CODE.encode() + DIGEST,
        b"18:01:02 423749",
    ],
)
def test_a_code_in_clear_is_found_whatever_stands_beside_it(text):
    assert len(list(leaks({CODE}, text))) == 1


@pytest.mark.parametrize(
    "text",
    [b"2026-11-29 18:01:02.423749", IN_DIGEST, DIGEST + IN_DIGEST],
)
def test_microseconds_and_digits_of_digests_are_no_code(text):
    assert list(leaks({CODE}, text)) == []


@pytest.mark.parametrize("text", [ID.encode() + DIGEST, DIGEST[:20] + ID.encode() + DIGEST[30:]])
def test_a_longer_secret_is_never_taken_for_chance(text):
    assert len(list(leaks({ID}, text))) == 1


def test_a_password_is_found_as_json_has_it():
    assert len(list(leaks({'say "Salam1"'}, rb'{"typed": "say \"Salam1\""}'))) == 1


def test_a_leak_is_told_with_what_stands_around_it():
    assert list(leaks({CODE}, b"the code is 423749.")) == ["423749 in b'the code is 423749.'"]
