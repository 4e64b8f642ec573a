"""Backoff: how long to wait before a retry."""

from datetime import timedelta

from idp.ports import Randomness

SPREAD = 0.2


def wait_by_age(age: timedelta, *, first: timedelta, longest: timedelta) -> timedelta:
    """Return ``age``, but at least ``first`` and at most ``longest``.

    The age doubles with each retry: exponential backoff without a counter.
    """
    return min(max(age, first), longest)


def wait_by_tries(tries: int, *, first: timedelta, longest: timedelta) -> timedelta:
    """Return the wait after the ``tries``-th failure (from 1): doubling from ``first``."""
    doublings = min(max(tries - 1, 0), 16)
    return min(first * (1 << doublings), longest)


def spread(wait: timedelta, randomness: Randomness) -> timedelta:
    """Return ``wait`` with up to 20% jitter either way, so that retries do not coincide."""
    fraction = int(randomness.code()) / 1_000_000
    return wait * (1 - SPREAD + 2 * SPREAD * fraction)
