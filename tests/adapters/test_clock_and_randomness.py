"""Time and chance."""

import re
from datetime import UTC, timedelta
from uuid import UUID

from idp.adapters.clock import ShiftedClock, system_clock
from idp.adapters.randomness import SystemRandomness

randomness = SystemRandomness()


def test_the_time_is_aware_and_utc() -> None:
    assert system_clock().tzinfo is UTC


def test_a_shifted_clock_runs_ahead() -> None:
    ahead = ShiftedClock(lambda: 46 * 3600.0)() - system_clock()

    assert abs(ahead - timedelta(hours=46)) < timedelta(seconds=1)


def test_a_shifted_clock_asks_for_its_shift_at_every_reading() -> None:
    shifts = iter([0.0, 3600.0])
    clock = ShiftedClock(lambda: next(shifts))

    first, second = clock(), clock()

    assert second - first >= timedelta(hours=1)


def test_a_token_has_256_bits() -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", randomness.token())


def test_tokens_differ() -> None:
    assert len({randomness.token() for _ in range(1000)}) == 1000


def test_a_code_has_six_digits_zeros_included() -> None:
    codes = [randomness.code() for _ in range(500)]

    assert all(re.fullmatch("[0-9]{6}", code) for code in codes)
    assert any(code.startswith("0") for code in codes)


def test_an_identifier_is_a_random_uuid() -> None:
    assert UUID(randomness.identifier()).version == 4


def test_a_tracking_number_has_ten_digits_the_first_not_zero() -> None:
    assert all(re.fullmatch("[1-9][0-9]{9}", randomness.tracking_number()) for _ in range(200))
