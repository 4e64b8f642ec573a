"""A few minutes of what ``make crowd`` measures of thousands in an hour."""

import pytest

from tests.crowd import hour, physician, report
from tests.crowd.citizens import MUST_ARRIVE, OF_KNOWN_DEVICES
from tests.crowd.hour import Size


@pytest.mark.slow
def test_no_stranger_keeps_out_who_has_a_known_device_or_password_and_phone(make_hub):
    size = Size(citizens=40, neighbours=2, elsewhere=3, within=200.0)
    town = hour.take_place(make_hub, size)
    ours = [one for one in town.citizens if one.wish in MUST_ARRIVE and one.has_script]
    kept_out = [one.number for one in ours if one.arrived_at is None]
    made_to_work = [
        one.number for one in ours if one.wish in OF_KNOWN_DEVICES and one.visitor.spent.works
    ]
    refused = town.statuses[429] + town.statuses[503]
    assert (kept_out, made_to_work, refused) == ([], [], 0)


@pytest.mark.slow
def test_a_physician_signs_in_on_both_devices_while_strangers_guess(make_hub):
    size = Size(citizens=0, neighbours=1, elsewhere=4)
    day = physician.take_place(make_hub, size, hours=(1,), before=120.0)
    kept_out = [one.device for one in day.sign_ins if one.seconds is None]
    assert (kept_out, day.statuses[429] + day.statuses[503]) == ([], 0)


@pytest.mark.slow
def test_one_seed_gives_the_same_day_each_time(make_hub):
    size = Size(citizens=0, neighbours=1, elsewhere=0)
    days = [physician.take_place(make_hub, size, hours=(1,), before=20.0) for _ in range(2)]
    first, second = (list(report.of_day(day)) for day in days)
    assert first == second


@pytest.mark.slow
def test_one_seed_gives_the_same_hour_each_time(make_hub):
    size = Size(citizens=6, neighbours=1, elsewhere=0, within=60.0)
    hours = [hour.take_place(make_hub, size) for _ in range(2)]
    first, second = (list(report.of_hour(one, size)) for one in hours)
    assert first == second
