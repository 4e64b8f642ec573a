"""``make enumeration-report``: writes docs/generated/enumeration.md.

Pytest runs it where it is named.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from random import Random

import pytest

from tests.web.enumeration.burning import (
    BY_THE_GUIDE,
    FLOODED,
    FLOODED_BY_THE_GUIDE,
    RECOVERING_BY_THE_GUIDE,
    TURNS,
    WITH_WORK,
    WRONG_PASSWORDS,
    burn,
)
from tests.web.enumeration.costs import REAL, SMALL, UNLIMITED, house_of_two_costs
from tests.web.enumeration.house import House
from tests.web.enumeration.owners import (
    at_home,
    device_of,
    ids_of,
    session_of,
    silently,
    unreviewed_portal,
)
from tests.web.enumeration.report import leaks, table, write
from tests.web.enumeration.strangers import (
    FLOWS,
    RECOVERING,
    REGISTERING,
    SIGNING_IN,
    Step,
    fill,
    without_questions,
)
from tests.web.enumeration.tracked import PAIRS, TRACKING, fill_pairs

SAMPLES = int(os.environ.get("SAMPLES", "2000"))
OF_REAL_COSTS = max(20, SAMPLES // 20)
IDS = 10
NOTICED = 0.01
"""Below this p two times are told apart, also where their medians are within 1 ms."""
ALL_IDS = chain.from_iterable
TIMED = ("unknown", "open case", "account", "suspended")
"""The others' answers are compared by test_answers_are_alike.py."""
FIRST_PAGES = (SIGNING_IN, REGISTERING[:1], RECOVERING[:1])


@pytest.fixture
def randomness() -> Random:
    return Random(int(os.environ.get("SEED", "1404")))


def _timed(house: House) -> House:
    house.ids = {kind: house.ids[kind] for kind in TIMED}
    return house


def _tries_of(kinds: Sequence[str]) -> str:
    return f"{SAMPLES} tries of each kind: {', '.join(kinds)}."


def test_nothing_burnt(hubs, randomness):
    hub, _, url = hubs("fresh", UNLIMITED)
    rows = table(_timed(House(hub, url, fill(hub))), FLOWS, SAMPLES, randomness)
    write("As it ships, nothing burnt", [_tries_of(TIMED), "", *rows])


def test_burnt_and_work_asked(burnt, randomness):
    """Past every mark work is asked, alike for IDs that exist and that do not (law 3)."""
    rows = table(_timed(burnt("burnt", IDS)), WITH_WORK, SAMPLES, randomness)
    write("As it ships, burnt, work asked", [*_about_burnt(), _tries_of(TIMED), "", *rows])


def _about_burnt() -> Iterator[str]:
    yield f"Before, strangers of the same network tried {WRONG_PASSWORDS} wrong passwords at each"
    yield "ID, asked for a recovery of each, and used up the codes of the hour and the day of each"
    yield "one's phone, by recoveries and by registrations of others. The network's marks are"
    yield "passed, too."
    yield ""


def test_flooded(burnt, randomness):
    """Where turns are taken, they are taken alike for IDs that exist and that do not."""
    house = burnt("flooded", IDS, turns=TURNS)
    rows = table(_timed(house), (FLOODED,), SAMPLES, randomness)
    write("As it ships, flooded until turns are taken", [_about_flooded(), "", *rows])


def _about_flooded() -> str:
    about = f"As above, and {TURNS} turns are sold ahead of time at each ID. "
    return about + _tries_of(TIMED)


def test_burnt_and_no_work_asked(hubs, randomness):
    """What others burnt changes neither status, bytes, cookies nor time (law 3)."""
    hub, easy, url = hubs("untold", UNLIMITED)
    ids = fill(hub, 2 * IDS)
    halves = {kind: (ids[kind][::2], ids[kind][1::2]) for kind in ("unknown", "account")}
    burn(easy, list(ALL_IDS(burnt for _, burnt in halves.values())))
    compared = {kind: untouched for kind, (untouched, _) in halves.items()}
    compared |= {f"{kind}, burnt": burnt for kind, (_, burnt) in halves.items()}
    house = House(hub, url, compared)
    house.keep()
    rows = table(house, FLOWS, SAMPLES, randomness)
    about = "Where nobody is asked for work, IDs at which strangers burnt the same as above and\n"
    about += "IDs that nobody touched are the same. " + _tries_of(list(compared))
    write("As it ships, burnt, no work asked", [about, "", *rows])


def test_owners_on_known_devices(hubs, randomness):
    hub, easy, url = hubs("owners")
    ids = ids_of(("untouched", "burnt"), first=8_200_001)
    devices = {one: device_of(easy, one) for one in ALL_IDS(ids.values())}
    burn(easy, ids["burnt"], TURNS)
    house = House(hub, url, ids)
    house.keep()
    rows = table(house, at_home(devices), SAMPLES, randomness)
    about = "Nobody is asked for work there, whatever the network and strangers did. "
    write(
        "Owners on known devices, while strangers burn what they can",
        [about + _tries_of(list(ids)), "", *rows],
    )


