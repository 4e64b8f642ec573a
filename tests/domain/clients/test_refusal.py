"""Lines of a client's log: what they tell, and what they never tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.clients.refusal import LONGEST_TEXT, SLOTS, shown_address, shown_text
from idp.domain.clients.refusal_reasons import Reason
from tests.factories import refusal


def test_it_says_what_was_wrong_and_what_to_do():
    line = refusal(reason=Reason.CLIENT_UNKNOWN, details={"named": "portall"})
    assert line.says == "The request named the client portall, which is not registered."
    assert line.advice == "Send client_id=portal, byte for byte."


def test_a_detail_that_an_older_line_lacks_is_left_open():
    line = refusal(reason=Reason.CLIENT_UNKNOWN)
    assert line.says == "The request named the client ..., which is not registered."


def test_a_reason_of_a_newer_version_is_read_as_the_general_one():
    assert Reason("of_tomorrow") is Reason.REQUEST_WRONG


def test_equal_lines_are_counted_together():
    first, later = refusal(at=1), refusal(at=2)
    both = first.with_more(later)
    assert (both.count, both.first_at, both.last_at) == (2, first.first_at, later.last_at)


def test_a_line_with_other_details_takes_the_place_of_the_earlier():
    first, later = refusal(details={"named": "a"}), refusal(details={"named": "b"})
    assert first.with_more(later) == later


def test_the_order_of_the_details_does_not_count():
    one, other = refusal(details={"a": "1", "b": "2"}), refusal(details={"b": "2", "a": "1"})
    assert one.fingerprint == other.fingerprint


@given(st.text())
def test_lines_of_one_kind_have_a_few_places(named):
    assert 0 <= refusal(details={"named": named}).slot < SLOTS


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("https://portal.example/cb", "https://portal.example/cb"),
        ("http://localhost:3000/cb", "http://localhost:3000/cb"),
        ("https://portal.example/cb?next=/file&x=1", "https://portal.example/cb?next=...&x=..."),
        ("https://portal.example/cb#token", "https://portal.example/cb"),
        ("https://portal.example/0012345679/cb", "https://portal.example/.../cb"),
        ("https://user:word@portal.example/", "https://user:...portal.example/"),
        ("https://portal.example/" + "s" * 50, "https://portal.example/..."),
        ("https://portal.example/\u06f1", "https://portal.example/?"),
    ],
)
def test_an_address_is_shown_without_what_may_be_personal_or_secret(sent, shown):
    assert shown_address(sent) == shown


@given(st.text())
def test_what_is_shown_is_short_and_printable(text):
    shown = shown_text(text)
    assert len(shown) <= LONGEST_TEXT
    assert shown.isascii()
    assert shown.isprintable()
