"""Every public page that takes a national ID answers alike for IDs of every kind (D10).

So does the tracking of requests, for tracking numbers and phones of every kind.
"""

import pytest

from tests.web.enumeration.burning import BY_THE_GUIDE, FLOODED, TURNS, WITH_WORK
from tests.web.enumeration.comparison import seen
from tests.web.enumeration.house import House
from tests.web.enumeration.strangers import FLOWS, KINDS, LIMITS, Flow, fill, measure
from tests.web.enumeration.tracked import (
    PAIRS,
    TRACKING,
    TRACKING_PAST_THE_CODES,
    TRACKING_WITH_WORK,
    fill_pairs,
)

UNLIMITED = "[protection]\nnetwork_limits = false\nproof_of_work = false\n"


@pytest.mark.parametrize("flow", [*FLOWS, *LIMITS], ids=lambda flow: flow[-1].name)
def test_attack_E01_E02_E03_E05_a_stranger_sees_no_difference(make_hub, flow: Flow):
    answers = set()
    for kind in KINDS:
        hub = make_hub(UNLIMITED)  # counters and codes of its own
        national_id = fill(hub, 1)[kind][0]
        answers.add(tuple(seen(one) for one, _ in measure(hub, flow, national_id)))
    assert len(answers) == 1


def answers_at(house: House, flow: Flow) -> set[tuple[str, ...]]:
    """Return what the flow shows to an ID of each kind."""
    every = (house.measure(flow, ids[0]) for ids in house.ids.values())
    return {tuple(shown for shown, _ in steps) for steps in every}


@pytest.mark.parametrize("flow", WITH_WORK, ids=lambda flow: flow[0].name)
def test_attack_E01_E02_E05_nor_where_strangers_have_burnt_every_counter(burnt, flow: Flow):
    """Past every mark work is asked, alike for IDs that exist and that do not (law 3)."""
    assert len(answers_at(burnt("burnt", 1), flow)) == 1


@pytest.mark.parametrize("flow", BY_THE_GUIDE, ids=lambda flow: flow[-1].name)
def test_attack_E01_E02_nor_by_the_guide_where_the_answers_are_used_up(burnt, flow: Flow):
    assert len(answers_at(burnt("guide", 1, guide=True), flow)) == 1


def test_attack_E01_nor_where_an_account_is_flooded(burnt):
    """Turns are taken there, and so many are sold already that the price is doubled."""
    house = burnt("flooded", 1, turns=TURNS)

    (answers,) = answers_at(house, FLOODED)

    assert [one[:3] for one in answers] == ["303", "303"]


@pytest.mark.parametrize(
    ("flow", "settings", "guide"),
    [
        (TRACKING, UNLIMITED, False),
        (TRACKING, UNLIMITED, True),
        (TRACKING_PAST_THE_CODES, UNLIMITED, False),
        (TRACKING_WITH_WORK, "", False),
    ],
    ids=["tracking", "by the guide", "past the codes", "with work"],
)
def test_attack_E12_a_stranger_cannot_tell_one_tracking_number_from_another(
    make_hub, flow: Flow, settings: str, guide: bool
):
    answers = set()
    for kind in PAIRS:
        hub = make_hub(settings, guide=guide)
        number = fill_pairs(hub, 1)[kind][0]
        answers.add(tuple(seen(one) for one, _ in measure(hub, flow, number)))
    assert len(answers) == 1
