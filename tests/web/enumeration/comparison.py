"""What a stranger can compare of two answers: every byte but one-time values, and the time."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from math import exp, sqrt
from statistics import median
from typing import NamedTuple

from werkzeug.test import TestResponse

_ONE_TIME = re.compile(
    r"""
    (?P<before> value=" | nonce[-=]"? | [?&](?:flow|form|context|tracking)= | hub_[a-z]+= | )
    (?P<value> [A-Za-z0-9_.:%+/=-]{16,} | [0-9]{10}\b | [۰-۹]{10} )
    """,
    re.VERBOSE,
)
"""Sealed texts, tokens, handles in addresses, nonces, cookies, numbers of errors and typed IDs."""

_ENDS = re.compile("Expires=[^;]*GMT")


def seen(answer: TestResponse) -> str:
    """Return everything of an answer that must be the same for everybody.

    The answers that led to it (a form's, before its page) are seen as well. One-time values are
    replaced by their length: that must be the same, too. When a cookie ends depends on the second
    at which it was sent; how long it lives is compared.
    """
    text = _ENDS.sub("Expires", "\n".join(map(_sent, (*answer.history, answer))))
    return _ONE_TIME.sub(lambda found: f"{found['before']}<{len(found['value'])}>", text)


def _sent(answer: TestResponse) -> str:
    headers = [f"{name}: {value}" for name, value in sorted(answer.headers) if name != "Date"]
    return "\n".join([str(answer.status_code), *headers, answer.get_data(as_text=True)])


class Timing(NamedTuple):
    """The times of one kind of ID against all others'."""

    medians: Mapping[str, float]
    farthest: float
    """The largest distance of two medians, in the unit of the samples."""
    p: float
    """The smallest p of all pairs, corrected by Holm: below 0.01 they differ."""

    def is_even(self, bound: float) -> bool:
        """Return whether nobody learns anything: p above 0.01, or medians within ``bound``."""
        return self.p > 0.01 or self.farthest <= bound


def compare(times: Mapping[str, Sequence[float]]) -> Timing:
    """Compare every pair of kinds (two-sample Kolmogorov-Smirnov, Holm's correction)."""
    medians = {kind: median(values) for kind, values in times.items()}
    p_values = sorted(ks_p(one, other) for one, other in combinations(times.values(), 2))
    return Timing(medians, max(medians.values()) - min(medians.values()), holm(p_values))


def holm(p_values: Iterable[float]) -> float:
    """Return the smallest p after Holm's step-down correction, at most 1."""
    ordered = sorted(p_values)
    return min(1.0, ordered[0] * len(ordered)) if ordered else 1.0


def ks_p(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the asymptotic p of the two-sample Kolmogorov-Smirnov test.

    Source: Smirnov's series with Stephens' correction for samples of moderate size.
    """
    first, second = sorted(one), sorted(other)
    points = sorted({*first, *second})
    distance = max(
        abs(bisect_right(first, x) / len(first) - bisect_right(second, x) / len(second))
        for x in points
    )
    size = sqrt(len(first) * len(second) / (len(first) + len(second)))
    scaled = (size + 0.12 + 0.11 / size) * distance
    if scaled < 0.2:  # the series converges slowly there, and p is 1 to six digits
        return 1.0
    terms = (2 * (-1) ** (k - 1) * exp(-2 * (k * scaled) ** 2) for k in range(1, 101))
    return max(0.0, min(1.0, sum(terms)))
