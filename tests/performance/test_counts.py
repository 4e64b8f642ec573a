"""What each operation says to PostgreSQL and Redis is what `EXPECTED` in counts.py says."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import servers
from tests.migrated import emptied
from tests.performance import hub
from tests.performance.counts import EXPECTED, Counts, counts_of, total
from tests.performance.hub import Place
from tests.performance.in_process import InProcess
from tests.performance.scenarios import SCENARIOS, discover

Cost = Callable[[str], Counts]
OWN_DATABASE = 128
"""Redis databases from here on are no other test's."""


@pytest.fixture(scope="module")
def place(migrated_postgres: str, server_folder: Path, run_of_the_tests: int) -> Iterator[Place]:
    """Files, rows and a cache of this file's own, for as long as its tests run."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    redis = servers.shared_redis(server_folder, run_of_the_tests)
    with tempfile.TemporaryDirectory(prefix="idp-counts-") as folder:
        yield Place(Path(folder), emptied(migrated_postgres), redis.format(OWN_DATABASE + worker))


@pytest.fixture(scope="module")
def cost(place: Place) -> Iterator[Cost]:
    """Return what tells the cost of one operation of a scenario, warmed up."""
    with (
        hub.furnished(place) as house,
        hub.overheard(place) as (seen, wires),
        hub.application(seen.settings(port=9)) as app,
    ):
        known = house.provider("http://127.0.0.1:9")
        provider = known.at(InProcess(app.wsgi_app).run(discover(known.portal)))

        def cost_of(name: str) -> Counts:
            scenario = SCENARIOS[name]
            person = house.person(scenario)
            return total(counts_of(scenario, app.wsgi_app, provider, person, wires))

        yield cost_of


def test_a_single_sign_on_says_no_more_than_is_written_down(cost: Cost):
    assert cost("single_sign_on") == EXPECTED["single_sign_on"]


def test_a_refresh_says_no_more_than_is_written_down(cost: Cost):
    assert cost("refresh") == EXPECTED["refresh"]


def test_a_services_token_asks_no_store(cost: Cost):
    assert cost("client_credentials") == EXPECTED["client_credentials"]


def test_userinfo_says_no_more_than_is_written_down(cost: Cost):
    assert cost("userinfo") == EXPECTED["userinfo"]


def test_an_introspection_says_no_more_than_is_written_down(cost: Cost):
    assert cost("introspection") == EXPECTED["introspection"]


def test_the_metadata_asks_no_store(cost: Cost):
    assert cost("discovery") == EXPECTED["discovery"]


def test_the_keys_ask_no_store(cost: Cost):
    assert cost("jwks") == EXPECTED["jwks"]


def test_a_sign_in_by_password_says_no_more_than_is_written_down(cost: Cost):
    assert cost("sign_in") == EXPECTED["sign_in"]


def test_the_page_of_step_two_says_no_more_than_is_written_down(cost: Cost):
    assert cost("step_two") == EXPECTED["step_two"]
