"""The sample portals are accepted: `idp portals try` as a developer runs it, and real processes."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.free_ports import free_ports

ROOT = Path(__file__).resolve().parents[2]
IDP = [sys.executable, "-c", "from idp.start import main; main()"]
PORT_OF_THE_FILES = re.compile(r":800([1-4])/")
BY_ITSELF = ("iss-wrong", "iss-missing", "nonce-wrong", "alg-none", "key-other", "aud-other")
BY_ITSELF += ("expired", "at-hash-wrong", "key-rotation")
"""What the page without a server decides by scripts of its own; Chromium takes seconds a case."""
EVERY_CASE = "EVERY_CASE" in os.environ


@dataclass(frozen=True)
class Sample:
    """A sample portal or API, those that share its process, and how it is tried."""

    place: int
    beside: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    operation: str = ""
    """What is called where an API is tried; its result must be certain where it asks the hub."""


IN_CHROMIUM = ("--browser", *(f"--only={one}" for one in (() if EVERY_CASE else BY_ITSELF)))
SAMPLES = {
    "insurance-records": Sample(1),
    "electronic-copy": Sample(2),
    "pension-estimate": Sample(3, ("contributions-api",), IN_CHROMIUM),
    "contributions-api": Sample(4, operation="contributions/certificate"),
}


def trying(file: Path, port: int, *words: str) -> subprocess.Popen[str]:
    """Start the trial, which waits for the portal."""
    own = ("--port", port, "--folder", file.parent / "hub", "--json", "--strict", "--patience", "5")
    return subprocess.Popen(
        [str(word) for word in (*IDP, "portals", "try", file, *own, *words)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def secret_of(trial: subprocess.Popen[str]) -> str:
    """Return the client secret that the trial prints before it waits."""
    assert trial.stderr
    told = iter(trial.stderr.readline, "\n")  # an empty line ends the configuration
    return dict(line.split() for line in told).get("client_secret", "none")


@contextmanager
def running(names: tuple[str, ...], own: Mapping[str, str]) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "-m", "clients.portals", *names],
        cwd=ROOT,
        # A hub that hangs is given up after two seconds: a tenth of the wait of a real portal.
        env={**os.environ, **own, "PORTAL_TIMEOUT": "2"},
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=10)


def moved(folder: Path, client_id: str, hub: int) -> Path:
    """Write the client file with the portals on the ports after the hub's."""
    text = (ROOT / "clients" / f"{client_id}.toml").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("logo")]
    file = folder / f"{client_id}.toml"
    at = PORT_OF_THE_FILES.sub(lambda found: f":{hub + int(found[1])}/", "\n".join(lines))
    file.write_text(at, "utf-8")
    return file


def trial_of(folder: Path, client_id: str) -> tuple[int, dict[str, Any]]:
    """Try the portal; return the exit code and the report."""
    sample, port = SAMPLES[client_id], free_ports()
    own_port = port + sample.place
    api = ("--api", f"http://127.0.0.1:{own_port}/{sample.operation}") if sample.operation else ()
    with trying(moved(folder, client_id, port), port, *sample.words, *api) as trial:
        own = {
            "PORTAL_ISSUER": f"http://127.0.0.1:{port}",
            "PORTAL_CLIENT_SECRET": secret_of(trial),
            "PORTAL_PORT": str(own_port),
        }
        with running((client_id, *sample.beside), own):
            report, _ = trial.communicate(timeout=240)
    return trial.returncode, json.loads(report)


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("client_id", sorted(SAMPLES))
def test_a_sample_portal_is_accepted_without_a_single_failure(tmp_path, client_id):
    code, report = trial_of(tmp_path, client_id)
    assert [
        one for one in report["results"] if one["verdict"] not in {"pass", "not applicable"}
    ] == []
    assert (code, report["accepted"]) == (0, True)
