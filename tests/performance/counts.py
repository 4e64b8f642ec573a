"""How much each operation says to PostgreSQL and Redis, exactly."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.performance.hub import Wires
from tests.performance.in_process import Application, InProcess
from tests.performance.scenarios import Person, Provider, Scenario
from tests.performance.visitor import Answer, Request
from tests.performance.wire import PostgresTally

WARM_UP = 12
"""Operations until statements are prepared and caches are full."""
COUNTED = 6
"""Of which the least counts: once in some seconds or a minute the hub looks at a clock or a row."""


class Counts(NamedTuple):
    """What one operation costs."""

    statements: int = 0
    """Without BEGIN, COMMIT and their like."""
    reading: int = 0
    """Transactions that write nothing; a look without BEGIN is none."""
    writing: int = 0
    round_trips: int = 0
    """To PostgreSQL, BEGIN and COMMIT too."""
    redis: int = 0
    """Round trips to Redis."""

    def plus(self, other: "Counts") -> "Counts":
        return Counts(*(mine + its for mine, its in zip(self, other, strict=True)))

    def minus(self, other: "Counts") -> "Counts":
        return Counts(*(mine - its for mine, its in zip(self, other, strict=True)))


# What tests/performance/test_counts.py holds. Lower a number with the change that lowers it.
EXPECTED = {
    "single_sign_on": Counts(statements=3, reading=0, writing=1, round_trips=3, redis=0),
    "refresh": Counts(statements=2, reading=0, writing=1, round_trips=2, redis=0),
    "client_credentials": Counts(statements=0, reading=0, writing=0, round_trips=0, redis=0),
    "userinfo": Counts(statements=1, reading=0, writing=0, round_trips=1, redis=0),
    "introspection": Counts(statements=1, reading=0, writing=0, round_trips=1, redis=0),
    "discovery": Counts(statements=0, reading=0, writing=0, round_trips=0, redis=0),
    "jwks": Counts(statements=0, reading=0, writing=0, round_trips=0, redis=0),
    "sign_in": Counts(statements=8, reading=0, writing=3, round_trips=10, redis=2),
    "step_two": Counts(statements=2, reading=0, writing=0, round_trips=2, redis=0),
}
ByStep = dict[str, Counts]


@dataclass
class Counting:
    """Goes around the calls of the application, and counts what each step of an operation says."""

    wires: Wires
    by_step: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))

    def __call__(self, request: Request, call: Callable[[], Answer]) -> Answer:
        before = self.now()
        answer = call()
        self.by_step[request.step] = self.by_step[request.step].plus(self.now().minus(before))
        return answer

    def now(self) -> Counts:
        self.wires.postgres.settle()
        self.wires.redis.settle()
        tally = self.wires.postgres.tally
        assert isinstance(tally, PostgresTally)
        trips = self.wires.postgres.round_trips, self.wires.redis.round_trips
        return Counts(tally.statements, tally.reading, tally.writing, *trips)

    def take(self) -> ByStep:
        taken, self.by_step = self.by_step, defaultdict(Counts)
        return dict(taken)


def counts_of(
    scenario: Scenario, application: Application, provider: Provider, person: Person, wires: Wires
) -> ByStep:
    """Return the counts of the scenario's operation, by its steps."""
    counting = Counting(wires)
    driver = InProcess(application, counting)
    driver.run(scenario.begin(provider, person))
    for _ in range(WARM_UP):
        driver.run(scenario.operation(provider, person))
    counting.take()
    found = []
    for _ in range(COUNTED):
        driver.run(scenario.operation(provider, person))
        found.append(counting.take())
    return min(found, key=total)


def total(by_step: ByStep) -> Counts:
    """Return the counts of a whole operation."""
    whole = Counts()
    for counts in by_step.values():
        whole = whole.plus(counts)
    return whole
