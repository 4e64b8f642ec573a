"""glibc's allocator: how much of a process with many threads stays resident."""

import ctypes
from typing import Any

MOST_ARENAS = 2
_M_ARENA_MAX = -8  # malloc.h


def keep_few_arenas() -> None:
    """Let all threads share two arenas; to be called before there are threads.

    glibc gives each thread one of its own, up to eight a core, and what a thread has freed stays in
    it: 8 MiB of a web process. Python's lock lets one thread allocate at a time, mostly, so more
    arenas save no time. Source: mallopt(3), M_ARENA_MAX.
    """
    _call("mallopt", _M_ARENA_MAX, MOST_ARENAS)


def return_free_memory() -> None:
    """Give back what lies free in the arenas, as after loading much. Source: malloc_trim(3)."""
    _call("malloc_trim", 0)


def _call(name: str, *numbers: int) -> None:
    """Call a function of the C library; nothing is to be done where it has none of the name."""
    function: Any = getattr(ctypes.CDLL(None), name, None)
    if function is not None:
        function(*numbers)
