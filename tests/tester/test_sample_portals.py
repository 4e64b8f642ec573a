"""The sample portals are accepted: `idp portals try` as a developer runs it, and real processes."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.deploy.deployment import free_port

ROOT = Path(__file__).resolve().parents[2]
IDP = [sys.executable, "-c", "from idp.start import main; main()"]
STANDARD = {"insurance-records": 8001, "electronic-copy": 8002}


def tried(folder: Path, file: Path, port: int, *words: str) -> subprocess.CompletedProcess[str]:
    command = [*IDP, "portals", "try", file, "--port", port, "--folder", folder / "hub", *words]
    return subprocess.run(
        [str(word) for word in command],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@contextmanager
def running(client_id: str, port: int, issuer: str, secret: str) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "-m", "clients.portals", client_id],
        cwd=ROOT,
        env={
            **os.environ,
            "PORTAL_ISSUER": issuer,
            "PORTAL_CLIENT_SECRET": secret,
            "PORTAL_PORT": str(port),
        },
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=10)


def moved(folder: Path, client_id: str, port: int) -> Path:
    """Write the client file with the portal on another port."""
    text = (ROOT / "clients" / f"{client_id}.toml").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("logo")]
    file = folder / f"{client_id}.toml"
    file.write_text("\n".join(lines).replace(f":{STANDARD[client_id]}/", f":{port}/"), "utf-8")
    return file


@pytest.mark.slow
@pytest.mark.parametrize("client_id", sorted(STANDARD))
def test_a_sample_portal_is_accepted_without_a_single_failure(tmp_path, client_id):
    port, portals_port = free_port(), free_port()
    file = moved(tmp_path, client_id, portals_port)
    told = tried(tmp_path, file, port, "--prepare").stdout.split()
    with running(
        client_id, portals_port, f"http://127.0.0.1:{port}", told[told.index("client_secret") + 1]
    ):
        done = tried(tmp_path, file, port, "--json", "--strict", "--patience", "15")
    report = json.loads(done.stdout)
    assert [
        one for one in report["results"] if one["verdict"] not in {"pass", "not applicable"}
    ] == []
    assert (done.returncode, report["accepted"]) == (0, True)
