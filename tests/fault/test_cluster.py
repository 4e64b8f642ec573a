"""What `make cluster` says of an event, by what clients were told; the cluster runs by itself."""

from dataclasses import replace

import pytest

from tests.fault.cluster.report import Row, Window, judged, row_of
from tests.fault.lab.ledger import Line
from tests.fault.lab.operations import Failure

WINDOW = Window(begun=100.0, mended=120.0)


def acked(op: str, at: float) -> Line:
    return Line(1, op, "citizen-1", "acked", at)


def busy(at: float, what: str = "503 POST /login") -> Failure:
    return Failure(at, 503, what, is_kind=True)


@pytest.fixture
def well() -> Row:
    lines = [acked("sign_in", at) for at in (99.0, 105.0, 112.0, 121.0)]
    return row_of("an event", WINDOW, lines, [busy(103.0), busy(124.5)])


def test_sign_ins_meanwhile_are_those_between_beginning_and_end(well: Row):
    assert well.sign_ins == [5.0, 12.0]


def test_the_longest_gap_counts_from_the_beginning_and_to_the_end(well: Row):
    assert well.gap == 8.0


def test_the_last_failure_is_told_before_the_end_and_after_it(well: Row):
    assert (well.last, well.last_after) == (3.0, 4.5)


def test_answers_that_say_when_to_come_again_break_no_promise(well: Row):
    assert judged(replace(well, health=1.0), loses_the_node=True, sign_ins_go_on=True).is_well


@pytest.mark.parametrize(
    "failure",
    [
        Failure(101.0, 0, "the connection ended", is_kind=False),
        Failure(101.0, 500, "500 GET /login", is_kind=False),
        Failure(101.0, 405, "405 POST /login", is_kind=False),
        busy(101.0, "503 GET /oauth2/jwks"),
    ],
    ids=lambda one: one.what,
)
def test_whatever_else_was_answered_breaks_one(failure: Failure):
    assert not row_of("an event", WINDOW, [acked("sign_in", 101.0)], [failure]).is_well


def test_a_wrong_password_is_none_where_its_change_got_no_answer():
    unsure = Line(2, "change_password", "citizen-1", "failed", 104.0)
    wrong = Failure(105.0, 422, "422 GET /login", is_kind=False)
    assert row_of("an event", WINDOW, [unsure], [wrong]).is_well
    assert not row_of("an event", WINDOW, [], [wrong]).is_well


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"sign_ins": []}, "nobody could sign in"),
        ({"health": None}, "health check"),
        ({"last_after": 60.0}, "after the end"),
        ({"slowest": 60.0}, "an answer took"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_an_event_must_not_do_is_said(well: Row, change: dict, says: str):
    row = replace(well, **{"health": 1.0, **change})
    (fault,) = judged(row, loses_the_node=True, sign_ins_go_on=True).faults
    assert says in fault
