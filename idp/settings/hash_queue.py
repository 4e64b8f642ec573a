"""How many hashes the machine computes at once, and how many requests wait for one."""

import math
import os

from idp.settings.sections import Settings

HASH_SECONDS = 0.025
"""CPU time of a hash of 19 MiB and two passes (decision 0011)."""
MOST_WAITING = 64
"""Each request that waits takes a thread."""


def hash_slots(settings: Settings) -> int:
    """Return how many hashes all processes of the machine compute at once."""
    return settings.hashing.slots or slots_for_this_machine()


def slots_for_this_machine() -> int:
    """Return the CPU count minus one, at least one: one stays free for tokens and keys (D11)."""
    return max(1, len(os.sched_getaffinity(0)) - 1)


def waiting_for_a_hash(settings: Settings) -> int:
    """Return how many requests of one process may wait, each in a thread beside server.threads.

    Unless it is set, the processes together hold what the slots answer within the longest wait:
    fewer would refuse who could be served, more could not be served in time.
    """
    if settings.hashing.queue:
        return settings.hashing.queue
    in_time = hash_slots(settings) * settings.hashing.queue_seconds / HASH_SECONDS
    return min(MOST_WAITING, math.ceil(in_time / settings.server.processes))


def places_kept_from_strangers(settings: Settings) -> int:
    """Return how many further requests may wait that have shown work, and again for owners.

    They are few, so that at least half of ``server.threads`` never wait for a hash (attack D02).
    """
    return max(1, settings.server.threads // 4)
