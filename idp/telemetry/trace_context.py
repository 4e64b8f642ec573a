"""The W3C Trace Context header ``traceparent``: which trace a request belongs to."""

import re
from dataclasses import dataclass

_FORM = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-[!-~]*)?", re.ASCII)
FIRST_VERSION, NO_VERSION = "00", "ff"
SAMPLED = 1
LONGEST = 256
"""Characters of a header of a later version; a longer one is no trace context."""


@dataclass(frozen=True, slots=True)
class TraceParent:
    """The caller's trace and span, in hexadecimal, and whether the caller records them."""

    trace_id: str
    span_id: str
    is_sampled: bool


def parse(header: str) -> TraceParent | None:
    """Return the trace context; None for a malformed header, which is ignored, never an error.

    Letters are lower case, ids are not zero, and the first version has no further field. Of a later
    version the fields of the first are read.

    Source: W3C Trace Context, 3.2 (traceparent), 4.3 (processing).
    """
    match = _FORM.fullmatch(header) if len(header) <= LONGEST else None
    if match is None:
        return None
    version, trace_id, span_id, flags, more = match.groups()
    if version == NO_VERSION or (version == FIRST_VERSION and more is not None):
        return None
    if not int(trace_id, 16) or not int(span_id, 16):
        return None
    return TraceParent(trace_id, span_id, bool(int(flags, 16) & SAMPLED))
