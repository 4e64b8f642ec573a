"""``make crowd``: writes docs/generated/crowd.md. Pytest runs it where it is named."""

import os
from collections.abc import Iterator

from tests.architecture.sources import ROOT
from tests.crowd import hour, physician, report
from tests.crowd.citizens import MUST_ARRIVE
from tests.crowd.strangers import COMPUTER, THINKS

CITIZENS = int(os.environ.get("CITIZENS") or 3000)
NEIGHBOURS = int(os.environ.get("NEIGHBOURS") or 20)
ELSEWHERE = int(os.environ.get("ELSEWHERE") or 200)
SIZE = hour.Size(CITIZENS, NEIGHBOURS, ELSEWHERE)
HOURS_OF_HERS = (1, 9, 17)
REPORT = ROOT / "docs" / "generated" / "crowd.md"


def test_take_the_report(make_hub):
    town = hour.take_place(make_hub, SIZE)
    day = physician.take_place(make_hub, SIZE, HOURS_OF_HERS)
    lines = [*_head(), *report.of_hour(town, SIZE), "", *report.of_day(day)]
    lines += ["", *report.of_what_is_left()]
    REPORT.write_text("\n".join(lines) + "\n", "utf-8")
    late = [c for c in town.citizens if c.wish in MUST_ARRIVE and c.has_script]
    assert [c.number for c in late if c.arrived_at is None] == []
    assert [(one.hour, one.device) for one in day.sign_ins if one.seconds is None] == []
    answered = town.statuses + day.statuses
    assert answered[429] + answered[503] == 0


def _head() -> Iterator[str]:
    shortest, longest = THINKS
    yield "# A crowd behind one address, and strangers among it"
    yield ""
    yield f"`make crowd CITIZENS={CITIZENS} NEIGHBOURS={NEIGHBOURS} ELSEWHERE={ELSEWHERE}`: the hub"
    yield f"with the limits that it ships with, in one process. {CITIZENS} citizens behind one IPv4"
    yield f"address come within an hour. {NEIGHBOURS} strangers behind the same address and"
    yield f"{ELSEWHERE} on networks of their own guess passwords and codes of theirs, and begin"
    yield "recoveries and registrations for their IDs and phones, half of all that against every"
    yield "tenth citizen. A fourth of what strangers send they leave lying in the queue of tickets."
    yield f"A stranger acts every {shortest:.0f} to {longest:.0f} seconds and computes like a"
    yield f"mid-range phone, each tenth {COMPUTER:.0f} times as fast. Time is simulated, work is"
    yield "counted and not computed, and hashes take no time ([flood.md](flood.md) measures"
    yield "those). One seed: the same figures each time."
    yield ""
