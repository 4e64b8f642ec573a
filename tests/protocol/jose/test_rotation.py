"""Rotation over all processes: nothing signs before all publish it, all of it happens once."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from structlog.testing import capture_logs

from idp.domain.clients.public_jwk import PublicJwk
from idp.ports import DatabaseUnavailable, KeyReport
from idp.protocol.jose.jws import import_public, sign, verify
from idp.protocol.jose.key_reports import KeyRefused
from idp.protocol.jose.signing_keys import LATE
from idp.protocol.key_rotation import KEEP_RETIRED, KeyReporter, KeyRotation, RotationSchedule
from idp.store.database import Database
from tests.fakes import FixedClock, PlainVault
from tests.protocol.hub import MemoryKeys
from tests.protocol.jose.test_keys import CACHE, LIFE, make_ring

ALG = "ES256"
SOON = timedelta(seconds=6)
AHEAD, EVERY = timedelta(days=1), timedelta(days=90)


class Nodes:
    """Processes that share a database and, until one gets a folder of its own, the keys."""

    def __init__(self, database: Database) -> None:
        self.begin = database.begin
        self.clock, self.folder = FixedClock(), MemoryKeys()
        self.rings, self.reporters = [], []
        self.rotation = self.worker(self.folder)
        self.join()

    def worker(self, folder, every=EVERY) -> KeyRotation:
        schedule = RotationSchedule(every, AHEAD)
        return KeyRotation(self.begin, self.clock, make_ring(folder, self.clock), schedule)

    def join(self, folder=None):
        ring = make_ring(folder or self.folder, self.clock)
        self.rings.append(ring)
        reporter = KeyReporter(self.begin, ring, f"node-{len(self.rings)}")
        self.reporters.append(reporter)
        reporter.run()
        return ring

    def wait(self, time, *, silent=()):
        """Let time pass; all processes but ``silent`` report soon, and at its end."""
        for part in (SOON, time - SOON):
            self.clock.move(part)
            for number, reporter in enumerate(self.reporters):
                if number not in silent:
                    reporter.run()

    def rotate(self):
        return self.rotation.rotate("officer", by_hand=True)

    def states(self) -> list[str]:
        return [key.state for key in self.folder.load()]


@pytest.fixture
def nodes(migrated_sqlite_url):
    database = Database(migrated_sqlite_url, PlainVault())
    nodes = Nodes(database)
    ring = make_ring(nodes.folder, nodes.clock)
    ring.promote(ring.new(ALG).kid)
    nodes.wait(timedelta(minutes=1))
    yield nodes
    database.close()


def actions(rotation) -> list[str]:
    return [step.action for step in rotation.steps]


def test_by_hand_the_next_key_is_published_first(nodes):
    assert actions(nodes.rotate()) == ["made"]
    assert nodes.states() == ["active", "next"]


def test_the_next_key_signs_when_it_was_published_for_long_enough(nodes):
    nodes.rotate()
    nodes.wait(AHEAD - timedelta(seconds=1))
    too_early = nodes.rotate()
    nodes.wait(timedelta(minutes=2))

    assert actions(too_early) == []
    assert "portals may not know" in too_early.waits[0]
    assert actions(nodes.rotate()) == ["promoted"]


def test_the_time_counts_from_the_last_process_that_published_the_key(nodes):
    late = nodes.join()
    nodes.rotate()
    nodes.folder.is_broken = True
    nodes.wait(timedelta(minutes=30))
    nodes.folder.is_broken = False
    nodes.wait(AHEAD - timedelta(minutes=10))

    assert len(late.published()) == 2
    assert actions(nodes.rotate()) == []
    nodes.wait(timedelta(hours=1))
    assert actions(nodes.rotate()) == ["promoted"]


def test_no_key_signs_that_one_process_does_not_publish(nodes):
    nodes.join(folder=MemoryKeys())
    nodes.rotate()
    nodes.wait(2 * AHEAD)

    refused = nodes.rotate()

    assert actions(refused) == []
    assert "node-2 does not publish" in refused.waits[0]


def test_a_process_that_is_gone_delays_a_key_for_an_hour(nodes):
    nodes.rotate()
    nodes.join(folder=MemoryKeys())
    nodes.wait(AHEAD - timedelta(minutes=30), silent=[1])
    nodes.reporters[1].run()
    nodes.wait(timedelta(minutes=40), silent=[1])
    assert actions(nodes.rotate()) == []
    nodes.wait(timedelta(minutes=21), silent=[1])

    assert actions(nodes.rotate()) == ["promoted"]


@pytest.fixture
def rotated(nodes):
    """The second key has just been promoted."""
    nodes.rotate()
    nodes.wait(2 * AHEAD)
    nodes.rotate()
    return nodes


def test_the_earlier_key_goes_when_its_last_token_is_dead(rotated):
    rotated.wait(LIFE + LATE - timedelta(seconds=1))
    too_early = rotated.rotate()
    rotated.wait(timedelta(minutes=1))
    rotated.rotate()

    assert actions(too_early) == []
    assert rotated.states() == ["retired", "active"]


def test_a_key_stays_while_one_process_signs_with_it(rotated):
    old, new = [key.kid for key in rotated.folder.load()]
    now = rotated.clock()
    cut_off = KeyReport("node-9", now, published={old: now, new: now}, idle={new: now})
    with rotated.begin() as work:
        work.key_reports.put(cut_off)
    rotated.wait(LIFE + LATE)

    assert any("node-9 signs with" in wait for wait in rotated.rotate().waits)


def test_a_key_goes_when_the_last_process_has_not_signed_for_a_tokens_life(rotated):
    rotated.folder.is_broken = True
    rotated.wait(timedelta(minutes=8))
    rotated.folder.is_broken = False
    rotated.wait(timedelta(minutes=4))  # reads only now who signs
    waits = rotated.rotate().waits
    rotated.wait(LIFE + LATE)

    assert any("signed live until" in wait for wait in waits)
    assert "retired" in actions(rotated.rotate())


def test_a_retired_signer_keeps_no_private_half(rotated):
    rotated.wait(LIFE + LATE + SOON)
    rotated.rotate()

    assert "d" not in rotated.folder.load()[0].jwk


def test_keys_that_were_retired_long_ago_are_erased(rotated):
    rotated.wait(LIFE + LATE + SOON)
    rotated.rotate()
    rotated.wait(KEEP_RETIRED + timedelta(seconds=1))

    assert "erased" in actions(rotated.rotate())
    assert "retired" not in rotated.states()


def test_every_step_is_audited(rotated):
    with rotated.begin() as work:
        entries = [(entry.action, entry.actor) for entry in work.audit.tail()]
    assert entries == [("keys.made", "officer"), ("keys.promoted", "officer")]


def test_the_schedule_makes_the_next_key_so_that_it_is_ready_in_time(nodes):
    nodes.wait(EVERY - AHEAD - timedelta(minutes=2))
    nodes.rotation.run()
    assert nodes.states() == ["active"]
    nodes.wait(timedelta(minutes=2))
    nodes.rotation.run()
    assert nodes.states() == ["active", "next"]
    nodes.wait(AHEAD + timedelta(minutes=1))
    nodes.rotation.run()

    assert nodes.states() == ["active", "active"]


def test_without_a_schedule_the_worker_changes_nothing(nodes):
    by_hand = nodes.worker(nodes.folder, every=timedelta(0))
    nodes.wait(10 * EVERY)
    by_hand.run()

    assert nodes.states() == ["active"]


def test_a_folder_that_lacks_a_published_key_changes_nothing(nodes):
    copy = MemoryKeys()
    copy.files = dict(nodes.folder.files)
    nodes.rotate()
    nodes.wait(timedelta(minutes=1))

    with pytest.raises(KeyRefused, match="one folder"):
        nodes.worker(copy).rotate("officer", by_hand=True)
    assert len(copy.files) == 1


def test_a_listing_that_is_older_than_the_latest_change_makes_no_second_key(nodes):
    """As a network's file system may show for half a minute, before any process has reported."""
    stale = MemoryKeys()
    stale.files = dict(nodes.folder.files)
    nodes.rotate()

    with pytest.raises(KeyRefused, match="rotation publishes"):
        nodes.worker(stale).rotate("officer", by_hand=True)


