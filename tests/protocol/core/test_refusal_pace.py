"""How often refusals are written (attack D05)."""

import pytest

from idp.domain.clients.refusal_reasons import Reason
from idp.protocol.core.refusal_pace import MOST_WAITING, OF_ALL, OF_CLIENT, SAME_EVERY, Pace
from tests.factories import refusal
from tests.fakes import NOON

SAME = int(SAME_EVERY.total_seconds())


@pytest.fixture
def pace():
    return Pace()


def taken(pace, *refusals):
    return sum(len(pace.take(one)) for one in refusals)


def test_the_first_one_is_written_at_once(pace):
    assert pace.take(refusal()) == [refusal()]


def test_equal_ones_wait_and_are_written_together(pace):
    pace.take(refusal(at=0))
    assert taken(pace, *(refusal(at=n) for n in range(1, SAME))) == 0
    (line,) = pace.take(refusal(at=SAME))
    assert line.count == SAME


def test_what_waits_is_written_with_a_later_refusal_of_another_kind(pace):
    taken(pace, refusal(at=0), refusal(at=1))
    written = pace.take(refusal(at=SAME + 1, reason=Reason.PKCE_MISSING))
    assert [one.reason for one in written] == [Reason.PKCE_MISSING, Reason.SECRET_WRONG]


def test_strangers_cause_so_many_lines_of_a_client_in_a_minute(pace):
    kinds = [refusal(endpoint=f"e{n}") for n in range(OF_CLIENT + 5)]
    assert taken(pace, *kinds) == OF_CLIENT


def test_strangers_cause_so_many_lines_in_a_minute(pace):
    kinds = [refusal(client_id=f"c{n}") for n in range(OF_ALL + 5)]
    assert taken(pace, *kinds) == OF_ALL


def test_the_next_minute_begins_anew(pace):
    taken(pace, *(refusal(endpoint=f"e{n}") for n in range(OF_CLIENT + 5)))
    assert taken(pace, refusal(at=60, endpoint="another")) > 1


def test_authenticated_clients_do_not_wait_for_strangers(pace):
    taken(pace, *(refusal(client_id=f"c{n}") for n in range(OF_ALL + 5)))
    assert pace.take(refusal(is_proven=True))


def test_what_waits_is_bounded(pace):
    taken(pace, *(refusal(endpoint=f"e{n}") for n in range(MOST_WAITING + OF_CLIENT + 50)))
    later = [
        taken(pace, refusal(at=60 * minute, client_id=f"c{minute}")) for minute in range(1, 400)
    ]
    assert sum(later) <= MOST_WAITING + len(later)


def test_a_clock_that_went_back_stops_nothing(pace):
    pace.take(refusal(at=100))
    assert pace.take(refusal(at=0))


def test_only_so_many_unnamed_clients_are_looked_up_in_a_minute(pace):
    looks = [pace.may_look(NOON) for _ in range(OF_ALL + 1)]
    assert looks == [*[True] * OF_ALL, False]
