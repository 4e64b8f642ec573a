"""The fault lab of ``make faults``: two of its faults, a judge that notices, a whole list."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from random import Random
from typing import NamedTuple

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
    "INSERT INTO {0} SELECT 'twin' || substr(digest, 5), grant_id, created_at, expires_at,"
    " NULL, NULL FROM {0}"
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


BACK = "INSERT INTO {0} SELECT * FROM kept ON CONFLICT DO NOTHING"


class Harm(NamedTuple):
    """What is done to a table, how it is undone, and what the judge must say of it."""

    table: str
    act: str
    undo: str
    kind: str
    says: str


HARMS = [
    Harm("refresh_tokens", "DELETE FROM {0}", BACK, "lost", "the token of sign_in"),
    Harm(
        "clients", "DELETE FROM {0} WHERE client_id LIKE 'lab-%'", BACK, "lost", "the portal lab-"
    ),
    Harm("session_visits", "DELETE FROM {0}", BACK, "half", "a portal that was not visited"),
    Harm(
        "audit",
        "UPDATE {0} SET subject = 'nobody' WHERE id = 2",
        "UPDATE {0} SET subject = kept.subject FROM kept WHERE {0}.id = kept.id AND {0}.id = 2",
        "half",
        "the audit's chain",
    ),
    Harm(
        "refresh_tokens",
        TWINS,
        "DELETE FROM {0} WHERE digest LIKE 'twin%'",
        "twice",
        "two live ends",
    ),
]


@contextmanager
def damaged(site: Site, harm: Harm) -> Iterator[None]:
    """Do the harm, and undo it: the tests of this file share the database."""
    site.postgres.run(f"CREATE TABLE kept AS TABLE {harm.table}")
    try:
        site.postgres.run(harm.act.format(harm.table))
        yield
    finally:
        site.postgres.run(harm.undo.format(harm.table))
        site.postgres.run("DROP TABLE kept")


@pytest.mark.slow
@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.says)
def test_the_judge_notices(load: Load, ledger: Ledger, harm: Harm):
    citizen, administrator = load.clients[0], load.clients[-1]
    citizen.act()
    administrator.act()
    with damaged(citizen.site, harm):
        verdict = judge(citizen.site, citizen.provider, ledger.lines(), [])

    assert any(harm.says in one for one in getattr(verdict, harm.kind)), verdict


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
