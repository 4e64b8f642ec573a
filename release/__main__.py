"""``make release``: wheel, bill of materials and checksums in ``dist/``, of a clean checkout."""

import shutil
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

from release import sbom, wheel
from release.locked import ROOT

DIST = ROOT / "dist"


def main() -> None:
    """Build the release, and print what to sign."""
    if changed := _uncommitted():
        sys.exit(f"Commit or remove first, for a release is a commit:\n{changed}")
    seconds = sbom.epoch()
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    with tempfile.TemporaryDirectory() as folder:
        sources = Path(folder) / "sources"
        wheel.copy_sources(sources)
        built = shutil.copy(wheel.build(sources, seconds, "--wheel"), DIST)
    files = [
        Path(built),
        sbom.write(DIST, seconds),
        Path(shutil.copy(ROOT / "requirements.lock", DIST)),
    ]
    sums = "".join(f"{sha256(one.read_bytes()).hexdigest()}  {one.name}\n" for one in files)
    (DIST / "SHA256SUMS").write_text(sums, "utf-8")
    print(sums + "Sign dist/SHA256SUMS (docs/develop/releasing.md).")


def _uncommitted() -> str:
    status = ["git", "-c", f"safe.directory={ROOT}", "status", "--porcelain"]
    return subprocess.run(status, cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S603


if __name__ == "__main__":
    main()
