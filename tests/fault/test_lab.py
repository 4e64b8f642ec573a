"""The fault lab of ``make faults``: two of its faults, a judge that notices, a whole list."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from random import Random

import pytest

from tests.architecture.sources import ROOT
from tests.fault.lab.clients import Load, load_of
from tests.fault.lab.faults import ELSEWHERE, FAULTS
from tests.fault.lab.judge import judge
from tests.fault.lab.ledger import Ledger
from tests.fault.lab.run import play
from tests.fault.lab.site import Site, Size, running_site
from tests.fault.lab.strikes import Scene

SHORT = ("web process killed after COMMIT", "PostgreSQL's postmaster killed")
SEED = "20260321"
TWINS = (
    "INSERT INTO refresh_tokens SELECT 'twin' || grant_id, grant_id, created_at, expires_at,"
    " NULL, NULL FROM refresh_tokens"
)
HEALTHY_WITHIN = 30.0  # seconds to health on a machine that many share


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running_site(Size(web=2, workers=1, citizens=2)) as running:
        yield running


@pytest.fixture(scope="module")
def load(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Load:
    return load_of(site, Ledger(tmp_path_factory.mktemp("lab") / "none"), SEED, count(1))


@pytest.fixture
def ledger(load: Load, tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(tmp_path / "ledger")
    load.begin(opened)
    yield opened
    opened.close()


@pytest.mark.slow
@pytest.mark.parametrize("title", SHORT)
def test_a_fault_loses_nothing_doubles_nothing_and_halves_nothing(
    site: Site, load: Load, ledger: Ledger, title: str
):
    fault = next(one for one in FAULTS if one.title == title)
    provider = load.clients[0].provider
    scene = Scene(
        site, provider, Random(SEED), seconds=0.5, around=0.7, kills=4, numbers=count(1000)
    )

    row = play(fault, scene, load, ledger, set())

    assert row.acked > 5
    assert row.is_well, row.told
    assert row.seconds < HEALTHY_WITHIN


@pytest.mark.slow
@pytest.mark.parametrize(
    ("harm", "kind", "says"),
    [
        ("DELETE FROM refresh_tokens", "lost", "the token of sign_in"),
        ("DELETE FROM clients WHERE client_id LIKE 'lab-%'", "lost", "the portal lab-"),
        ("DELETE FROM session_visits", "half", "a portal that was not visited"),
        ("UPDATE audit SET subject = 'nobody' WHERE id = 2", "half", "the audit's chain"),
        (
            TWINS,
            "twice",
            "two live ends",
        ),
    ],
)
def test_the_judge_notices(load: Load, ledger: Ledger, harm, kind, says):
    citizen, administrator = load.clients[0], load.clients[-1]
    citizen.act()
    administrator.act()
    citizen.site.postgres.run(harm.replace("%", "%%"))

    verdict = judge(citizen.site, citizen.provider, ledger.lines(), [])

    assert any(says in one for one in getattr(verdict, kind)), verdict


@pytest.mark.parametrize("place", ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_fault_that_is_tested_elsewhere_is(place: str):
    file, _, name = place.partition("::")
    assert f"def {name}" in (ROOT / file).read_text("utf-8")


def test_every_fault_of_the_document_is_played_or_tested_elsewhere():
    told = (ROOT / "docs" / "operate" / "reliability.md").read_text("utf-8")
    for fault in FAULTS:
        assert f"| {fault.id} |" in told
    for name, place in ELSEWHERE.items():
        assert f"| {name} |" in told
        assert place in told
