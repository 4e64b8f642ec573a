"""`idp portals try`: what it prints, and how it ends."""

import json

import pytest
from flask import Flask

from idp.adapters.browsers.loopback_server import serving
from tests.cli.conftest import CommandLine
from tests.free_ports import free_port
from tests.tester.careless_portal import Portal

PORTALS_FILE = """\
client_id = "my-portal"
client_name = "سامانه"
first_party = true
redirect_uris = ["http://127.0.0.1:{port}/callback"]
scope = ["openid", "profile", "email"]
id_token_signed_response_alg = "ES256"
"""
FILE = """\
client_id = "my-portal"
client_name = "سامانه"
redirect_uris = ["http://127.0.0.1:{port}/callback"]
scope = ["openid"]
"""


@pytest.fixture
def administrator(tmp_path):
    # No settings of a hub are needed: the tester has its own.
    return CommandLine(tmp_path, {"IDP_CONFIG": ""})


@pytest.fixture
def tried(administrator):
    file = administrator.portals / "my-portal.toml"
    file.write_text(FILE.format(port=free_port()), "utf-8")
    own = ("--folder", administrator.folder / "tester", "--port", free_port())
    return lambda *words: administrator("portals", "try", file, *own, *words)


def told(result) -> dict[str, str]:
    return dict(line.split() for line in result.stdout.splitlines() if line)


def test_the_preparation_prints_what_the_portal_needs(tried):
    assert list(told(tried("--prepare"))) == ["issuer", "client_id", "client_secret"]


def test_the_secret_stays_the_same(tried):
    assert told(tried("--prepare")) == told(tried("--prepare"))


def test_a_portal_that_does_not_answer_ends_the_command(tried):
    done = tried("--wait", "0")
    assert (done.exit_code, "the portal does not answer" in done.stderr) == (4, True)


def test_an_unknown_case_is_wrong_use(tried):
    done = tried("--only", "no-such-case")
    assert (done.exit_code, "no-such-case" in done.stderr) == (2, True)


def test_a_wrong_client_file_is_explained(administrator, tried):
    (administrator.portals / "my-portal.toml").write_text('client_id = "my-portal"\n', "utf-8")
    done = tried("--prepare")
    assert (done.exit_code, "client_name" in done.stderr) == (2, True)


def test_the_list_names_every_case(administrator):
    listed = administrator.done("portals", "try", "--list")
    assert "alg-none" in listed
    assert "api-aud-other" in listed


def test_an_api_must_have_a_name_in_its_file(tried):
    done = tried("--prepare", "--api", "http://127.0.0.1:9/")
    assert (done.exit_code, "introspection_audience" in done.stderr) == (2, True)


def test_who_tries_an_api_as_a_portal_is_told_the_option(administrator, tried):
    file = administrator.portals / "my-portal.toml"
    file.write_text(
        'client_id = "my-portal"\nclient_name = "API"\ngrant_types = []\n'
        'introspection_audience = ["https://records.example"]\n',
        "utf-8",
    )
    done = tried("--prepare")
    assert (done.exit_code, "--api" in done.stderr) == (2, True)
    assert tried("--prepare", "--api", "http://127.0.0.1:9/").exit_code == 0


def test_a_portal_has_no_case_of_an_api(tried):
    assert tried("--only", "api-valid").exit_code == 2


@pytest.fixture
def portal(administrator):
    """A careful portal that runs, and what tries it."""
    port, hubs_port = free_port(), free_port()
    (administrator.portals / "my-portal.toml").write_text(PORTALS_FILE.format(port=port), "utf-8")
    own = ("--folder", administrator.folder / "tester", "--port", hubs_port, "--wait", "5")
    file = administrator.portals / "my-portal.toml"

    def tried(*words):
        return administrator("portals", "try", file, *own, "--only", "state-wrong", *words)

    secret = told(tried("--prepare"))["client_secret"]
    address = f"http://127.0.0.1:{port}"
    app = Portal(f"http://127.0.0.1:{hubs_port}", "my-portal", secret, f"{address}/callback").app()
    with serving(app, port):
        yield tried


def test_people_read_what_signed_in_means_each_result_and_the_sum(portal):
    done = portal()
    assert done.exit_code == 0, (done.stdout, done.stderr)
    assert "Signed in means: the page has 'Your own page'" in done.stdout
    assert "pass  state-wrong: A response with another state is refused" in done.stdout
    assert "1 passed, 0 failed" in done.stdout


def test_programs_read_one_document(portal):
    printed = portal("--json", "--marker", "Your own page").stdout
    report = json.loads(printed[printed.index("{") :])  # after the log, which tests print
    assert (report["portal"], report["accepted"]) == ("my-portal", True)
    assert [one["verdict"] for one in report["results"]] == ["pass"]


def test_a_marker_that_is_nowhere_ends_the_command(portal):
    done = portal("--marker", "no such words")
    assert (done.exit_code, "is not on the signed-in page" in done.stderr) == (4, True)


def test_the_command_waits_for_a_portal_that_starts_late(administrator, tried):
    done = tried("--wait", "1")
    assert (done.exit_code, "Waiting for the portal at" in done.stderr) == (4, True)


def test_a_port_that_is_in_use_is_told(administrator, tried):
    with serving(Flask(__name__), port := free_port()):
        done = tried("--port", port, "--prepare")
    assert (done.exit_code, f"port {port}" in done.stderr) == (4, True)


def test_each_run_leaves_only_the_keys_that_sign(administrator, tried):
    tried("--prepare")
    keys = sorted((administrator.folder / "tester" / "keys").glob("*"))
    tried("--prepare")
    assert sorted((administrator.folder / "tester" / "keys").glob("*")) == keys