def test_processes_whose_keys_differ_raise_an_alarm(nodes):
    nodes.rotate()
    nodes.join(folder=MemoryKeys())
    nodes.wait(timedelta(minutes=3))

    with capture_logs() as logged:
        nodes.rotation.run()

    assert {line["alarm"] for line in logged} == {"key_sets_differ"}
    assert all("node-2 lacks the key" in line["reason"] for line in logged)
    assert len(logged) == 2


def test_a_worker_with_another_folder_raises_the_alarm(nodes):
    nodes.wait(EVERY)
    other = MemoryKeys("ES256")

    with capture_logs() as logged:
        nodes.worker(other).run()

    assert "this worker's key folder lacks" in str(logged)
    assert len(other.files) == 1


def test_a_broken_folder_is_an_alarm_of_the_worker(nodes):
    nodes.folder.is_broken = True

    with capture_logs() as logged:
        nodes.rotation.run()

    assert logged[0]["alarm"] == "key_store_error"


def test_many_workers_rotate_once(nodes, migrated_postgres_url):
    database = Database(migrated_postgres_url, PlainVault())
    nodes.begin = database.begin
    nodes.wait(EVERY)
    with ThreadPoolExecutor(4) as pool:
        for worker in [pool.submit(nodes.worker(nodes.folder).run) for _ in range(4)]:
            worker.result()
    database.close()

    assert nodes.states() == ["active", "next"]


def test_a_reporter_reports_until_it_is_told_to_stop(nodes):
    waits = iter([False, False, True])
    nodes.reporters[0].run_until(lambda _seconds: next(waits), 5)

    assert next(waits, None) is None


def test_a_reporter_outlives_the_database(nodes):
    def away(**_options):
        raise DatabaseUnavailable

    reporter = KeyReporter(away, nodes.rings[0], "node-1")
    reporter.run_until(lambda _seconds: True, 5)


def test_no_verification_fails_while_four_processes_rotate_by_themselves(nodes):
    """A portal that keeps the key set for as long as it may, and every token that lives."""
    for _ in range(3):
        nodes.join()
    nodes.rotation = nodes.worker(nodes.folder, every=AHEAD + timedelta(hours=1))
    kept_until, kept, tokens, signers = nodes.clock(), {}, [], set()
    for turn in range(150):
        nodes.wait(timedelta(minutes=(2, 3, 31)[turn % 3]))
        nodes.rotation.run()
        asked, signing = nodes.rings[turn % 4], nodes.rings[(turn * 3 + 1) % 4]
        if nodes.clock() >= kept_until:
            kept = {key["kid"]: import_public(PublicJwk.parse(key)) for key in _set(asked)}
            kept_until = nodes.clock() + CACHE
        key = signing.signer(ALG)
        signers.add(key.kid)
        tokens.append((nodes.clock() + LIFE, sign({}, key, typ="JWT")))
        tokens = [(end, token) for end, token in tokens if end > nodes.clock()]
        for _, token in tokens:
            verify(token, partial(_find, kept), (ALG,))

    assert len(signers) >= 2


def _find(kept, kid, _alg):
    return kept.get(kid)


def _set(ring):
    return json.loads(json.dumps(list(ring.published())))
