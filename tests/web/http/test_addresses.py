"""A path has one spelling, and checking it takes no longer for an address of another form."""

import time

import pytest

from tests.web.hub import ORIGIN


def get(hub, path, written):
    """Ask for the path as a server hands it on: decoded, with the address as it was written."""
    return hub.app.test_client().get(path, base_url=ORIGIN, environ_overrides={"RAW_URI": written})


@pytest.mark.parametrize(
    "written",
    [
        "/login",
        "/login?to=//x%2f",
        "http://account.tamin.ir/login",
        "http://account.tamin.ir/login?a",
    ],
)
def test_one_spelling_of_a_path_is_answered(hub, written):
    assert get(hub, "/login", written).status_code == 200


@pytest.mark.parametrize(
    "written", ["//login", "/%2flogin", "/login%00", "/\\login", "http://account.tamin.ir//login"]
)
def test_attack_H03_another_spelling_is_not(hub, written):
    assert get(hub, "/login", written).status_code == 404


def test_a_long_address_is_checked_in_one_pass(hub):
    begun = time.process_time()
    get(hub, "/login", "/login?context=" + 300_000 * "a")
    get(hub, "/nowhere", "/" + 300_000 * "a")
    assert time.process_time() - begun < 5  # minutes, where each letter may begin a scheme
