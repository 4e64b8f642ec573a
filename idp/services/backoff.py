"""How long to wait before asking again."""

from datetime import timedelta

from idp.ports import Randomness

SPREAD = 0.2


def wait_by_age(age: timedelta, *, first: timedelta, longest: timedelta) -> timedelta:
    """Return as long as has been waited already, at least ``first`` and at most ``longest``.

    That doubles the age with every try, as counting tries would, and needs no count.
    """
    return min(max(age, first), longest)


def wait_by_tries(tries: int, *, first: timedelta, longest: timedelta) -> timedelta:
    """Return the wait after the ``tries``-th failure (from 1): doubling from ``first``."""
    doublings = min(max(tries - 1, 0), 16)
    return min(first * (1 << doublings), longest)


def spread(wait: timedelta, randomness: Randomness) -> timedelta:
    """Return ``wait`` moved by up to a fifth either way, so that many do not come back at once."""
    fraction = int(randomness.code()) / 1_000_000
    return wait * (1 - SPREAD + 2 * SPREAD * fraction)
