"""Health checks answer who asks by address, and tell details to this machine alone."""

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from werkzeug.test import Client, TestResponse

from idp import resources
from idp.app import create_app
from idp.services.upkeep.readiness import Ready
from idp.settings import load
from idp.web.pages.health_checks import HealthChecks
from tests.cli.conftest import CommandLine

WELL = Ready(database=True, migrations=True, keys=True, revision="0004")
HERE = {"REMOTE_ADDR": "127.0.0.1"}
ELSEWHERE = {"REMOTE_ADDR": "192.0.2.7"}
SLOWEST = 4.0  # seconds: a look's two, and a busy machine


def ask(path: str, found: Ready | None = WELL, method: str = "GET", **more: object) -> TestResponse:
    def app(_environ: object, start_response: Callable[..., object]) -> list[bytes]:
        start_response("200 OK", [])
        return [b"the app"]

    return Client(HealthChecks(app, lambda: found)).open(path, method=method, **more)


def test_a_process_that_answers_is_live():
    answer = ask("/health/live", None)
    assert (answer.status_code, answer.json) == (200, {"status": "live"})


def test_a_process_whose_parts_are_well_is_ready():
    answer = ask("/health/ready", environ_overrides=ELSEWHERE)
    assert (answer.status_code, answer.json) == (200, {"status": "ready"})


@pytest.mark.parametrize("found", [None, Ready(database=True, migrations=True)])
def test_another_is_not_and_says_when_to_ask_again(found):
    answer = ask("/health/ready", found, environ_overrides=ELSEWHERE)
    assert (answer.status_code, answer.json) == (503, {"status": "not_ready"})
    assert answer.headers["Retry-After"] == "5"


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", ""])
def test_this_machine_reads_the_details(peer):
    answer = ask("/health/ready", environ_overrides={"REMOTE_ADDR": peer})
    assert answer.json["checks"] == {"database": "ok", "migrations": "ok", "keys": "ok"}


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
@pytest.mark.parametrize("value", ["127.0.0.1", "192.0.2.7", ""])
def test_who_comes_through_a_proxy_of_this_machine_reads_none(header, value):
    answer = ask("/health/ready", environ_overrides=HERE, headers={header: value})
    assert answer.json == {"status": "ready"}


def test_a_head_request_gets_the_status_alone():
    answer = ask("/health/ready", None, method="HEAD")
    assert (answer.status_code, answer.data) == (503, b"")


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_nothing_is_kept_by_caches(path):
    assert ask(path).headers["Cache-Control"] == "no-store"


def test_another_method_is_refused():
    answer = ask("/health/ready", method="POST")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("path", ["/health", "/health/", "/health/live/", "/", "/alive"])
def test_every_other_path_is_the_apps(path):
    assert ask(path).data == b"the app"


@pytest.fixture(scope="module")
def command_line(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """A hub that can sign, on a database of its own."""
    made = CommandLine(tmp_path_factory.mktemp("hub"))
    made.write_settings()
    made.done("db", "upgrade")
    made.done("keys", "promote", made.done("keys", "new").split()[0])
    return made


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port where connections are taken, and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def hub(command_line: CommandLine, **variables: str) -> Client:
    """Return the visitors of a web process without a worker."""
    own = {"IDP__WORKER__EMBEDDED": "false", **variables}
    files = [resources.settings_file("development"), command_line.settings]
    return create_app(load(files, own)).test_client()


def test_a_hub_that_can_serve_is_ready_for_whoever_asks_by_address(command_line):
    answer = hub(command_line).get("/health/ready", headers={"Host": "10.1.2.3:8000"})
    assert (answer.status_code, answer.json["status"]) == (200, "ready")


def test_a_hub_without_a_key_is_not_ready(command_line, tmp_path: Path):
    answer = hub(command_line, IDP__KEYS__FOLDER=str(tmp_path / "empty")).get("/health/ready")
    assert (answer.status_code, answer.json["checks"]["keys"]) == (503, "failed")


def test_a_hub_without_its_redis_is_ready(command_line):
    answer = hub(command_line, IDP__REDIS__URL="redis://127.0.0.1:1/0").get("/health/ready")
    assert (answer.status_code, answer.json["checks"]["redis"]) == (200, "failed")


def test_a_hub_whose_database_is_away_says_so_in_time(command_line):
    client = hub(command_line, IDP__DATABASE__URL="postgresql+psycopg://nobody@127.0.0.1:1/none")
    started = time.monotonic()
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json["checks"]["database"]) == (503, "failed")
    assert time.monotonic() - started < SLOWEST


def test_a_hub_whose_database_hangs_says_so_in_time(command_line, silent_port):
    url = f"postgresql+psycopg://nobody@127.0.0.1:{silent_port}/none"
    client = hub(command_line, IDP__DATABASE__URL=url)
    started = time.monotonic()
    assert client.get("/health/ready").status_code == 503
    assert time.monotonic() - started < SLOWEST


def test_a_hub_whose_connections_are_used_up_still_answers(command_line):
    # The clock of development asks the database, too.
    one = {"IDP__DATABASE__POOL_SIZE": "1", "IDP__PAGES__MOVABLE_CLOCK": "false"}
    client = hub(command_line, **one)
    begin = client.application.extensions["idp"].begin
    with begin(), begin(read_only=True) as work:
        work.outbox.waiting()
        assert client.get("/health/ready").status_code == 200
