"""Every public page that takes a national ID answers alike for IDs of every kind (D10)."""

import pytest

from tests.web.enumeration.comparison import seen
from tests.web.enumeration.strangers import FLOWS, KINDS, LIMITS, Flow, fill, measure

UNLIMITED = "[protection]\nnetwork_limits = false\nproof_of_work = false\n"


@pytest.mark.parametrize("flow", [*FLOWS, *LIMITS], ids=lambda flow: flow[-1].name)
def test_attack_E01_E02_E03_E05_a_stranger_sees_no_difference(make_hub, flow: Flow):
    answers = set()
    for kind in KINDS:
        hub = make_hub(UNLIMITED)  # counters and codes of its own
        national_id = fill(hub, 1)[kind][0]
        answers.add(tuple(seen(one) for one, _ in measure(hub, flow, national_id)))
    assert len(answers) == 1
