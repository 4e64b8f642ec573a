"""The systemd units of config/deploy: what systemd itself says of their hardening."""

import subprocess

import pytest

from tests.architecture.sources import ROOT

UNITS = {
    "tamin-account.service": "tamin-account.service",
    "tamin-account-worker@.service": "tamin-account-worker@1.service",
}
"""By file, the name of a unit that can be looked at: a template is none."""
WORST = 15
"""Tenths: systemd calls 0 to 20 OK. What is left is the network, which the hub needs."""


@pytest.mark.parametrize("file", UNITS)
def test_a_unit_exposes_little(file: str, tmp_path, record_property):
    unit = tmp_path / UNITS[file]
    unit.write_text((ROOT / "config" / "deploy" / file).read_text("utf-8"), "utf-8")
    command = ["systemd-analyze", "security", "--offline=true", f"--threshold={WORST}", str(unit)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("systemd-analyze is not installed")
    if "offline" in done.stderr:
        pytest.skip("systemd-analyze is older than 250: it knows no --offline")
    last = done.stdout.strip().splitlines()[-1]
    print(last)
    record_property("exposure", last)
    assert done.returncode == 0, last


@pytest.mark.parametrize("file", UNITS)
def test_no_exposure_is_left_that_the_hub_does_not_need(file: str):
    text = (ROOT / "config" / "deploy" / file).read_text("utf-8")
    for line in (
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "MemoryDenyWriteExecute=yes",
        "SystemCallFilter=@system-service",
        "CapabilityBoundingSet=",
        "LimitCORE=0",
    ):
        assert line in text.splitlines()
