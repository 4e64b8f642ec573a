"""Four worker processes, a thousand jobs, and kills at random: each job takes effect once (F25)."""

import os
import random
import signal
import time
from collections import Counter

import pytest

from idp.jobs.worker import Handler, Worker
from idp.ports import AuditEntry, Job
from tests.services.laboratory import LEASE, Laboratory

JOBS, PROCESSES, SEED = 1000, 4, 20260321
KIND = "counted"


def start_worker(url, now, name):
    """Fork a worker that ends when nothing is due; its effect and its end are one commit."""
    child = os.fork()
    if child:
        return child
    try:
        lab = Laboratory(url)
        lab.clock.now = now

        def run(job):
            with lab.begin() as work:
                work.audit.add(AuditEntry(at=now, actor="w", action=KIND, subject=job.subject))
                work.outbox.finish(job, now)

        Worker(name, lab.worker_ports(), {KIND: Handler(run)}).run_due()
    finally:
        os._exit(0)


def kill_some(children, randomness):
    """Kill half of the workers, a while after they began; wait for all to end."""
    time.sleep(randomness.uniform(0.3, 0.9))
    for child in randomness.sample(children, PROCESSES // 2):
        os.kill(child, signal.SIGKILL)
    return sum(os.WIFSIGNALED(os.waitpid(child, 0)[1]) for child in children)


def waiting(lab):
    with lab.begin(read_only=True) as work:
        return work.outbox.waiting(KIND)


@pytest.mark.slow
def test_each_of_a_thousand_jobs_takes_effect_once_whoever_is_killed(deadly_url):
    lab, randomness, killed = Laboratory(deadly_url), random.Random(SEED), 0
    with lab.begin() as work:
        for number in range(JOBS):
            work.outbox.put(
                Job(kind=KIND, subject=str(number), unique=str(number), run_at=lab.clock())
            )
    while waiting(lab):
        lab.database.close()
        children = [start_worker(deadly_url, lab.clock.now, f"w{n}") for n in range(PROCESSES)]
        killed += kill_some(children, randomness)
        lab.clock.move(LEASE)

    with lab.begin(read_only=True) as work:
        effects = Counter(entry.subject for entry in work.audit.tail(2 * JOBS))
        assert work.outbox.dead() == []
    lab.close()
    assert len(effects) == JOBS
    assert set(effects.values()) == {1}
    assert killed, "nobody was killed"
