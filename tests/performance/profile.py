"""``make profile``: what each operation says to PostgreSQL and Redis, and where its CPU goes."""

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from idp.adapters.logs import configure_logs
from idp.web.app import compile_pages
from tests.performance import hub
from tests.performance.counts import WARM_UP, ByStep, Counts, counts_of, total
from tests.performance.hub import House, Place
from tests.performance.in_process import InProcess
from tests.performance.sampling import Samples
from tests.performance.scenarios import SCENARIOS, Provider, Scenario, discover
from tests.performance.stores import fresh_place
from tests.performance.visitor import Answer, Request

ISSUER_PORT = 9  # nobody listens: the hub is called in this process
SECONDS = float(os.environ.get("SECONDS") or 3)  # of CPU for each operation's samples
COLUMNS = ("statements", "reading", "writing", "round trips", "Redis")


def main(names: list[str]) -> None:
    """Print the tables of these scenarios, or of all."""
    configure_logs()
    compile_pages()
    chosen = [SCENARIOS[name] for name in names or SCENARIOS]
    with fresh_place() as place, hub.furnished(place) as house:
        print_lines(table_of_counts(chosen, place, house))
        print_lines(table_of_cpu(chosen, place, house))


def table_of_counts(chosen: list[Scenario], place: Place, house: House) -> Iterator[str]:
    """Yield what each operation says, and each of its steps."""
    yield f"{'one operation: statements, transactions, round trips':54}{'transactions':>32}"
    yield f"{'':44}" + "".join(f"{name:>13}" for name in COLUMNS)
    with (
        hub.overheard(place) as (seen, wires),
        hub.application(seen.settings(ISSUER_PORT)) as app,
    ):
        provider = ready(InProcess(app.wsgi_app), house)
        for scenario in chosen:
            person = house.person(scenario)
            counts = counts_of(scenario, app.wsgi_app, provider, person, wires)
            yield from rows_of(scenario, counts)
    yield ""


def rows_of(scenario: Scenario, counts: ByStep) -> Iterator[str]:
    yield row(scenario.title, total(counts))
    if len(counts) > 1:
        yield from (row(f"    {step}", of_step) for step, of_step in counts.items())


def row(name: str, counts: Counts) -> str:
    return f"{name:44}" + "".join(f"{number or '-':>13}" for number in counts)


def table_of_cpu(chosen: list[Scenario], place: Place, house: House) -> Iterator[str]:
    """Yield where the CPU of this process goes; the servers' is not in it."""
    with hub.application(place.settings(ISSUER_PORT)) as app:
        provider = ready(InProcess(app.wsgi_app), house)
        for scenario in chosen:
            measured = Measured()
            driver = InProcess(app.wsgi_app, measured)
            samples, operations = sampled(driver, scenario, provider, house)
            whole = measured.cpu / operations * 1000
            yield f"{scenario.title}: {whole:.2f} ms of CPU ({operations} operations)"
            for group, share in samples.shares().items():
                yield f"    {group:20}{whole * share:9.3f} ms{share:8.1%}"
            yield ""


@dataclass
class Measured:
    """Goes around the calls of the application, and adds up their CPU seconds."""

    cpu: float = 0.0
    samples: Samples = field(default_factory=Samples)

    def __call__(self, _request: Request, call: Callable[[], Answer]) -> Answer:
        begun = time.process_time()
        with self.samples.counted():
            answer = call()
        self.cpu += time.process_time() - begun
        return answer


def sampled(
    driver: InProcess, scenario: Scenario, provider: Provider, house: House
) -> tuple[Samples, int]:
    """Sample operations for some seconds; return the samples and how many operations it were."""
    person, measured = house.person(scenario), driver.around
    assert isinstance(measured, Measured)
    driver.run(scenario.begin(provider, person))
    for _ in range(WARM_UP):
        driver.run(scenario.operation(provider, person))
    measured.cpu, operations = 0.0, 0
    with measured.samples.taken():
        while measured.cpu < SECONDS:
            driver.run(scenario.operation(provider, person))
            operations += 1
    return measured.samples, operations


def ready(driver: InProcess, house: House) -> Provider:
    """Return the hub as its visitors know it."""
    provider = house.provider(f"http://127.0.0.1:{ISSUER_PORT}")
    return provider.at(driver.run(discover(provider.portal)))


def print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
