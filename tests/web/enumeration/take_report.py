"""``make enumeration-report``: writes docs/enumeration.md. Pytest runs it where it is named."""

import os
import platform
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import create_engine, text

from idp.adapters.machine_slots import MachineSlots
from idp.adapters.password_hashing import Argon2Hashing
from idp.adapters.stored_costs import StoredCosts
from idp.domain.national_id import NationalId
from idp.domain.questions import QUESTIONS
from idp.store.database import Database
from tests import factories
from tests.architecture.sources import ROOT
from tests.fakes import PlainVault
from tests.web.enumeration.comparison import compare, seen
from tests.web.enumeration.strangers import (
    IDS_OF_A_KIND,
    LIMITS,
    TRIES,
    Try,
    fill,
    interleaved,
    measure,
)
from tests.web.hub import Hub

SAMPLES = int(os.environ.get("SAMPLES", "2000"))
OF_LIMITS = max(20, SAMPLES // 20)
OF_COSTS = max(20, SAMPLES // 10)
OLD, NEW = (19456, 2), (32768, 3)
COSTS_HEADING = "## With two hash costs in the database"
WITHIN = 1.0
"""Milliseconds between medians that nobody measures over a network."""

SHORT_LIVED = ("counters", "ephemeral", "jobs", "step_ones", "recoveries", "codes", "once")
UNLIMITED = "[protection]\nnetwork_limits = false\nproof_of_work = false\n"
REPORT = ROOT / "docs" / "enumeration.md"


class House:
    """A hub whose counters can be emptied, with citizens of every kind."""

    def __init__(self, hub: Hub, url: str, ids: dict[str, list[str]] | None = None) -> None:
        self.hub, self._engine = hub, create_engine(url)
        self.ids = ids or fill(hub)

    def measure(self, one: Try, national_id: str) -> tuple[str, float]:
        """Return what the answer shows, and how long it took."""
        with self._engine.begin() as connection:
            for table in SHORT_LIVED:
                connection.execute(text(f"DELETE FROM {table}"))
        answer, took = measure(self.hub, one, national_id)
        return seen(answer), took


@pytest.fixture
def house(make_hub, tmp_path):
    """Return a maker of houses."""

    def make(name: str, *, guide: bool = False) -> House:
        url = f"sqlite:///{tmp_path / name}.sqlite3"
        return House(make_hub(UNLIMITED, guide=guide, url=url), url)

    return make


def test_take_the_report(house):
    chance = Random(int(os.environ.get("SEED", "1404")))
    as_it_ships = _table(house("ships"), TRIES, SAMPLES, chance)
    past = _table(house("limits"), LIMITS, OF_LIMITS, chance)
    guide = _leaks(house("guide", guide=True), chance)
    lines = [*_head(), "", "## As it ships", "", *as_it_ships, "", "## Past the limits", "", *past]
    lines += ["", "## The guide to the letter (`config/guide.toml`)", "", *guide]
    REPORT.write_text("\n".join(lines) + "\n", "utf-8")


def test_take_the_report_of_two_costs(make_hub, tmp_path):
    chance = Random(int(os.environ.get("SEED", "1404")))
    rows = {}
    for name, knows_costs in (("each cost in use", True), ("the settings' cost alone", False)):
        house = _of_two_costs(make_hub, tmp_path / str(knows_costs), knows_costs=knows_costs)
        rows[name] = list(_table(house, (replace(TRIES[0], name=name),), OF_COSTS, chance))
    report = REPORT.read_text("utf-8").partition(f"\n{COSTS_HEADING}\n")[0].rstrip()
    first, second = rows.values()
    lines = [report, "", COSTS_HEADING, "", *_about_costs(), "", *first, second[-1]]
    REPORT.write_text("\n".join(lines) + "\n", "utf-8")
    assert first[-1].endswith("equal |")
    assert second[-1].endswith("differs** |"), "the measurement would not notice"


def _of_two_costs(make_hub, folder, *, knows_costs: bool) -> House:
    """Return a hub with argon2 whose cost was raised when half of its accounts were there."""
    folder.mkdir()
    url = f"sqlite:///{folder / 'hub'}.sqlite3"
    slots = MachineSlots(folder=folder, count=1, queue=1, wait=timedelta(seconds=30))
    peppers = [("p1", b"p" * 32)]
    old = Argon2Hashing(peppers, slots, memory_kib=OLD[0], time_cost=OLD[1])
    new = Argon2Hashing(peppers, slots, memory_kib=NEW[0], time_cost=NEW[1])
    if knows_costs:
        costs = StoredCosts(lambda: Database(url, PlainVault()).hash_costs())
        new = Argon2Hashing(peppers, slots, memory_kib=NEW[0], time_cost=NEW[1], stored_costs=costs)
    hub = make_hub(UNLIMITED, url=url, hashing=new)
    ids = {"unknown": [], "old hash": [], "new hash": []}
    hashes = {"old hash": old.hash("Salam#1234"), "new hash": new.hash("Salam#1234")}
    for number in range(3 * IDS_OF_A_KIND):
        kind = list(ids)[number % 3]
        national_id = factories.with_check_digit(f"99{8_100_001 + number:07}")
        ids[kind].append(national_id)
        if kind in hashes:
            _write(hub, number, national_id, hashes[kind])
    return House(hub, url, ids)


def _write(hub: Hub, number: int, national_id: str, hashed: str) -> None:
    base = factories.account(id=f"account-{number}", national_id=NationalId(national_id))
    credentials = replace(base.credentials, password_hash=hashed)
    with hub.deps.begin() as work:
        assert work.accounts.add(replace(base, credentials=credentials))


def _about_costs() -> list[str]:
    return [
        f"The same sign-in with argon2 ({OLD[0]} KiB, {OLD[1]} passes, raised to {NEW[0]} KiB and",
        f"{NEW[1]}): unknown IDs, accounts whose hash is older, accounts whose hash is newer;",
        f"{OF_COSTS} tries of each. The second row is a hub that computes one hash alone.",
    ]


def _head() -> list[str]:
    return [
        "# What strangers learn from national IDs",
        "",
        "`make enumeration-report` tries national IDs that are unknown, have an open case, wait",
        "for the branch, have an account, are suspended or closed, in random order, at every",
        "public page that takes one. It compares every byte of the answers but one-time values",
        "(status, headers, cookies, addresses, page), and the time: equal when the smallest p of",
        "all pairs",
        "(Kolmogorov-Smirnov, corrected by Holm) is above 0.01, or all medians are within",
        f"{WITHIN:g} ms. Counters are emptied before each try, and passwords are not hashed: the",
        "hash, the same for everybody, would hide the rest.",
        "",
        f"Taken with {SAMPLES} tries of each kind ({OF_LIMITS} past the limits) on SQLite, Python",
        f"{platform.python_version()}.",
    ]


def _table(house: House, tries: tuple[Try, ...], samples: int, chance: Random) -> Iterator[str]:
    ids = house.ids
    yield "| page | answers | medians, ms | farthest, ms | p | verdict |"
    yield "|---|---|---|---|---|---|"
    for one in tries:
        answers: dict[str, set[str]] = {kind: set() for kind in ids}
        times: dict[str, list[float]] = {kind: [] for kind in ids}
        for kind, national_id in interleaved(ids, samples, chance):
            answer, took = house.measure(one, national_id)
            answers[kind].add(answer)
            times[kind].append(took)
        timing = compare(times)
        is_equal = len({frozenset(one) for one in answers.values()}) == 1
        spread = f"{min(timing.medians.values()):.2f} to {max(timing.medians.values()):.2f}"
        verdict = "equal" if is_equal and timing.is_even(WITHIN) else "**differs**"
        same = "equal bytes" if is_equal else "**other bytes**"
        numbers = f"{spread} | {timing.farthest:.2f} | {timing.p:.3f}"
        yield f"| {one.name} | {same} | {numbers} | {verdict} |"


def _without_questions(answer: str) -> str:
    """Which of the questions a decoy shows depends on the ID; that one is shown says nothing."""
    for question in QUESTIONS:
        answer = answer.replace(question.text, "<question>")
    return re.sub(r"Content-Length: [0-9]+", "", answer)


def _leaks(house: House, chance: Random) -> Iterator[str]:
    ids = house.ids
    yield "| page | who gets another answer than an unknown ID |"
    yield "|---|---|"
    for one in (TRIES[0], TRIES[1], TRIES[5]):
        answers: dict[str, set[str]] = {kind: set() for kind in ids}
        for kind, national_id in interleaved(ids, 20, chance):
            answers[kind].add(_without_questions(house.measure(one, national_id)[0]))
        told = [kind for kind in ids if answers[kind] != answers["unknown"]]
        yield f"| {one.name} | {', '.join(told) or 'nobody'} |"
