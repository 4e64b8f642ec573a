"""A socket that systemd opened for this process (sd_listen_fds(3))."""

import os

import pytest

from idp.adapters.passed_socket import passed_socket


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"LISTEN_PID": "1", "LISTEN_FDS": "1"},
        {"LISTEN_PID": str(os.getpid())},
        {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "2"},
    ],
)
def test_what_was_passed_to_nobody_or_to_another_is_not_taken(variables, monkeypatch):
    for name in ("LISTEN_PID", "LISTEN_FDS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert passed_socket() is None
