"""Every public page that takes a national ID answers alike for IDs of every kind (D10)."""

import pytest

from tests.web.enumeration.comparison import seen
from tests.web.enumeration.strangers import KINDS, LIMITS, TRIES, Try, fill, measure

UNLIMITED = "[protection]\nnetwork_limits = false\nproof_of_work = false\n"


@pytest.mark.parametrize("one", [*TRIES, *LIMITS], ids=lambda one: one.name)
def test_attack_E01_E02_E03_E05_a_stranger_sees_no_difference(make_hub, one: Try):
    answers = set()
    for kind in KINDS:
        hub = make_hub(UNLIMITED)  # counters and codes of its own
        answers.add(seen(measure(hub, one, fill(hub, 1)[kind][0])[0]))
    assert len(answers) == 1
