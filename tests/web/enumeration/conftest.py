"""Hubs at which strangers have burnt what they can."""

from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import CountingRandomness
from tests.web.enumeration.burning import burn, burn_answers
from tests.web.enumeration.house import House
from tests.web.enumeration.strangers import fill, without_questions
from tests.web.hub import Hub

WITHOUT_WORK_ASKED = "[protection]\nproof_of_work = false\n"


@pytest.fixture
def hubs(make_hub: Callable[..., Hub], tmp_path: Path) -> Callable[..., tuple[Hub, Hub, str]]:
    """Return a maker of a hub, one of the same database that asks nobody for work, and its URL."""

    def make(
        name: str, extra: str = "", *, guide: bool = False, limits: str = ""
    ) -> tuple[Hub, Hub, str]:
        url = f"sqlite:///{tmp_path / name}.sqlite3"
        shared = {"url": url, "guide": guide, "randomness": CountingRandomness()}
        return (
            make_hub(extra + limits, **shared),
            make_hub(WITHOUT_WORK_ASKED + limits, **shared),
            url,
        )

    return make


@pytest.fixture
def burnt(hubs) -> Callable[..., House]:
    """Return a maker of houses whose counters strangers have burnt, for IDs of every kind.

    ``turns``: so many were sold ahead of time at each ID, which strangers flood.
    """

    def make(name: str, of_a_kind: int, *, turns: int = 0, **settings: Any) -> House:
        hub, easy, url = hubs(name, **settings)
        house = House(hub, url, fill(hub, of_a_kind), without_questions)
        ids = list(chain.from_iterable(house.ids.values()))
        burn(easy, ids, turns)
        if settings.get("guide"):
            burn_answers(easy, ids)
        house.keep()
        return house

    return make
