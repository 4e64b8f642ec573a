"""A valid ``traceparent`` is continued, a malformed one ignored (W3C Trace Context, 3.2, 4.3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.telemetry.trace_context import TraceParent, parse

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
VALID = f"00-{TRACE}-{SPAN}-01"


@pytest.mark.parametrize(
    ("header", "is_sampled"),
    [
        (VALID, True),
        (f"00-{TRACE}-{SPAN}-00", False),
        (f"00-{TRACE}-{SPAN}-ff", True),
        (f"cc-{TRACE}-{SPAN}-01", True),
        (f"cc-{TRACE}-{SPAN}-01-what-the-future-brings", True),
    ],
)
def test_a_valid_header_names_trace_and_span(header, is_sampled):
    assert parse(header) == TraceParent(TRACE, SPAN, is_sampled)


MALFORMED = {
    "nothing": "",
    "version ff": f"ff-{TRACE}-{SPAN}-01",
    "the first version with more": f"{VALID}-more",
    "the first version with a dash": f"{VALID}-",
    "a later version with more but no dash": f"cc-{TRACE}-{SPAN}-01more",
    "a trace of zeros": f"00-{'0' * 32}-{SPAN}-01",
    "a span of zeros": f"00-{TRACE}-{'0' * 16}-01",
    "capitals": VALID.upper(),
    "a short trace": f"00-{TRACE[1:]}-{SPAN}-01",
    "a long span": f"00-{TRACE}-{SPAN}0-01",
    "no flags": f"00-{TRACE}-{SPAN}",
    "letters that are no digits": f"00-{TRACE[:-1]}g-{SPAN}-01",
    "digits of another script": f"00-{'۱' * 32}-{SPAN}-01",
    "blanks": f" {VALID}",
    "two headers": f"{VALID},{VALID}",
    "a line end": f"{VALID}\n",
    "a future without end": f"cc-{TRACE}-{SPAN}-01-{'x' * 300}",
}


@pytest.mark.parametrize("header", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_header_is_none(header):
    assert parse(header) is None


@given(st.text())
def test_no_header_is_an_error(header):
    parse(header)