def test_the_guide(hubs, randomness):
    hub, _, url = hubs("guide", guide=True)
    house = House(hub, url, fill(hub, IDS), without_questions)
    rows = [*leaks(house, FIRST_PAGES, randomness), "", _tries_of(TIMED), ""]
    rows += table(_timed(house), BY_THE_GUIDE, SAMPLES, randomness)
    write("The guide to the letter (`config/guide.toml`), nothing burnt", rows)


def test_the_guide_burnt(burnt, randomness):
    house = burnt("guide", IDS, guide=True)
    rows = [*leaks(house, FIRST_PAGES, randomness), "", _tries_of(TIMED), ""]
    rows += table(_timed(house), BY_THE_GUIDE, SAMPLES, randomness)
    about = "As above; the answers to the security questions are used up as well, which strangers\n"
    about += "can do where no code comes before them."
    write("The guide to the letter, burnt", [about, "", *rows])


def test_the_guide_flooded(burnt, randomness):
    house = burnt("flooded guide", IDS, turns=TURNS, guide=True)
    rows = table(_timed(house), (FLOODED_BY_THE_GUIDE,), SAMPLES, randomness)
    write("The guide to the letter, flooded", [_about_flooded(), "", *rows])


def test_two_costs(make_hub, tmp_path, randomness):
    def measured(costs, flow, samples, *, guide=False, knows_costs=True):
        number = len(list(tmp_path.glob("costs*")))
        house = house_of_two_costs(
            make_hub, tmp_path / f"costs{number}", costs, guide=guide, knows_costs=knows_costs
        )
        return list(table(house, (flow,), samples, randomness))

    def signing_in(name):
        return (Step(f"sign-in, {name}", SIGNING_IN[0].act),)

    begins, answers = RECOVERING_BY_THE_GUIDE
    answering = (Step("", begins.act), replace(answers, name="recovery, guide"))
    small = measured(SMALL, signing_in("as it ships"), SAMPLES)
    small += measured(SMALL, signing_in("guide"), SAMPLES, guide=True)[2:]
    small += measured(SMALL, answering, SAMPLES, guide=True)[2:]
    small += measured(SMALL, signing_in("one hash alone"), SAMPLES, knows_costs=False)[2:]
    real = measured(REAL, signing_in("real costs"), OF_REAL_COSTS)[2:]
    write("With two hash costs in the database", [*_about_costs(), "", *small, *real])
    assert "**" not in "".join([*small[:-1], *real])
    assert max(_ps(small[-1])) < NOTICED, "the measurement would not notice"


def _ps(row: str) -> tuple[float, float]:
    """Return the p of the clock and that of the processor of a row."""
    cells = row.split("|")
    return float(cells[5]), float(cells[8])


def _about_costs() -> Iterator[str]:
    yield "argon2; unknown IDs, accounts whose hash is older, accounts whose hash is newer. Older"
    yield f"ones cost {SMALL.old[0]} KiB and {SMALL.old[1]} pass, newer ones {SMALL.new[0]} KiB and"
    yield f"{SMALL.new[1]} ({SAMPLES} tries of each); in the last row {REAL.old[0]} KiB and"
    yield f"{REAL.old[1]} passes, {REAL.new[0]} KiB and {REAL.new[1]} ({OF_REAL_COSTS} tries of"
    yield "each). One row is of a hub that computes one hash alone, as a test of the measurement:"
    yield f"its p must be below {NOTICED}."


def test_tracking(hubs, randomness):
    hub, _, url = hubs("tracking", UNLIMITED)
    house = House(hub, url, fill_pairs(hub, IDS))
    rows = table(house, (TRACKING,), SAMPLES, randomness)
    about = "A stranger types tracking numbers with one phone. " + _tries_of(PAIRS)
    write("The tracking of requests (attack E12)", [about, "", *rows])


def test_silent_requests(hubs, randomness):
    hub, _, url = hubs("silent")
    ids = ids_of(("nobody", "somebody", "an ended session"), first=8_300_001)
    sessions = {one: session_of(hub, one) for one in ids["somebody"]}
    sessions |= {one: hub.deps.randomness.token() for one in ids["an ended session"]}
    house = House(hub, url, ids)
    house.keep()
    rows = table(house, silently(unreviewed_portal(hub), sessions), SAMPLES, randomness)
    about = "A portal that the citizen allowed nothing asks whether somebody is signed in. "
    write("A portal that asks silently (attack R16)", [about + _tries_of(list(ids)), "", *rows])
