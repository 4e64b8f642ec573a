"""The drill of `make leak-drill`, with few sessions."""

import pytest

from tests.performance import leak_drill

pytestmark = pytest.mark.slow


def test_everybodys_sessions_end_within_the_time_of_the_rule(capfd):
    assert leak_drill.main(sessions=100, tokens_a_second=50) == 0
    printed = capfd.readouterr().out
    assert "100 sessions ended." in printed
    assert "100 logout tokens will be sent." in printed
