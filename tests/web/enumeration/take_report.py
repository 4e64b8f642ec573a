"""``make enumeration-report``: writes docs/enumeration.md. Pytest runs it where it is named."""

import os
import platform
import re
from collections.abc import Iterator
from random import Random

import pytest
from sqlalchemy import create_engine, text

from idp.domain.questions import QUESTIONS
from tests.architecture.sources import ROOT
from tests.web.enumeration.comparison import compare, seen
from tests.web.enumeration.strangers import LIMITS, TRIES, Try, fill, interleaved, measure
from tests.web.hub import Hub

SAMPLES = int(os.environ.get("SAMPLES", "2000"))
OF_LIMITS = max(20, SAMPLES // 20)
WITHIN = 1.0
"""Milliseconds between medians that nobody measures over a network."""

SHORT_LIVED = ("counters", "ephemeral", "jobs", "step_ones", "recoveries", "codes", "once")
UNLIMITED = "[protection]\nnetwork_limits = false\nproof_of_work = false\n"
REPORT = ROOT / "docs" / "enumeration.md"


class House:
    """A hub whose counters can be emptied, with citizens of every kind."""

    def __init__(self, hub: Hub, url: str) -> None:
        self.hub, self._engine = hub, create_engine(url)
        self.ids = fill(hub)

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
