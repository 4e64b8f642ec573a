"""glibc's arenas, as the C library itself counts them, in a process of its own."""

import subprocess
import sys

import pytest

MANY_THREADS = """
import ctypes, sys, threading
from idp.adapters.allocator import keep_few_arenas

if sys.argv[1] == "few":
    keep_few_arenas()
library = ctypes.CDLL(None)
library.malloc.restype = library.fopen.restype = ctypes.c_void_p
begun = threading.Barrier(8)

def allocate():
    begun.wait()
    library.malloc(1000)
    begun.wait()

threads = [threading.Thread(target=allocate) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
file = ctypes.c_void_p(library.fopen(b"/dev/stdout", b"w"))
library.malloc_info(0, file)
library.fclose(file)
"""


def arenas(how: str) -> int:
    command = [sys.executable, "-c", MANY_THREADS, how]
    return subprocess.run(command, capture_output=True, check=True).stdout.count(b"<heap nr=")


@pytest.mark.skipif(sys.platform != "linux", reason="the C library is glibc on Linux alone")
def test_threads_share_two_arenas():
    assert (arenas("few"), arenas("usual") > 2) == (2, True)
