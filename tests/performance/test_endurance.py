"""What `make endurance` says of a run, and its driver: operations begin when they are due."""

from collections import Counter
from collections.abc import Iterator
from functools import partial

import pytest

from tests.performance import load
from tests.performance.endurance import FULL, SETTINGS, plan_of
from tests.performance.endurance_report import Course, Outcome, Result
from tests.performance.phones import Phones
from tests.performance.visitor import Steps, Unexpected, Visitor, pause
from tests.simulators.http import Answer, Simulator, simulated


def course(*mebibytes: float) -> Course:
    return Course([(second * 10.0, one) for second, one in enumerate(mebibytes)])


def result(**values: object) -> Result:
    usual = {
        "rates": FULL,
        "full": FULL,
        "seconds": 600.0,
        "outcomes": {"refresh": Outcome(took=[0.01])},
        "courses": {"web process 1": course(*[100.0] * 60)},
        "used": 0.5,
        "others": 0.0,
        "was_replaced": False,
        "log": Counter(),
    }
    return Result(**(usual | values))


def test_a_flat_run_without_errors_has_no_fault():
    assert result().faults == []


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"outcomes": {"refresh": Outcome(failures=Counter({"503": 2}))}}, "2 times 503"),
        ({"courses": {"web process 1": course(*[100.0] * 59, 151.0)}}, "had 151 MiB"),
        ({"courses": {"worker": course(*(100 + n / 10 for n in range(60)))}}, "36 MiB an hour"),
        ({"was_replaced": True}, "was replaced"),
        ({"log": Counter({"an alarm": 1})}, "an alarm"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_must_not_be_is_said(values: dict, says: str):
    (fault,) = result(**values).faults
    assert says in fault


def test_a_hash_that_takes_memory_for_its_moment_is_no_growth():
    """Each fifth look meets one, and the last looks meet one more often."""
    looks = [119.0 if n % 5 == 0 or (n > 50 and n % 2) else 100.0 for n in range(60)]
    assert course(*looks).an_hour == pytest.approx(0.0)


def test_a_rate_that_is_given_is_not_computed():
    plan = plan_of({"REFRESHES": "30", "MINUTES": "", "RECORD": ""})
    assert plan.rates == {"refresh": 30.0}
    assert set(SETTINGS) == set(FULL)


def test_a_phone_has_each_message_once():
    taken = [(1, "989120000001", "a"), (2, "989120000002", "b"), (1, "989120000001", "a")]
    phones = Phones(taken)
    assert phones.texts("09120000001") == ["a"]
    taken.append((3, "989120000001", "c"))
    assert phones.texts("09120000001") == ["a", "c"]


@pytest.fixture
def server() -> Iterator[Simulator]:
    with simulated(lambda received: Answer(200, received.path.encode())) as running:
        yield running


def asking(server: Simulator, told: list[str], *paths: str) -> Steps[None]:
    for path in paths:
        if path == "pause":
            yield pause(0.05)
            continue
        try:
            answer = yield from Visitor(server.url).get("page", server.url + path)
        except Unexpected as error:
            told.append(str(error))
            return
        told.append(answer.body.decode())


def test_operations_begin_when_they_are_due_and_not_when_the_one_before_has_ended(
    server: Simulator,
):
    told: list[str] = []
    due = [
        (0.0, partial(asking, server, told, "pause", "/late")),
        (0.01, partial(asking, server, told, "/soon")),
    ]
    assert load.run_at(server.url, due) == 2
    assert told == ["/soon", "/late"]


def test_an_operation_without_an_answer_ends_and_others_go_on(server: Simulator):
    told: list[str] = []
    server.script("cut")
    due = [(0.05 * number, partial(asking, server, told, f"/{number}")) for number in range(3)]
    assert load.run_at(server.url, due) == 3
    assert [one for one in told if "into the answer" in one] == told[:1]
    assert told[1:] == ["/1", "/2"]
