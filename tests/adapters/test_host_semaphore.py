"""A bound and a queue over all processes of a machine (D11, attack D02)."""

import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from idp.adapters.host_semaphore import HostSemaphore, NoSlot
from idp.ports import HashLane
from idp.settings.hash_queue import slots_for_this_machine

LONG = timedelta(seconds=30)
HOLD = """
import sys
from pathlib import Path
from idp.adapters.host_semaphore import HostSemaphore
with HostSemaphore(folder=Path(sys.argv[1]), count=1, queue=1).one():
    print("held", flush=True)
    sys.stdin.read()
"""
WAIT = """
import sys
from datetime import timedelta
from pathlib import Path
from idp.adapters.host_semaphore import HostSemaphore
with HostSemaphore(folder=Path(sys.argv[1]), count=1, queue=1, wait=timedelta(seconds=30)).one():
    print("held", flush=True)
"""
COUNT = """
import sys, time, os
from datetime import timedelta
from pathlib import Path
from idp.adapters.host_semaphore import HostSemaphore
folder = Path(sys.argv[1])
slots = HostSemaphore(folder=folder, count=2, queue=8, wait=timedelta(seconds=20))
for _ in range(15):
    with slots.one():
        mine = folder / f"in-{os.getpid()}"
        mine.touch()
        print(len(list(folder.glob("in-*"))), flush=True)
        time.sleep(0.002)
        mine.unlink()
"""


def slots(folder: Path, **changes: object) -> HostSemaphore:
    made = HostSemaphore(folder=folder, count=1, queue=8, wait=timedelta(milliseconds=50))
    return replace(made, **changes)


@contextmanager
def started(script: str, folder: Path) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", script, str(folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:
        try:
            yield process
        finally:
            process.kill()


def until_in_line(folder: Path, most: int) -> None:
    """Wait until so many stand in line."""
    until = time.monotonic() + 20
    while len(list(folder.glob("line-*"))) < most:
        assert time.monotonic() < until, "nobody lines up"


class Crowd:
    """Threads that wait for a slot, and the order in which they got one."""

    def __init__(self, slots: HostSemaphore) -> None:
        self._slots = slots
        self._threads: list[threading.Thread] = []
        self.served: list[str] = []
        self.refused: list[str] = []

    def come(self, name: str, lane: HashLane = HashLane.REST) -> None:
        """Line up, after those who came before."""
        before = len(list(self._slots.folder.glob("line-*")))
        thread = threading.Thread(target=self._wait, args=[name, lane])
        self._threads.append(thread)
        thread.start()
        until_in_line(self._slots.folder, before + 1)

    def end(self) -> None:
        for thread in self._threads:
            thread.join()

    def _wait(self, name: str, lane: HashLane) -> None:
        try:
            with self._slots.one(lane):
                self.served.append(name)
        except NoSlot:
            self.refused.append(name)


def test_who_comes_first_is_served_first(tmp_path: Path) -> None:
    crowd = Crowd(slots(tmp_path, wait=LONG))
    with slots(tmp_path).one():
        for name in "abcd":
            crowd.come(name)
    crowd.end()
    assert crowd.served == list("abcd")


def test_lanes_go_before_one_another(tmp_path: Path) -> None:
    crowd = Crowd(slots(tmp_path, wait=LONG))
    with slots(tmp_path).one():
        crowd.come("rest", HashLane.REST)
        crowd.come("worked", HashLane.WORKED)
        crowd.come("owner", HashLane.OWNER)
    crowd.end()
    assert crowd.served == ["owner", "worked", "rest"]


def test_a_full_lane_refuses_its_own_and_no_other(tmp_path: Path) -> None:
    full = slots(tmp_path, queue=1, wait=LONG)
    crowd = Crowd(full)
    with slots(tmp_path).one():
        crowd.come("junk")
        with pytest.raises(NoSlot), full.one():
            pass
        crowd.come("owner", HashLane.OWNER)
    crowd.end()
    assert (crowd.served, crowd.refused) == (["owner", "junk"], [])


def test_junk_does_not_take_the_places_of_better_lanes(tmp_path: Path) -> None:
    crowd = Crowd(slots(tmp_path, queue=2, reserve=1, wait=LONG))
    with slots(tmp_path).one():
        crowd.come("junk")
        crowd.come("more junk")
        crowd.come("worked", HashLane.WORKED)
        crowd.come("owner", HashLane.OWNER)
    crowd.end()
    assert crowd.served == ["owner", "worked", "junk", "more junk"]


def test_the_places_of_owners_are_bounded_too(tmp_path: Path) -> None:
    full = slots(tmp_path, queue=1, reserve=1, wait=LONG)
    crowd = Crowd(full)
    with slots(tmp_path).one():
        for name in "abc":
            crowd.come(name, HashLane.OWNER)
        with pytest.raises(NoSlot), full.one(HashLane.OWNER):
            pass
    crowd.end()
    assert crowd.served == list("abc")


def wake(place: Path) -> None:
    with place.open("wb", buffering=0) as pipe:
        pipe.write(b".")


def is_woken(reader: int) -> bool:
    """Wait for a wake-up of the pipe, and take it."""
    poll = select.poll()
    poll.register(reader, select.POLLIN)
    return bool(poll.poll(20_000)) and bool(os.read(reader, select.PIPE_BUF))


