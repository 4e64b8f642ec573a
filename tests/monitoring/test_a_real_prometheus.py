"""A real Prometheus scrapes a running hub: web process and worker, rules and dashboard."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from tests.architecture.sources import ROOT
from tests.cli.conftest import CommandLine
from tests.e2e.demo import eventually
from tests.free_ports import free_port
from tests.monitoring.monitoring import FOLDER, program, queries

pytestmark = pytest.mark.slow

COMMAND = "from idp.start import main; main()"


@dataclass
class Scene:
    """The addresses of a hub, its metrics and its Prometheus."""

    hub: str
    metrics: str
    prometheus: str

    def ask(self, path: str, **query: str) -> Any:
        """Return what Prometheus' API answers."""
        return json.loads(get(f"{self.prometheus}/api/v1/{path}?{urlencode(query)}") or "{}")[
            "data"
        ]

    def value(self, query: str) -> float | None:
        """Return the first value of a query, or None while there is none."""
        found = self.ask("query", query=query)["result"]
        return float(found[0]["value"][1]) if found else None


def get(url: str) -> str | None:
    try:
        with urlopen(url, timeout=20) as answer:
            text: str = answer.read().decode()
            return text
    except URLError as error:
        if getattr(error, "code", 0) == 503:
            return None
        return None if not hasattr(error, "code") else ""


@contextmanager
def running(words: list[str], folder: Path, **variables: str) -> Iterator[None]:
    name = f"{Path(words[0]).name}-{words[-1].rpartition('/')[2]}.log"
    with (folder / name).open("wb") as log:
        process = subprocess.Popen(
            words, cwd=folder, env=os.environ | variables, stdout=log, stderr=log
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    prometheus = program("prometheus")
    folder = tmp_path_factory.mktemp("scene")
    command_line = CommandLine(folder)
    command_line.write_settings()
    command_line.done("db", "upgrade")
    command_line.done("keys", "promote", command_line.done("keys", "new").split()[0])
    ports = [free_port() for _ in range(3)]
    made = Scene(*(f"http://127.0.0.1:{port}" for port in ports))
    own = {
        "IDP_CONFIG": command_line.config,
        "IDP__SERVER__ISSUER": made.hub,
        "IDP__SERVER__BIND": made.hub.removeprefix("http://"),
        "IDP__METRICS__BIND": made.metrics.removeprefix("http://"),
        "IDP__WORKER__EMBEDDED": "false",
        "PYTHONPATH": str(ROOT),
    }
    for name in ("recording.yml", "alerts.yml"):
        (folder / name).write_text((FOLDER / name).read_text("utf-8"), "utf-8")
    config = (FOLDER / "prometheus.yml").read_text("utf-8").replace("15s", "1s")
    (folder / "prometheus.yml").write_text(
        config.replace("127.0.0.1:9464", own["IDP__METRICS__BIND"]), "utf-8"
    )
    storage = [f"--storage.tsdb.path={folder / 'tsdb'}", "--config.file=prometheus.yml"]
    listen = f"--web.listen-address={made.prometheus.removeprefix('http://')}"
    idp = [sys.executable, "-c", COMMAND]
    with ExitStack() as stack:
        stack.enter_context(running([*idp, "serve"], folder, **own))
        stack.enter_context(running([*idp, "worker"], folder, **own))
        stack.enter_context(running([prometheus, *storage, listen], folder))
        eventually(lambda: get(f"{made.hub}/health/ready"), what="the hub", seconds=60)
        eventually(lambda: get(f"{made.prometheus}/-/ready"), what="Prometheus", seconds=60)
        yield made


def test_it_scrapes_the_requests_of_a_hub(scene):
    get(f"{scene.hub}/alive")
    asked = 'sum(idp_http_requests_total{route="/alive",status="200"})'
    assert eventually(lambda: scene.value(asked), what="a sample") == 1


def test_it_scrapes_web_processes_and_workers_by_one_port(scene):
    asked = "count by (role) (idp_process_resident_memory_bytes)"
    eventually(lambda: len(scene.ask("query", query=asked)["result"]) == 2 or None, what="roles")


def test_it_reads_the_database_by_the_hub(scene):
    assert eventually(lambda: scene.value("idp_database_up"), what="a sample") == 1


def test_it_loads_the_rules_and_none_is_broken(scene):
    rules = [rule for group in scene.ask("rules")["groups"] for rule in group["rules"]]
    assert len(rules) > 20
    assert [rule["name"] for rule in rules if rule["health"] == "err"] == []


def test_a_hub_that_is_well_fires_no_alert(scene):
    assert eventually(lambda: scene.value("up"), what="a sample") == 1
    assert scene.ask("alerts")["alerts"] == []


def test_it_answers_every_query_of_the_dashboard(scene):
    for query in queries():
        assert scene.ask("query", query=query)["resultType"] in {"vector", "scalar"}