def test_a_thread_that_is_woken_late_leaves_the_slot_to_a_lower_lane(tmp_path: Path) -> None:
    crowd = Crowd(slots(tmp_path, wait=LONG))
    with slots(tmp_path).one():
        crowd.come("junk")
        [place] = tmp_path.glob("line-*")
        os.mkfifo(owner := tmp_path / "line-0-00000000000000000001-1-1")
        reader = os.open(owner, os.O_RDWR | os.O_NONBLOCK)
    assert is_woken(reader), "by whoever freed the slot"
    wake(place)
    assert is_woken(reader), "by the thread that was woken in its place"
    assert crowd.served == []
    owner.unlink()
    os.close(reader)
    wake(place)
    crowd.end()
    assert crowd.served == ["junk"]


def test_a_process_with_free_places_refuses_nobody_because_another_is_full(tmp_path: Path) -> None:
    full, free = (slots(tmp_path, queue=1, wait=LONG) for _ in range(2))
    first, second = Crowd(full), Crowd(free)
    with slots(tmp_path).one():
        first.come("first")
        second.come("second")
    first.end()
    second.end()
    assert second.served == ["second"]


def test_a_newcomer_does_not_overtake_who_stands_in_line(tmp_path: Path) -> None:
    """The slot is free, and its first has not been woken yet."""
    os.mkfifo(tmp_path / f"line-{HashLane.REST:d}-{0:020d}-{os.getpid()}-x")
    reader = os.open(next(tmp_path.glob("line-*")), os.O_RDWR | os.O_NONBLOCK)
    try:
        assert not slots(tmp_path)._is_next(HashLane.REST)
        assert slots(tmp_path)._is_next(HashLane.WORKED)
        with slots(tmp_path).one(HashLane.REST):
            assert os.read(reader, 1)  # the newcomer woke it, and waited
    finally:
        os.close(reader)


def test_who_died_in_line_keeps_nobody_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / f"line-{HashLane.OWNER:d}-{0:020d}-4194305-x")
    with slots(tmp_path, wait=LONG).one():
        pass
    assert list(tmp_path.glob("line-*")) == []


def test_who_left_the_line_while_it_is_woken_is_passed_over(tmp_path: Path) -> None:
    """Many come and give up at once: no wake-up is lost, none hits somebody who is gone."""
    impatient = slots(tmp_path, queue=20, wait=timedelta(milliseconds=5))
    crowd = Crowd(impatient)
    threads = [
        threading.Thread(target=crowd._wait, args=[str(number), HashLane.REST])
        for number in range(60)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with slots(tmp_path, wait=LONG).one():
        assert len(crowd.served) + len(crowd.refused) == 60


def test_nobody_is_left_in_line_who_gave_up(tmp_path: Path) -> None:
    with slots(tmp_path).one(), pytest.raises(NoSlot), slots(tmp_path).one():
        pass
    assert list(tmp_path.glob("line-*")) == []


def test_who_waits_wakes_when_the_holder_is_killed(tmp_path: Path) -> None:
    with started(HOLD, tmp_path) as holder:
        assert holder.stdout
        holder.stdout.readline()
        crowd = Crowd(slots(tmp_path, wait=LONG))
        crowd.come("waiting")
        begun = time.monotonic()
        os.kill(holder.pid, signal.SIGKILL)
        crowd.end()
    assert crowd.served == ["waiting"]
    assert time.monotonic() - begun < 10  # of thirty seconds


def test_who_waits_is_served_by_the_next_when_one_in_line_is_killed(tmp_path: Path) -> None:
    crowd = Crowd(slots(tmp_path, wait=LONG))
    with started(WAIT, tmp_path) as first, slots(tmp_path).one():
        until_in_line(tmp_path, 1)
        crowd.come("second")
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
    crowd.end()
    assert crowd.served == ["second"]


def test_waiting_takes_no_processor(tmp_path: Path) -> None:
    with slots(tmp_path).one():
        begun = time.process_time()
        with pytest.raises(NoSlot), slots(tmp_path, wait=timedelta(seconds=0.5)).one():
            pass
        assert time.process_time() - begun < 0.25  # of half a second


def test_a_killed_process_gives_its_slot_back(tmp_path: Path) -> None:
    with started(HOLD, tmp_path) as holder:
        assert holder.stdout
        holder.stdout.readline()
        with pytest.raises(NoSlot), slots(tmp_path).one():
            pass
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()

    with slots(tmp_path).one():
        pass


def test_never_more_than_the_count_at_once_over_all_processes(tmp_path: Path) -> None:
    with ExitStack() as stack:
        processes = [stack.enter_context(started(COUNT, tmp_path)) for _ in range(4)]
        seen = [int(line) for each in processes for line in each.communicate()[0].split()]

    assert len(seen) == 60
    assert max(seen) <= 2


def test_a_failure_inside_gives_the_slot_back(tmp_path: Path) -> None:
    with pytest.raises(KeyError), slots(tmp_path).one():
        raise KeyError

    with slots(tmp_path).one():
        pass


def test_no_slots_at_all_stop_the_start(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="slot"):
        slots(tmp_path, count=0)


def test_one_processor_stays_free_where_there_are_more() -> None:
    processors = len(os.sched_getaffinity(0))

    assert slots_for_this_machine() == max(1, processors - 1)
